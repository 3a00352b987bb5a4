"""A pool of worker processes: each task gets an idle one, and one that died is replaced."""

from __future__ import annotations

import atexit
import logging
import math
import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Final

from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.engine.task import EngineError
from ibmq_backend.emulator.engine.worker_process import (
    Death,
    OutOfMemory,
    WorkerDied,
    WorkerProcess,
    WorkerTimeout,
)

__all__ = ["WorkerPool"]

_ATTEMPTS: Final = 2
_log: Final = logging.getLogger(__name__)


class WorkerPool:
    """Worker processes of one kind. All methods may be called from any thread.

    A worker starts at ``start`` or with the first task that needs it. The workers end with this
    process, however it ends.

    Args:
        size: maximum number of processes, each of which handles one task at a time.
        start_worker: starts one process.
        idle_seconds: time without tasks after which the processes end; None = they stay.
    """

    def __init__(
        self,
        size: int,
        start_worker: Callable[[], WorkerProcess],
        idle_seconds: float | None = None,
    ) -> None:
        self._start_worker = start_worker
        self._idle_seconds = idle_seconds
        self._ending: threading.Timer | None = None
        self._condition = threading.Condition()
        self._idle: list[WorkerProcess | None] = [None] * size
        self._running: dict[str, WorkerProcess | None] = {}  # job id: worker, None while waiting
        self._cancelled: set[str] = set()
        self._closed = False
        self._unregister = _close_at_exit(self)

    def start(self, count: int) -> None:
        """Begin to start some of the idle workers; returns at once."""
        with self._condition:
            self._check_open()
            first = max(0, len(self._idle) - count)  # the last ones are used first
            self._idle[first:] = [self._living(worker) for worker in self._idle[first:]]

    def exchange(
        self, request: dict[str, Any], content: RawJson, deadline: float | None
    ) -> dict[str, Any]:
        """Send a task to an idle worker and wait for its reply; see ``WorkerProcess.request``.

        A task whose worker died is tried once more, unless it exceeded a limit.

        Args:
            request: the head of the task; ``seconds`` limits the processor time of each attempt
                and is the time until the deadline by default.
            content: its content.
            deadline: time of ``time.monotonic()`` until which to wait; None = without limit.

        Raises:
            WorkerTimeout: if the deadline passed.
            OutOfMemory: if the task needed more memory than a worker may use.
            WorkerDied: if two workers died of this task.
            EngineError: if the task was cancelled, no process can be started, or the pool is
                closed.
        """
        job_id = request["job_id"]
        with self._condition:
            self._check_open()
            if job_id in self._running:
                raise EngineError(f"Job {job_id} is running already")
            self._running[job_id] = None
        try:
            return self._attempt(job_id, request, content, deadline)
        finally:
            with self._condition:
                self._running.pop(job_id, None)
                self._cancelled.discard(job_id)

    def replace_dead(self) -> int:
        """Begin to replace the idle workers that have ended; return how many there were."""
        dead = 0
        with self._condition:
            for number, worker in enumerate(self._idle):
                if worker is not None and not worker.alive:
                    worker.kill()
                    self._idle[number] = self._replacement() or worker
                    dead += 1
        return dead

    def cancel(self, job_id: str) -> bool:
        """Stop a waiting or running task; return whether there was one."""
        with self._condition:
            if job_id not in self._running:
                return False
            self._cancelled.add(job_id)
            worker = self._running[job_id]
            self._condition.notify_all()
        if worker is not None:
            worker.interrupt()
        return True

    def close(self) -> None:
        """End all workers; the pool cannot be used afterwards. May be called repeatedly."""
        with self._condition:
            if self._closed:
                return
            self._closed = True
            if self._ending is not None:
                self._ending.cancel()
            busy = [worker for worker in self._running.values() if worker is not None]
            idle = [worker for worker in self._idle if worker is not None]
            self._idle = []
            self._condition.notify_all()
        for worker in busy:
            worker.interrupt()
        for worker in idle:
            worker.close()
        self._unregister()

    def _attempt(
        self, job_id: str, request: dict[str, Any], content: RawJson, deadline: float | None
    ) -> dict[str, Any]:
        last_death: WorkerDied | None = None
        for _ in range(_ATTEMPTS):
            worker = self._acquire(job_id, deadline)
            usable = False
            head = dict(request)
            if deadline is not None:
                head.setdefault("seconds", max(1, math.ceil(deadline - time.monotonic())))
            try:
                reply = worker.request(head, content, deadline)
                usable = not reply.get("spent")
                if "out_of_memory" in reply:
                    raise OutOfMemory
                return reply
            except WorkerDied as death:
                last_death = death
                if death.cause is Death.MEMORY:
                    raise OutOfMemory from death
                if death.cause is Death.PROCESSOR_TIME:
                    raise WorkerTimeout from death
            finally:
                self._release(job_id, worker, usable)
            self._check_wanted(job_id)
            _log.warning("a worker process ended during job %s: %s", job_id, last_death.reason)
        assert last_death is not None
        raise last_death

    def _acquire(self, job_id: str, deadline: float | None) -> WorkerProcess:
        """Wait for an idle worker; waiting tasks get workers in no particular order."""
        with self._condition:
            while not self._idle:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise WorkerTimeout
                self._condition.wait(left)
                self._check_wanted(job_id)
            self._check_wanted(job_id)
            # Last in, first out: a warm worker is used before one that is still starting.
            idle = self._idle.pop()
            try:
                worker = self._living(idle)
            except (OSError, RuntimeError) as error:  # no descriptors, memory or threads left
                self._idle.append(None)
                self._condition.notify()
                raise EngineError(f"The simulator process cannot be started: {error}") from error
            self._running[job_id] = worker
            return worker

    def _release(self, job_id: str, worker: WorkerProcess, usable: bool) -> None:
        if not usable:
            worker.kill()
        with self._condition:
            self._running[job_id] = None
            if not self._closed:
                self._idle.append(worker if usable else self._replacement())
                self._end_when_idle()
                self._condition.notify()
                return
        worker.kill()

    def _end_when_idle(self) -> None:
        if self._idle_seconds is None:
            return
        if self._ending is not None:
            self._ending.cancel()
        self._ending = threading.Timer(self._idle_seconds, self._end_idle)
        self._ending.daemon = True
        self._ending.start()

    def _end_idle(self) -> None:
        with self._condition:
            idle = [worker for worker in self._idle if worker is not None]
            self._idle = [None] * len(self._idle)
        for worker in idle:
            worker.close()

    def _living(self, worker: WorkerProcess | None) -> WorkerProcess:
        if worker is not None and worker.alive:
            return worker
        if worker is not None:
            worker.kill()
        return self._start_worker()

    def _replacement(self) -> WorkerProcess | None:
        """Start a worker for the next task now; None if that is not possible yet."""
        try:
            return self._start_worker()
        except (OSError, RuntimeError):
            return None

    def _check_wanted(self, job_id: str) -> None:
        if job_id in self._cancelled:
            raise EngineError("The job was cancelled", ErrorCode.CANCELLED)
        self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The engine has been closed")


def _close_at_exit(pool: WorkerPool) -> Callable[[], None]:
    """Close a pool at interpreter exit without keeping it alive until then."""
    reference = weakref.ref(pool)
    process = os.getpid()

    def close() -> None:
        living = reference()
        # A forked child has no threads that could answer, and the workers are its parent's.
        if living is not None and os.getpid() == process:
            living.close()

    atexit.register(close)
    return lambda: atexit.unregister(close)
