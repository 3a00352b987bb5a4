"""The simulation engine of the service: runs jobs and inspects them, in processes of their own.

Aer never runs in the process of the service, where it would block every request while it computes;
nor does the service parse the data of a job, which may be large and hostile.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine.task import (
    ESTIMATOR_TASK,
    PROGRAM_TASK,
    QOBJ_TASK,
    SAMPLER_TASK,
    VIEWS,
    EngineError,
    Task,
)
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits, out_of_memory
from ibmq_backend.emulator.engine.worker_pool import WorkerPool
from ibmq_backend.emulator.engine.worker_process import (
    Death,
    OutOfMemory,
    WorkerDied,
    WorkerProcess,
    WorkerTimeout,
)

__all__ = [
    "ESTIMATOR_TASK",
    "INSPECTION_CPU_SECONDS",
    "INSPECTION_SECONDS",
    "PROGRAM_TASK",
    "QOBJ_TASK",
    "SAMPLER_TASK",
    "Engine",
    "EngineError",
    "EngineHealth",
    "JobRefused",
    "ProcessEngine",
    "Task",
]

_log: Final = logging.getLogger(__name__)

INSPECTION_CPU_SECONDS: Final = 60
"""Processor time of an inspection. The largest jobs take twenty seconds."""

INSPECTION_SECONDS: Final = 180.0
"""Time limit of an inspection on a busy machine, waiting and a second attempt included."""

_INSPECTORS: Final = 4
"""One for small jobs, one for large jobs, one for large requests, one for failed runs: none waits
for another kind."""

VIEW_CPU_SECONDS: Final = 15
"""Processor time of a drawing or a summary of a result; Terra loads in two seconds."""

VIEW_SECONDS: Final = 60.0
"""Time for which somebody who opened a page waits for it, for others' drawings included."""

_VIEWER_IDLE_SECONDS: Final = 60.0
"""A process that has loaded Terra keeps 130 MB of memory."""

_INSPECTION_MEMORY_BYTES: Final = 4 << 30
_INSPECTION_RESULT_BYTES: Final = 200_000_000


@dataclass(frozen=True)
class EngineHealth:
    """Whether an engine can run jobs.

    Attributes:
        workers: number of jobs that it can run at a time now.
        problems: what keeps it from running jobs, or workers from taking part; one sentence each.
    """

    workers: int
    problems: tuple[str, ...] = ()


