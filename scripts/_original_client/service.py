"""The emulator as a process of its own, with users, projects and bookings for the session."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HELD = "ibmq_athens"
"""A device that is booked by somebody else for the whole session: our jobs stay in its queue."""

OURS = "ibmq_rome"
"""A device that is booked for us."""

OPEN = ("ibm-q", "open", "main")
COURSE = ("ibm-q-education", "uni-1", "course")
COURSE_DEVICES = ["ibmq_vigo", "ibmq_qasm_simulator"]

_START_SECONDS = 40.0
_STOP_SECONDS = 10.0
_PROBLEM_CHARACTERS = 2000


class Service:
    """An emulator on a free port of this machine, closed to unknown API tokens.

    Args:
        python: The interpreter that has the emulator.
        folder: For the database, the accounts and the log; to be removed by the caller.

    Attributes:
        url: Where to log in.
        token: The API token of a user of all projects.
        student_token: The API token of a user of the course only.
        unlicensed_token: The API token of a user who has not accepted the licence.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self.url = ""
        self.token = secrets.token_hex(64)
        self.student_token = secrets.token_hex(64)
        self.unlicensed_token = secrets.token_hex(64)
        self._python = python
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Service:
        accounts = self._folder / "accounts.json"
        accounts.touch(mode=0o600)
        accounts.write_text(json.dumps(self._accounts()), encoding="utf-8")
        log = self._folder / "service.log"
        with log.open("w", encoding="utf-8") as log_file:
            self._process = subprocess.Popen(
                [
                    *(self._python, "-m", "ibmq_backend.emulator"),
                    *("--port", "0"),
                    *("--store", str(self._folder / "jobs.sqlite")),
                    *("--accounts", str(accounts)),
                ],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log_file,
                text=True,
            )
        found = re.search(r"http://\S+/api", self._first_line())
        if found is None:
            self._stop()
            raise RuntimeError(f"the emulator did not start: {self.log()}")
        self.url = found.group()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def log(self) -> str:
        """The end of what the emulator wrote to its standard error."""
        text = (self._folder / "service.log").read_text(encoding="utf-8", errors="replace")
        return text[-_PROBLEM_CHARACTERS:]

    def _first_line(self) -> str:
        lines: list[str] = []
        stream = self._process.stdout

        def read() -> None:
            lines.append(stream.readline())
            for _ in stream:  # so that the emulator never waits for a reader
                pass

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        end = threading.Event()
        for _ in range(int(_START_SECONDS * 10)):
            if lines:
                break
            end.wait(0.1)
        return lines[0] if lines else ""

    def _stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

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
