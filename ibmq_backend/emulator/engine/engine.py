"""The simulation engine as the service sees it: a job goes in, a Result document comes out.

`ProcessEngine` runs jobs in worker processes on this machine. Aer never runs in the process of the
service, where it would block every request while it computes.
"""

from __future__ import annotations

import atexit
import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits, out_of_memory
from ibmq_backend.emulator.engine.worker_process import (
    Death,
    WorkerDied,
    WorkerProcess,
    WorkerTimeout,
)

__all__ = ["SAMPLER_TASK", "Engine", "EngineError", "JobRefused", "ProcessEngine", "Task"]

QOBJ_TASK = "qobj"
SAMPLER_TASK = "sampler"

INTERNAL = 5204
TIMED_OUT = 5201
CANCELLED = 5202
_ATTEMPTS = 2


@dataclass(frozen=True)
class Task:
    """One job for the engine.

    Attributes:
        job_id: id of the job, echoed in the result.
        device: name or alias of the device.
        qobj: the Qobj document as uploaded, or the input of a sampler; it is not changed.
        seed: seed of the simulation; None = one is drawn and reported in the result.
        content: the same as the bytes of a JSON document, where it is large: they are passed on as
            they are, which spares writing it anew.
        kind: `QOBJ_TASK` or `SAMPLER_TASK`; the result of a sampler is `document` (what the client
            gets), `shapes` (for each pub the shape of its values and the shots) and `executions`
            (the shots of each bound circuit).
    """

    job_id: str
    device: str
    qobj: dict[str, Any]
    seed: int | None = None
    kind: str = QOBJ_TASK
    content: bytes | None = None


class EngineError(Exception):
    """The engine could not run a job, through no fault of the job.

    Attributes:
        message: the reason, without a full stop at the end.
        code: error number in the manner of the service: 5201 time limit, 5202 cancelled while
            running, 5204 simulator failed, 1007 no such device.
    """

    def __init__(self, message: str, code: int = INTERNAL) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return f"{self.message}. Error code: {self.code}."


