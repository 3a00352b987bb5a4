"""The parent's side of one worker process: start, one request at a time, end."""

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
from enum import Enum
from itertools import chain
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, Final

from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine.json_file import copy_json
from ibmq_backend.emulator.engine.worker_isolation import isolated_command, reduced_environment
from ibmq_backend.emulator.engine.worker_limits import MAX_HEAD_BYTES, WorkerLimits

__all__ = ["Death", "OutOfMemory", "WorkerDied", "WorkerProcess", "WorkerTimeout"]

_LOG = logging.getLogger(__name__)
_END_GRACE = 2.0
_MAX_LINE_BYTES: Final = MAX_HEAD_BYTES + (2 << 20)
_MAX_LOG_LINE_BYTES: Final = 10_000  # the rest of a line is left out
_MAX_LOG_TAIL_LINES: Final = 5
_PIPE_BYTES: Final = 1 << 12  # every pipe buffers as much, so writing it does not block
_NO_MEMORY: Final = re.compile(
    "bad_alloc|MemoryError|out of memory|cannot allocate|thread creation failed", re.IGNORECASE
)
_KERNEL_COUNTS: Final = Path("/proc/vmstat")
_OOM_KILLS: Final = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


class Death(Enum):
    """Why a worker process ended, as far as it is known."""

    MEMORY = "it exceeded its memory"
    PROCESSOR_TIME = "it exceeded its processor time"
    NOT_STARTED = "it ended before it could read a task"
    OTHER = "another reason"


class WorkerDied(Exception):
    """The process ended before it replied.

    Attributes:
        reason: exit status or signal and the last line of its log, for a message.
        cause: why it ended.
    """

    def __init__(self, reason: str, cause: Death = Death.OTHER) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


class WorkerTimeout(Exception):
    """The process did not reply in time."""


class OutOfMemory(Exception):
    """A task needed more memory than a worker may use."""


class WorkerProcess:
    """A running worker. Not thread-safe except ``interrupt``: one request at a time.

    The process is started with ``subprocess``, never by forking this one or importing its main
    module again: both break user programs (a hang after Aer has run, a script run twice).

    Args:
        options: options of the devices.
        threads: processor cores for one simulation; 0 = all.
        limits: limits of the process.
        inspects: whether it inspects jobs; otherwise it runs them.
    """

    def __init__(
        self,
        options: DeviceOptions = DeviceOptions(),  # noqa: B008 (frozen)
        threads: int = 0,
        limits: WorkerLimits = WorkerLimits(),  # noqa: B008 (frozen)
        *,
        inspects: bool = False,
    ) -> None:
        command = [
            sys.executable,
            "-P",  # do not import files of the user's folder that are named like a library
            "-m",
            "ibmq_backend.emulator.engine.worker",
            "inspect" if inspects else "run",
            str(threads),
            limits.to_json(),
            options.to_json(),
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
        self._log_tail: deque[str] = deque(maxlen=_MAX_LOG_TAIL_LINES)
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
        """Whether the process runs."""
        return self._process.poll() is None

    def request(
        self, head: dict[str, Any], content: RawJson, deadline: float | None = None
    ) -> dict[str, Any]:
        """Send one request and wait for its reply, and first for the start of the process.

        A large part of the reply is a ``RawJson`` in a temporary file.

        Args:
            head: the request without its content and size.
            content: the data of the job, which is sent as it is, piece by piece.
            deadline: time of ``time.monotonic()`` until which to wait; None = without limit.

        Raises:
            WorkerDied: if the process ended.
            WorkerTimeout: if the deadline passed; the process is of no further use.
            OSError: if the content can no longer be read; the process is of no further use.
        """
        line = json.dumps({**head, "size": content.size}, separators=(",", ":")).encode()
        if not self._ready:
            reply = self._next(deadline)
            if "ready" not in reply:
                failure = str(reply.get("failed", "it could not start"))
                raise WorkerDied(failure, Death.NOT_STARTED)
            self._ready = True
        self._log_tail.clear()
        self._oom_kills = _kernel_oom_kills()
        self._write_all(line + b"\n", content, deadline)
        return self._next(deadline)

    def interrupt(self) -> None:
        """End the process at once, from any thread; a waiting request raises ``WorkerDied``."""
        self._process.kill()

    def kill(self) -> None:
        """End the process at once and release its resources."""
        self._process.kill()
        self._collect()

    def close(self) -> None:
        """Let the process end by itself, at once if it had no task, or within two seconds."""
        if not self._ready:  # it may be starting, and does not notice that its input ends
            self.kill()
            return
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            # Buffered data had no reader: the process has ended already.
            _LOG.debug("worker %d had ended before it was closed", self.pid)
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

    def _write_all(self, line: bytes, content: RawJson, deadline: float | None) -> None:
        watch = None
        if deadline is not None and len(line) + content.size > _PIPE_BYTES:
            # A process under the control of a hostile job may never read.
            watch = threading.Timer(max(0.0, deadline - time.monotonic()), self.interrupt)
            watch.daemon = True
            watch.start()
        try:
            for piece in chain((line,), content.pieces()):
                self._write(piece, deadline)
        finally:
            if watch is not None:
                watch.cancel()

    def _write(self, piece: bytes, deadline: float | None) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(piece)
            self._process.stdin.flush()
        except OSError as error:
            if deadline is not None and time.monotonic() >= deadline:
                raise WorkerTimeout from error
            raise self._death() from error

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
        reason = f"{how}: {self._log_tail[-1]}" if self._log_tail else how
        return WorkerDied(reason, self._cause_of(status) if self._ready else Death.NOT_STARTED)

    def _cause_of(self, status: int) -> Death:
        by_kernel = _is_signal(status, "SIGKILL") and _kernel_oom_kills() > self._oom_kills
        if by_kernel or any(_NO_MEMORY.search(line) for line in self._log_tail):
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
            # A hostile job may control the worker, which can then write anything.
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
                self._log_tail.append(text)
                _LOG.info("worker %d: %s", self.pid, text)
            goes_on = not line.endswith(b"\n")


def _is_signal(status: int, name: str) -> bool:
    """Return whether a process ended by a signal; not every system has each of them."""
    number = getattr(signal, name, None)
    return number is not None and status == -number


def _kernel_oom_kills() -> int:
    """Return how many processes the kernel has ended for lack of memory; 0 if unknown."""
    try:
        found = _OOM_KILLS.search(_KERNEL_COUNTS.read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) if found else 0
