"""Reloads the accounts file of a running server when it changes."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
from ibmq_backend.emulator.classroom.enrolment import Enrolment
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.store.database import reason_of

_log: Final = logging.getLogger(__name__)
_log.setLevel(logging.INFO)  # a change of users belongs in the log of every server
_POLL_SECONDS: Final = 1.0
_SETTLING_SECONDS: Final = 0.2
"""Time without a change after which a file is read, as some editors write in pieces."""


class Reloader:
    """Applies an accounts file whenever it changes.

    A file with an error changes nothing. The log has one line for each change and each error.

    Args:
        path: the accounts file.
        enrolment: the users of the service.
    """

    def __init__(self, path: Path, enrolment: Enrolment) -> None:
        self._path = path
        self._enrolment = enrolment
        self._seen: tuple[int, ...] | None = None
        self._problem = ""
        self._stopped = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ibmq-accounts", daemon=True)

    def start(self) -> None:
        """Start to watch the file, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop to watch the file."""
        self._stopped = True
        self._wake.set()
        self._thread.join()

    def request(self) -> None:
        """Reload the file soon, even if it has not changed; can be called in a signal handler."""
        self._seen = None
        self._wake.set()

    def check(self) -> None:
        """Reload the file if it has changed."""
        signature = self._signature()
        if signature == self._seen:
            return
        try:
            changes = self._enrolment.apply(read_accounts_file(self._path))
        except EmulatorError as error:
            self._seen = signature
            self._report(f"{error}. The users of the server have not changed.")
        except SQLAlchemyError as failure:  # the next check tries again
            self._report(f"cannot reload {self._path}: {reason_of(failure)}")
        else:
            self._seen = signature
            if self._problem and not changes:
                changes = "none"
            self._problem = ""
            if changes:
                event = {"event": "accounts", "file": str(self._path), "changes": changes}
                _log.info("%s: %s", self._path, changes, extra={"ibmq_event": event})

    def _report(self, problem: str) -> None:
        if problem != self._problem:
            _log.error("%s", problem)
        self._problem = problem

    def _run(self) -> None:
        while not self._stopped:
            if self._signature() != self._seen and self._has_settled():
                self.check()
            self._wake.wait(_POLL_SECONDS)
            self._wake.clear()

    def _has_settled(self) -> bool:
        before = self._signature()
        self._wake.wait(_SETTLING_SECONDS)
        return self._signature() == before

    def _signature(self) -> tuple[int, ...]:
        try:
            status = self._path.stat()
        except OSError:
            return ()
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