class Engine(Protocol):
    """What the service needs of an executor. All methods may be called from any thread."""

    def start(self) -> None:
        """Begin to warm up; returns at once. Calling it is optional and may be repeated."""

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job and wait for its Result document.

        Args:
            task: the job.
            timeout: seconds to wait in all, None = without limit.

        Returns:
            The document as a dictionary. Its largest part, `results` (of a sampler's `document`:
            `results` or `pub_results`), may be a `RawJson`.

        Raises:
            JobRefused: if the device would not run the job.
            EngineError: if the job could not be run.
        """

    def cancel(self, job_id: str) -> bool:
        """Stop a job; True if it was waiting or running here. Its `run` raises EngineError."""

    def close(self) -> None:
        """End all workers. Jobs still running raise EngineError."""


class ProcessEngine:
    """Runs jobs in worker processes of this machine.

    Workers start at `start` or with the first job and need about three seconds. One that dies in a
    job is replaced at once. The job is tried once more, unless it was too large for the limits.
    Workers end with this process, however it ends.

    Args:
        workers: number of processes, so of jobs at the same time; each needs about 150 MB.
        folders: the user's snapshot folders, as for `Catalog`.
        limits: what each worker may take; None = those of `WorkerLimits.for_workers`.
    """

    def __init__(
        self,
        workers: int = 1,
        folders: Sequence[Path] = (),
        limits: WorkerLimits | None = None,
    ) -> None:
        if workers < 1:
            raise ValueError(f"An engine needs at least one worker, not {workers}")
        self._limits = limits or WorkerLimits.for_workers(workers)
        self._folders = tuple(Path(folder).resolve() for folder in folders)
        self._threads = max(1, (os.cpu_count() or 1) // workers)
        self._condition = threading.Condition()
        self._idle: list[WorkerProcess | None] = [None] * workers
        self._running: dict[str, WorkerProcess | None] = {}  # job id: worker, None while waiting
        self._cancelled: set[str] = set()
        self._closed = False
        self._unregister = _close_at_exit(self)

    def start(self) -> None:
        """Begin to start all idle workers; returns at once."""
        with self._condition:
            self._check_open()
            self._idle = [self._living(worker) for worker in self._idle]

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job and wait for its Result document; see `Engine.run`.

        Raises:
            JobRefused: if the device would not run the job.
            EngineError: if the job could not be run: time limit, cancelled, worker died twice.
        """
        if timeout is not None:
            timeout = min(timeout, threading.TIMEOUT_MAX / 2)
        deadline = None if timeout is None else time.monotonic() + timeout
        request: dict[str, Any] = {
            "job_id": task.job_id,
            "kind": task.kind,
            "device": task.device,
            "seed": task.seed,
        }
        if task.content is None:
            request["qobj"] = task.qobj
        with self._condition:
            self._check_open()
            if task.job_id in self._running:
                raise EngineError(f"Job {task.job_id} is running already")
            self._running[task.job_id] = None
        try:
            return _unpack(self._attempt(task.job_id, request, task.content, deadline))
        except WorkerTimeout:
            raise EngineError(
                f"The job did not end within {timeout:g} s, the time limit; use fewer circuits, "
                "shots or qubits in one job",
                TIMED_OUT,
            ) from None
        finally:
            with self._condition:
                self._running.pop(task.job_id, None)
                self._cancelled.discard(task.job_id)

    def cancel(self, job_id: str) -> bool:
        """Stop a waiting or running job; see `Engine.cancel`."""
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
        """End all workers; the engine cannot be used afterwards. May be called repeatedly."""
        with self._condition:
            if self._closed:
                return
            self._closed = True
            busy = [worker for worker in self._running.values() if worker is not None]
            idle = [worker for worker in self._idle if worker is not None]
            self._idle = []
            self._condition.notify_all()
        for worker in busy:
            worker.interrupt()
        for worker in idle:
            worker.close()
        self._unregister()

    def __enter__(self) -> ProcessEngine:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _attempt(
        self,
        job_id: str,
        request: dict[str, Any],
        content: bytes | None,
        deadline: float | None,
    ) -> dict[str, Any]:
        reason = ""
        for _ in range(_ATTEMPTS):
            worker = self._acquire(job_id, deadline)
            usable = False
            if deadline is not None:
                request["seconds"] = max(1, math.ceil(deadline - time.monotonic()))
            try:
                reply = worker.request(request, deadline, content)
                usable = not reply.get("spent")
                return reply
            except WorkerDied as death:
                reason = death.reason
                if death.cause is Death.MEMORY:
                    raise EngineError(out_of_memory(self._limits)) from death
                if death.cause is Death.PROCESSOR_TIME:
                    raise WorkerTimeout from death
            except (TypeError, ValueError) as error:
                usable = True  # the document was refused before anything was sent
                raise EngineError(f"The job is no JSON document: {error}") from error
            finally:
                self._release(job_id, worker, usable)
            self._check_wanted(job_id)
        raise EngineError(f"The simulator process died twice while it ran this job ({reason})")

    def _acquire(self, job_id: str, deadline: float | None) -> WorkerProcess:
        """Wait for an idle worker; oldest waiters are not preferred."""
        with self._condition:
            while not self._idle:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise WorkerTimeout
                self._condition.wait(left)
                self._check_wanted(job_id)
            self._check_wanted(job_id)
            # Last in, first out: a warm worker goes before one that is still starting.
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
                self._condition.notify()
                return
        worker.kill()

    def _living(self, worker: WorkerProcess | None) -> WorkerProcess:
        if worker is not None and worker.alive:
            return worker
        if worker is not None:
            worker.kill()
        return WorkerProcess(self._folders, self._threads, self._limits)

    def _replacement(self) -> WorkerProcess | None:
        """Start a worker for the next job already; None if that has to wait until it comes."""
        try:
            return self._living(None)
        except (OSError, RuntimeError):
            return None

    def _check_wanted(self, job_id: str) -> None:
        if job_id in self._cancelled:
            raise EngineError("The job was cancelled", CANCELLED)
        self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The engine has been closed")


def _unpack(reply: dict[str, Any]) -> dict[str, Any]:
    if "result" in reply:
        result: dict[str, Any] = reply["result"]
        return result
    if "refused" in reply:
        raise JobRefused(reply["refused"]["message"], reply["refused"]["code"])
    raise EngineError(reply["error"]["message"], reply["error"]["code"])


def _close_at_exit(engine: ProcessEngine) -> Callable[[], None]:
    """Close the engine at interpreter exit without keeping it alive until then."""
    reference = weakref.ref(engine)
    process = os.getpid()

    def close() -> None:
        living = reference()
        # A forked child has no threads that could answer, and the workers are its parent's.
        if living is not None and os.getpid() == process:
            living.close()

    atexit.register(close)
    return lambda: atexit.unregister(close)
