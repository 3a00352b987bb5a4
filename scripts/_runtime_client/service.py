"""The emulator as a process of its own, closed to unknown keys, with a device that is held."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DEVICE = "ibm_sherbrooke"
HELD = "ibm_oslo"
"""A device that is booked by somebody else for the whole session: our jobs stay in its queue."""

OPEN, PREMIUM, GERMAN = "open-instance", "premium-instance", "frankfurt-instance"

_START_SECONDS = 40.0
_STOP_SECONDS = 10.0
_PROBLEM_CHARACTERS = 2000


class Service:
    """An emulator on a free port of this machine.

    Args:
        python: The interpreter that has the emulator.
        folder: For the database, the accounts and the log; to be removed by the caller.

    Attributes:
        root: Its address without any path.
        key: The API key of a user.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self.root = ""
        self.key = secrets.token_hex(22)
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
        found = re.search(r"(http://\S+)/identity/token", self._first_line())
        if found is None:
            self._stop()
            raise RuntimeError(f"the emulator did not start: {self.log()}")
        self.root = found[1]
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
