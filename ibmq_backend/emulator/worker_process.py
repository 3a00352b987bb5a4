"""One worker process as its parent sees it: start, one request at a time, end."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from ibmq_backend.emulator.big_json import loads, one_line

__all__ = ["WorkerDied", "WorkerProcess", "WorkerTimeout"]

_LOG = logging.getLogger(__name__)
_END_GRACE = 2.0


class WorkerDied(Exception):
    """The process ended before it replied.

    Attributes:
        reason: exit status or signal, and its last words, for a message.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WorkerTimeout(Exception):
    """The process did not reply in time."""


class WorkerProcess:
    """A running worker. Not thread-safe: one request at a time; `interrupt` may come from anywhere.

    The process is started with `subprocess`, never by forking this one or importing its main
    module again: both break user programs (a hang after Aer has run, a script run twice).

    Args:
        folders: the user's snapshot folders.
        threads: processor cores for one simulation; 0 = all.
    """

    def __init__(self, folders: Sequence[Path] = (), threads: int = 0) -> None:
        command = [
            sys.executable,
            "-P",  # a file named like a library in the user's folder must not be imported
            "-m",
            "ibmq_backend.emulator.worker",
            str(threads),
            *(str(folder) for folder in folders),
        ]
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
        )
        self._replies: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._last_words = ""
        self._ready = False
        self._readers = [
            threading.Thread(target=target, daemon=True, name=f"worker-{self.pid}-{name}")
            for name, target in (("replies", self._read_replies), ("log", self._read_log))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process.poll() is None

    def request(
        self,
        document: dict[str, Any],
        deadline: float | None = None,
        content: bytes | None = None,
    ) -> dict[str, Any]:
        """Send one request and wait for its reply, and first for the start of the process.

        Args:
            document: the request, of JSON values.
            deadline: time of `time.monotonic()` until which to wait; None = without limit.
            content: the value of `qobj` as a JSON document, if the request does not hold it.

        Raises:
            WorkerDied: if the process ended.
            WorkerTimeout: if the deadline passed; the process is then of no further use.
            ValueError: if the document holds something other than JSON values.
        """
        line = json.dumps(document, separators=(",", ":")).encode()
        if content is not None:
            line = b'%s,"qobj":%s}' % (line[:-1], one_line(content))
        line += b"\n"
        if not self._ready:
            reply = self._next(deadline)
            if "ready" not in reply:
                raise WorkerDied(str(reply.get("failed", "it could not start")))
            self._ready = True
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerDied(self._obituary()) from error
        return self._next(deadline)

    def interrupt(self) -> None:
        """End the process at once, from any thread; whoever waits for it gets `WorkerDied`."""
        self._process.kill()

    def kill(self) -> None:
        """End the process at once and collect it."""
        self._process.kill()
        self._collect()

    def close(self) -> None:
        """Let the process end by itself, or end it after two seconds."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            # What was left to write found no reader: the process has ended already.
            _LOG.debug("worker %d was gone before it was closed", self.pid)
        try:
            self._process.wait(timeout=_END_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._collect()

    def _collect(self) -> None:
        self._process.wait()
        for reader in self._readers:
            reader.join(timeout=_END_GRACE)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            try:
                stream.close()
            except OSError:
                _LOG.debug("a pipe of worker %d was broken", self.pid)

    def _next(self, deadline: float | None) -> dict[str, Any]:
        try:
            if deadline is None:
                reply = self._replies.get()
            else:
                reply = self._replies.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise WorkerTimeout from None
        if reply is None:
            raise WorkerDied(self._obituary())
        return reply

    def _obituary(self) -> str:
        status = self._process.wait()
        for reader in self._readers:
            reader.join(timeout=_END_GRACE)
        how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
        return f"{how}: {self._last_words}" if self._last_words else how

    def _read_replies(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._replies.put(loads(line))
        self._replies.put(None)

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            text = line.decode(errors="replace").rstrip()
            if text:
                self._last_words = text
                _LOG.info("worker %d: %s", self.pid, text)


def _environment() -> dict[str, str]:
    """The parent's environment, with this very package importable."""
    root = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([root, inherited] if inherited else [root])
    # Idle OpenMP threads would spin and starve the other processes of the machine.
    return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "PYTHONPATH": path}
