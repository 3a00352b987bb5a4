"""The users, projects and bookings of the emulator that the original client is run against."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

DEVICE = "ibmq_vigo"
SIMULATOR = "ibmq_qasm_simulator"
BOOKED_BY_OTHERS = "ibmq_athens"
"""A device that another user has booked for the whole run: our jobs stay in its queue."""

BOOKED_BY_US = "ibmq_rome"
OPEN = ("ibm-q", "open", "main")
COURSE = ("ibm-q-education", "uni-1", "course")
COURSE_DEVICES = ["ibmq_qasm_simulator", "ibmq_vigo"]


def _token() -> str:
    return secrets.token_hex(64)


@dataclass(frozen=True)
class Tokens:
    """API tokens.

    Attributes:
        user: of a user of both projects.
        student: of a user of the course only.
        unlicensed: of a user who has not accepted the licence.
    """

    user: str = field(default_factory=_token)
    student: str = field(default_factory=_token)
    unlicensed: str = field(default_factory=_token)


def accounts_document(tokens: Tokens) -> dict[str, Any]:
    """Return the content of the emulator's accounts file."""
    now, hour = datetime.now(UTC), timedelta(hours=1)

    def booking(user: str, backend: str, start: datetime) -> dict[str, str]:
        times = {"start": start.isoformat(), "end": (start + 2 * hour).isoformat()}
        return {"user": user, "instance": "/".join(OPEN), "backend": backend, **times}

    return {
        "open": False,
        "project": [
            {"instance": "/".join(OPEN), "default": True},
            {"instance": "/".join(COURSE), "devices": COURSE_DEVICES},
        ],
        "user": [
            {"name": "ada", "token": tokens.user},
            {"name": "grace", "token": _token()},
            {"name": "student", "token": tokens.student, "instances": ["/".join(COURSE)]},
            {"name": "new", "token": tokens.unlicensed, "license_accepted": False},
        ],
        "booking": [
            booking("grace", BOOKED_BY_OTHERS, now - hour),
            booking("ada", BOOKED_BY_US, now - hour),
            booking("ada", BOOKED_BY_US, now + 5 * hour),
        ],
    }
