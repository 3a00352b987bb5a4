"""The user and the booking of the emulator that the official client is run against."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

DEVICE = "ibm_sherbrooke"
BOOKED_DEVICE = "ibm_oslo"
"""A device that another user has booked for the whole run: our jobs stay in its queue."""

OPEN, PREMIUM, GERMAN = "open-instance", "premium-instance", "frankfurt-instance"


def accounts_document(api_key: str) -> dict[str, Any]:
    """Return the content of the emulator's accounts file."""
    now = datetime.now(UTC)
    booking = {
        "user": "grace",
        "instance": "ibm-q/open/main",
        "backend": BOOKED_DEVICE,
        "start": (now - timedelta(hours=1)).isoformat(),
        "end": (now + timedelta(hours=2)).isoformat(),
    }
    return {
        "open": False,
        "user": [
            {"name": "ada", "token": api_key},
            {"name": "grace", "token": secrets.token_hex(22)},
        ],
        "booking": [booking],
    }
