"""The emulator as a process of its own, closed to unknown keys, with a device that is held."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from emulator_process import EmulatorProcess

DEVICE = "ibm_sherbrooke"
HELD = "ibm_oslo"
"""A device that is booked by somebody else for the whole session: our jobs stay in its queue."""

OPEN, PREMIUM, GERMAN = "open-instance", "premium-instance", "frankfurt-instance"


class Service(EmulatorProcess):
    """An emulator on a free port of this machine.

    Args:
        python: The interpreter that has the emulator.
        folder: For the database, the accounts and the log; to be removed by the caller.

    Attributes:
        key: The API key of a user.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self.key = secrets.token_hex(22)
        # The client asks for IBM's hosts, by which the emulator tells the regions apart.
        super().__init__(python, folder, self._accounts(), "--allowed-host", "*.cloud.ibm.com")

    def _accounts(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "open": False,
            "user": [
                {"name": "ada", "token": self.key},
                {"name": "grace", "token": secrets.token_hex(22)},
            ],
            "booking": [
                {
                    "user": "grace",
                    "instance": "ibm-q/open/main",
                    "backend": HELD,
                    "start": (now - timedelta(hours=1)).isoformat(),
                    "end": (now + timedelta(hours=2)).isoformat(),
                }
            ],
        }
