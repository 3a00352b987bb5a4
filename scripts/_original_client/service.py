"""The emulator as a process of its own, with users, projects and bookings for the session."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from emulator_process import EmulatorProcess

HELD = "ibmq_athens"
"""A device that is booked by somebody else for the whole session: our jobs stay in its queue."""

OURS = "ibmq_rome"
"""A device that is booked for us."""

OPEN = ("ibm-q", "open", "main")
COURSE = ("ibm-q-education", "uni-1", "course")
COURSE_DEVICES = ["ibmq_vigo", "ibmq_qasm_simulator"]


class Service(EmulatorProcess):
    """An emulator on a free port of this machine, closed to unknown API tokens.

    Args:
        python: The interpreter that has the emulator.
        folder: For the database, the accounts and the log; to be removed by the caller.

    Attributes:
        token: The API token of a user of all projects.
        student_token: The API token of a user of the course only.
        unlicensed_token: The API token of a user who has not accepted the licence.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self.token = secrets.token_hex(64)
        self.student_token = secrets.token_hex(64)
        self.unlicensed_token = secrets.token_hex(64)
        super().__init__(python, folder, self._accounts())

    def _accounts(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        hour = timedelta(hours=1)

        def booking(user: str, backend: str, start: datetime) -> dict[str, str]:
            return {
                "user": user,
                "instance": "/".join(OPEN),
                "backend": backend,
                "start": start.isoformat(),
                "end": (start + 2 * hour).isoformat(),
            }

        return {
            "open": False,
            "project": [
                {"instance": "/".join(OPEN), "default": True},
                {"instance": "/".join(COURSE), "devices": COURSE_DEVICES},
            ],
            "user": [
                {"name": "ada", "token": self.token},
                {"name": "grace", "token": secrets.token_hex(64)},
                {
                    "name": "student",
                    "token": self.student_token,
                    "instances": ["/".join(COURSE)],
                },
                {"name": "new", "token": self.unlicensed_token, "license_accepted": False},
            ],
            "booking": [
                booking("grace", HELD, now - hour),
                booking("ada", OURS, now - hour),
                booking("ada", OURS, now + 5 * hour),
            ],
        }
