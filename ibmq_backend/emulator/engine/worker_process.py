"""One worker process as its parent sees it: start, one request at a time, end."""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, Final

from ibmq_backend.emulator.core.big_json import one_line
from ibmq_backend.emulator.engine.json_file import copy_json
from ibmq_backend.emulator.engine.worker_isolation import isolated_command, reduced_environment
from ibmq_backend.emulator.engine.worker_limits import MAX_HEAD_BYTES, WorkerLimits

__all__ = ["Death", "WorkerDied", "WorkerProcess", "WorkerTimeout"]

_LOG = logging.getLogger(__name__)
_END_GRACE = 2.0
_MAX_LINE_BYTES: Final = MAX_HEAD_BYTES + (2 << 20)
_MAX_LOG_LINE_BYTES: Final = 10_000  # the rest of a line is left out
_LAST_WORDS: Final = 5  # lines
_PIPE_BYTES: Final = 1 << 12  # that a pipe surely holds, so that writing them waits for nobody
_NO_MEMORY: Final = re.compile(
    "bad_alloc|MemoryError|out of memory|cannot allocate|thread creation failed", re.IGNORECASE
)
_KERNEL_COUNTS: Final = Path("/proc/vmstat")
_OOM_KILLS: Final = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


class Death(Enum):
    """Why a worker process ended, as far as it can be known."""

    MEMORY = "it needed more memory than there is for it"
    PROCESSOR_TIME = "it exceeded its processor time"
    OTHER = "anything else"


class WorkerDied(Exception):
    """The process ended before it replied.

    Attributes:
        reason: exit status or signal, and its last words, for a message.
        cause: why it ended.
    """

    def __init__(self, reason: str, cause: Death = Death.OTHER) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


class WorkerTimeout(Exception):
    """The process did not reply in time."""


class WorkerProcess:
    """A running worker. Not thread-safe: one request at a time; `interrupt` may come from anywhere.

    The process is started with `subprocess`, never by forking this one or importing its main
    module again: both break user programs (a hang after Aer has run, a script run twice).

    Args:
        folders: the user's snapshot folders.
        threads: processor cores for one simulation; 0 = all.
        limits: what the process may take.
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        threads: int = 0,
        limits: WorkerLimits = WorkerLimits(),  # noqa: B008 (frozen)
    ) -> None:
        command = [
            sys.executable,
            "-P",  # a file named like a library in the user's folder must not be imported
            "-m",
            "ibmq_backend.emulator.engine.worker",
            str(threads),
            limits.to_json(),
            *(str(folder) for folder in folders),
        ]
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            isolated_command(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=reduced_environment(),
        )
        self._limits = limits
        self._replies: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._oom_kills = 0
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

        A large part of the reply is a `RawJson` in a temporary file.

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
        self._last_words.clear()
        self._oom_kills = _kernel_oom_kills()
        self._write(line, deadline)
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

    def _write(self, line: bytes, deadline: float | None) -> None:
        assert self._process.stdin is not None
        watch = None
        if deadline is not None and len(line) > _PIPE_BYTES:
            # A process that was taken over need not read.
            watch = threading.Timer(max(0.0, deadline - time.monotonic()), self.interrupt)
            watch.daemon = True
            watch.start()
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError as error:
            if deadline is not None and time.monotonic() >= deadline:
                raise WorkerTimeout from error
            raise self._death() from error
        finally:
            if watch is not None:
                watch.cancel()

    def _next(self, deadline: float | None) -> dict[str, Any]:
        try:
            if deadline is None:
                reply = self._replies.get()
            else:
                reply = self._replies.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise WorkerTimeout from None
        if reply is None:
            raise self._death()
        return reply

    def _death(self) -> WorkerDied:
        status = self._process.wait()
        for reader in self._readers:
            reader.join(timeout=_END_GRACE)
        how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
        reason = f"{how}: {self._last_words[-1]}" if self._last_words else how
        return WorkerDied(reason, self._cause_of(status) if self._ready else Death.OTHER)

    def _cause_of(self, status: int) -> Death:
        by_kernel = _is_signal(status, "SIGKILL") and _kernel_oom_kills() > self._oom_kills
        if by_kernel or any(_NO_MEMORY.search(line) for line in self._last_words):
            return Death.MEMORY
        if _is_signal(status, "SIGXCPU"):
            return Death.PROCESSOR_TIME
        return Death.OTHER

    def _read_replies(self) -> None:
        assert self._process.stdout is not None
        try:
            while (reply := self._read_reply(self._process.stdout)) is not None:
                self._replies.put(reply)
        except Exception as error:
            # A job may have taken the worker over, which can then write anything.
            _LOG.warning("the reply of worker %d cannot be read: %s", self.pid, error)
            self._process.kill()
        finally:
            self._replies.put(None)

    def _read_reply(self, replies: IO[bytes]) -> dict[str, Any] | None:
        line = replies.readline(_MAX_LINE_BYTES)
        if not line:
            return None
        reply: dict[str, Any] = json.loads(line)
        bulk = reply.pop("bulk", None)
        if bulk is not None:
            if not 0 <= bulk["size"] <= self._limits.result_bytes:
                raise ValueError(f"a result of {bulk['size']} bytes is announced")
            *parents, name = bulk["path"]
            holder = reply["result"]
            for parent in parents:
                holder = holder[parent]
            holder[name] = copy_json(replies, bulk["size"])
        return reply

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        goes_on = False
        while line := self._process.stderr.readline(_MAX_LOG_LINE_BYTES):
            text = line.decode(errors="replace").rstrip()
            if text and not goes_on:
                self._last_words.append(text)
                _LOG.info("worker %d: %s", self.pid, text)
            goes_on = not line.endswith(b"\n")


def _is_signal(status: int, name: str) -> bool:
    """Return whether a process ended by a signal, which not every system has."""
    number = getattr(signal, name, None)
    return number is not None and status == -number


def _kernel_oom_kills() -> int:
    """Return how often the kernel has ended a process for want of memory; 0 if it does not say."""
    try:
        found = _OOM_KILLS.search(_KERNEL_COUNTS.read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) if found else 0