class Engine(Protocol):
    """The executor that the service uses. All methods may be called from any thread."""

    def start(self) -> None:
        """Begin to warm up; returns at once. Calling it is optional and may be repeated."""

    def inspect(self, task: Task) -> dict[str, Any]:
        """Parse the content of a task and check it, without running it; or prepare it for a page.

        Args:
            task: the job, or the body of a request that creates one, or the result of a job.

        Returns:
            The facts about the content; see ``ibmq_backend.emulator.engine.inspectors``. The value
            ``params`` is a ``RawJson``.

        Raises:
            JobRefused: if the content cannot be parsed, or takes more memory or time than an
                inspection may use.
            EngineError: if the content could not be inspected.
        """

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job and wait for its result.

        Args:
            task: the job.
            timeout: seconds to wait in all, None = without limit.

        Returns:
            The Result document of a Qobj. For a program ``document`` (what the client downloads)
            and ``executions`` (the shots of each circuit), for a sampler also ``shapes`` (for each
            pub the shape of its values and the shots). The largest part, ``results`` or
            ``pub_results``, may be a ``RawJson``.

        Raises:
            JobRefused: if the device would not run the job.
            EngineError: if the job could not be run: time or memory limit, cancelled, two workers
                died, no process can be started, or the engine is closed.
        """

    def cancel(self, job_id: str) -> bool:
        """Stop a job, so that its ``run`` raises EngineError; return whether it waited or ran."""

    def health(self) -> EngineHealth:
        """Return whether jobs can run, without waiting."""

    def monotonic(self) -> float:
        """Return a time in seconds that stands still while no job can run."""

    def close(self) -> None:
        """End all workers. Jobs still running raise EngineError."""


class ProcessEngine:
    """Runs and inspects jobs in worker processes of this machine.

    Simulators start at ``start`` or with the first job and need three seconds and 150 MB each.
    Inspectors need half a second and 25 MB; there are up to four, started when needed. One more
    prepares drawings and results for pages, so that they delay no job; it ends when it is idle.

    Args:
        workers: number of simulator processes, each of which runs one job at a time; with 0 the
            engine only inspects.
        options: options of the devices, as for ``Catalog``.
        limits: the limits of each process; None = those of ``WorkerLimits.for_workers``.
    """

    def __init__(
        self,
        workers: int = 1,
        options: DeviceOptions | None = None,
        limits: WorkerLimits | None = None,
    ) -> None:
        if workers < 0:
            raise ValueError(f"The number of workers is {workers}; it must not be negative")
        self._workers = workers
        self._options = options or DeviceOptions()
        self._limits = limits or WorkerLimits.for_workers(workers)
        self._inspection_limits = replace(
            self._limits,
            memory_bytes=min(self._limits.memory_bytes, _INSPECTION_MEMORY_BYTES),
            result_bytes=_INSPECTION_RESULT_BYTES,
            niceness=0,
        )
        self._threads = max(1, (os.cpu_count() or 1) // max(1, workers))
        self._simulators = WorkerPool(workers, self._start_simulator)
        self._inspectors = WorkerPool(_INSPECTORS, self._start_inspector)
        self._viewer = WorkerPool(1, self._start_inspector, _VIEWER_IDLE_SECONDS)

    def start(self) -> None:
        """Begin to start all simulators and one inspector; returns at once."""
        self._inspectors.start(1)
        self.start_simulators()

    def start_simulators(self) -> None:
        """Begin to start all simulators, without an inspector; returns at once."""
        self._simulators.start(self._workers)

    def inspect(self, task: Task) -> dict[str, Any]:
        """Parse the content of a task and check it; see ``Engine.inspect``."""
        pool, seconds, cpu_seconds, done = (
            (self._viewer, VIEW_SECONDS, VIEW_CPU_SECONDS, "shown")
            if task.kind in VIEWS
            else (self._inspectors, INSPECTION_SECONDS, INSPECTION_CPU_SECONDS, "checked")
        )
        head = {**_head(task), "seconds": cpu_seconds}
        try:
            return _unpack(pool.exchange(head, task.content, time.monotonic() + seconds))
        except WorkerTimeout:
            raise JobRefused(f"The job takes too long to be {done}", ErrorCode.SCHEMA) from None
        except OutOfMemory:
            raise JobRefused(f"The job is too large to be {done}", ErrorCode.SCHEMA) from None
        except WorkerDied as death:
            if death.cause is Death.NOT_STARTED:
                raise EngineError(f"The job could not be {done} ({death.reason})") from death
            raise JobRefused("The data of the job cannot be understood", ErrorCode.SCHEMA) from None

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job and wait for its result; see ``Engine.run``."""
        if not self._workers:
            raise EngineError("This engine has no simulators")
        if timeout is not None:
            timeout = min(timeout, threading.TIMEOUT_MAX / 2)
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            return _unpack(self._simulators.exchange(_head(task), task.content, deadline))
        except WorkerTimeout:
            message = (
                f"The job did not end within {timeout:g} s, the time limit; use fewer circuits, "
                "shots or qubits in one job"
            )
            raise EngineError(message, ErrorCode.TIMED_OUT) from None
        except OutOfMemory as error:
            raise EngineError(out_of_memory(self._limits)) from error
        except WorkerDied as death:
            raise EngineError(
                f"The simulator process died twice while it ran this job ({death.reason})"
            ) from death

    def cancel(self, job_id: str) -> bool:
        """Stop a waiting or running job; see ``Engine.cancel``."""
        return self._simulators.cancel(job_id)

    def health(self) -> EngineHealth:
        """Return the number of simulators that had not ended, and replace the others."""
        dead = self._simulators.replace_dead()
        if not dead:
            return EngineHealth(self._workers)
        problem = f"{dead} of {self._workers} simulator processes had ended and start again."
        _log.warning("%s", problem)
        return EngineHealth(self._workers - dead, (problem,))

    def monotonic(self) -> float:
        """Return ``time.monotonic()``: simulators of this machine are always there."""
        return time.monotonic()

    def close(self) -> None:
        """End all processes; the engine cannot be used afterwards. May be called repeatedly."""
        for pool in (self._simulators, self._inspectors, self._viewer):
            pool.close()

    def __enter__(self) -> ProcessEngine:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start_simulator(self) -> WorkerProcess:
        return WorkerProcess(self._options, self._threads, self._limits)

    def _start_inspector(self) -> WorkerProcess:
        return WorkerProcess(self._options, 1, self._inspection_limits, inspects=True)


def _head(task: Task) -> dict[str, Any]:
    names = ("job_id", "kind", "device", "seed", "circuit", "part")
    return {name: getattr(task, name) for name in names}


def _unpack(reply: dict[str, Any]) -> dict[str, Any]:
    if "result" in reply:
        result: dict[str, Any] = reply["result"]
        return result
    if "refused" in reply:
        raise JobRefused(reply["refused"]["message"], ErrorCode(reply["refused"]["code"]))
    raise EngineError(reply["error"]["message"], reply["error"]["code"])
