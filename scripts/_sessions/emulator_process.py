"""The emulator as a process of its own, for clients that have environments of their own."""

from __future__ import annotations

import json
import queue
import re
import subprocess
import threading
from pathlib import Path
from typing import Any, Self

from ending import end

_START_SECONDS = 60.0
_PROBLEM_CHARACTERS = 2000


class EmulatorProcess:
    """An emulator on a free port of this machine.

    Args:
        python: The interpreter that has the emulator.
        folder: For the database, the accounts and the messages; to be removed by the caller.
        accounts: The document of ``--accounts``.
        *options: Further options of the server.

    Attributes:
        root: Its address without any path.
        url: Where the classic dialect logs in.
        crn: An instance of today's dialect that all users may use.
    """

    def __init__(self, python: str, folder: Path, accounts: dict[str, Any], *options: str) -> None:
        self.root = self.url = self.crn = ""
        self._log = folder / "service.log"
        file = folder / "accounts.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(accounts), encoding="utf-8")
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [
                    *(python, "-m", "ibmq_backend.emulator", "--port", "0"),
                    *("--store", str(folder / "jobs.sqlite"), "--accounts", str(file)),
                    *options,
                ],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        found = re.search(r"(http://\S+)/identity/token, instance (crn:\S+);", self._first_line())
        if found is None:
            end(self._process)
            raise RuntimeError(f"the emulator did not start: {self.said()[-_PROBLEM_CHARACTERS:]}")
        self.root, self.crn = found[1], found[2]
        self.url = f"{self.root}/api"
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)

    def said(self) -> str:
        """What it wrote to its standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _first_line(self) -> str:
        lines: queue.Queue[str] = queue.Queue()
        stream = self._process.stdout

        def read() -> None:
            lines.put(stream.readline())
            for _ in stream:  # so that the emulator never waits for a reader
                pass

        threading.Thread(target=read, daemon=True).start()
        try:
            return lines.get(timeout=_START_SECONDS)
        except queue.Empty:
            return ""
