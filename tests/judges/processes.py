"""Start and stop the emulator in a process of its own; the judges' environments do not have it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Emulator:
    """A running emulator.

    Attributes:
        root: its URL without a path.
        crn: an instance of the platform that every user may use.
    """

    root: str
    crn: str

    @property
    def api_url(self) -> str:
        """The URL at which users of the classic API log in, and the base URL of the platform."""
        return f"{self.root}/api"


@contextmanager
def running_emulator(
    folder: Path, accounts: dict[str, Any], *options: str, stderr: IO[str] | None = None
) -> Iterator[Emulator]:
    """Run an emulator on a free port of this machine.

    Args:
        folder: where the database and the accounts file are written.
        accounts: the content of the accounts file.
        *options: further options of the server.
        stderr: where its messages go; by default to pytest, which shows them with a failed test.
    """
    file = folder / "accounts.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(accounts), encoding="utf-8")
    command = [
        *(os.environ["EMULATOR_PYTHON"], "-m", "ibmq_backend.emulator", "--port", "0"),
        *("--store", str(folder / "jobs.sqlite"), "--accounts", str(file)),
    ]
    process = subprocess.Popen(
        [*command, *options], cwd=folder, stdout=subprocess.PIPE, stderr=stderr, text=True
    )
    try:
        assert process.stdout is not None
        address = re.compile(r"QISKIT_IBM_URL=(http://\S+)/api QISKIT_IBM_INSTANCE=(crn:\S+::)")
        found = next(filter(None, map(address.search, process.stdout)), None)
        assert found, "the emulator did not start"
        yield Emulator(found[1], found[2])
    finally:
        stop(process)


def stop(process: subprocess.Popen[Any]) -> None:
    """Terminate a process, and kill it if it does not end."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
