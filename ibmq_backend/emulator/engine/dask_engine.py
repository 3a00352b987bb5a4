"""The engine that runs jobs on a Dask cluster, and inspects them in processes of this machine."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import randbits
from typing import Any, Final

from distributed import Future
from distributed.scheduler import KilledWorker

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine import dask_worker
from ibmq_backend.emulator.engine.dask_cluster import NO_ANSWER, ClusterAddress, DaskCluster, Worker
from ibmq_backend.emulator.engine.engine import EngineHealth, ProcessEngine
from ibmq_backend.emulator.engine.job_parts import join_results, split_circuits
from ibmq_backend.emulator.engine.task import QOBJ_TASK, EngineError, Task

__all__ = ["DaskEngine"]

_log: Final = logging.getLogger(__name__)

START_SECONDS: Final = 10.0
"""Time in which a worker must be found at the start of a server."""

_SURVEY_SECONDS: Final = 1.0
_MAX_LOST_WORKERS: Final = 2


@dataclass
class _Run:
    """A job in the hands of this engine."""

    cancelled: bool = False
    lost: int = 0  # how often all workers that were allowed to run it have gone while one did


class DaskEngine:
    """Runs jobs on the workers of a Dask cluster. All methods may be called from any thread.

    The circuits of a job are spread over workers that would be idle otherwise. A part whose worker
    dies runs on another one. If the scheduler is lost, jobs wait until it is back.

    Args:
        address: the scheduler.
        options: options of the devices, as for ``Catalog``.
        result_bytes: size limit of a result.
    """

    def __init__(self, address: ClusterAddress, options: DeviceOptions, result_bytes: int) -> None:
        self._address = address
        self._setup = dask_worker.setup_text(options, result_bytes)
        self._result_bytes = result_bytes
        self._inspectors = ProcessEngine(0, options)
        self._changed = threading.Condition()
        self._survey_asked = threading.Event()
        self._cluster: DaskCluster | None = None
        self._workers: list[Worker] = []
        self._surveys = 0
        self._problem: str | None = None
        self._unused: dict[str, str] = {}
        self._away_since: float | None = time.monotonic()
        self._away_seconds = 0.0
        self._running: dict[str, _Run] = {}
        self._closed = False
        self._keeper = threading.Thread(target=self._keep, name="ibmq-dask", daemon=True)

    def connect(self) -> int:
        """Connect to the cluster and check its workers.

        Returns:
            The number of jobs that the workers can run at a time.

        Raises:
            EmulatorError: there is no scheduler, or no worker that can run jobs.
        """
        deadline = time.monotonic() + START_SECONDS
        self._cluster = DaskCluster(self._address, self._setup)
        while True:
            self._survey()
            if threads := self._threads():
                break
            if time.monotonic() > deadline:
                self.close()
                reasons = [f"{address}: {why}" for address, why in self._unused.items()] or [
                    f"it has none. Start one with: dask worker {self._address.url}"
                ]
                raise EmulatorError(
                    f"No worker of the Dask cluster at {self._address.url} can run jobs. "
                    + "; ".join(reasons)
                )
            time.sleep(_SURVEY_SECONDS / 4)
        self._keeper.start()
        return threads

    def start(self) -> None:
        """Start one inspector; returns at once."""
        self._inspectors.start()

    def inspect(self, task: Task) -> dict[str, Any]:
        """Parse the content of a task on this machine; see ``Engine.inspect``."""
        return self._inspectors.inspect(task)

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job on the cluster and wait for its result; see ``Engine.run``.

        Raises:
            JobRefused: if the device would not run the job.
            EngineError: if the job could not be run: time or memory limit, cancelled, its workers
                died, or the engine is closed. The time without workers does not count.
        """
        with self._changed:
            self._check_open()
            if task.job_id in self._running:
                raise EngineError(f"Job {task.job_id} is running already")
            run = self._running[task.job_id] = _Run()
        seed = randbits(31) if task.seed is None else task.seed
        content = b"".join(task.content.pieces())
        began = self.monotonic()
        try:
            while True:
                left = None if timeout is None else timeout - (self.monotonic() - began)
                if left is not None and left <= 0:
                    raise EngineError("The job ran too long", ErrorCode.TIMED_OUT)
                replies = self._attempt(run, task, seed, content, left)
                if replies is not None:
                    return self._result(task, replies)
        finally:
            with self._changed:
                del self._running[task.job_id]

    def cancel(self, job_id: str) -> bool:
        """Stop a waiting or running job; see ``Engine.cancel``."""
        with self._changed:
            run = self._running.get(job_id)
            if run is None:
                return False
            run.cancelled = True
            self._changed.notify_all()
        return True

    def health(self) -> EngineHealth:
        """Return the number of threads of the workers, and what is wrong; see ``Engine.health``."""
        with self._changed:
            problems = [] if self._problem is None else [self._problem]
            problems += [_describe_unused(*one) for one in self._unused.items()]
            return EngineHealth(self._threads(), tuple(problems))

    def monotonic(self) -> float:
        """Return a time that stands still without workers; see ``Engine.monotonic``."""
        with self._changed:
            now = time.monotonic() if self._away_since is None else self._away_since
            return now - self._away_seconds

    def close(self) -> None:
        """End all parts and the connection; may be called repeatedly."""
        with self._changed:
            self._closed = True
            cluster, self._cluster = self._cluster, None
            self._changed.notify_all()
        self._survey_asked.set()
        if cluster is not None:
            cluster.close()
        self._inspectors.close()

    # -- jobs ---------------------------------------------------------------------------------

    def _attempt(
        self, run: _Run, task: Task, seed: int, content: bytes, seconds: float | None
    ) -> list[dict[str, Any]] | None:
        """Run all parts of a job; return their replies, or None if they must run again."""
        with self._changed:
            self._wait(run, lambda: self._threads() > 0)
            cluster, surveys = self._cluster, self._surveys
            assert cluster is not None
            usable = {one.address for one in self._workers if one.differences is None}
            allowed = sorted(usable) if len(usable) < len(self._workers) else None
            count = self._threads() // len(self._running)
        parts: Sequence[range | None] = [None]
        if task.kind == QOBJ_TASK:
            parts = split_circuits(task.circuits, count)
        heads = [
            json.dumps(
                {
                    "device": task.device,
                    "kind": task.kind,
                    "seed": seed,
                    "part": part and (part.start, part.stop),
                    "seconds": seconds,
                }
            )
            for part in parts
        ]
        futures: list[Future] = []
        try:
            futures = cluster.submit(heads, content, allowed)
            for future in futures:
                future.add_done_callback(lambda _: self._notify())
            with self._changed:
                self._wait(run, lambda: self._is_decided(cluster, futures, allowed))
            if all(future.status == "finished" for future in futures):
                replies = [dask_worker.unpack(reply) for reply in cluster.gather(futures)]
                if not any("again" in reply for reply in replies):
                    return replies
            elif failed := next((one for one in futures if one.status == "error"), None):
                raise failed.exception()
            elif allowed and not self._allowed_left(allowed):
                run.lost += cluster.has_started(futures)
                if run.lost >= _MAX_LOST_WORKERS:
                    raise EngineError("The workers died twice while they ran this job")
        except EngineError:
            raise
        except KilledWorker as error:
            raise EngineError(
                f"{error.allowed_failures + 1} workers died while they ran this job"
            ) from error
        except Exception as error:
            if cluster.alive and not _is_loss(error):
                reason = f"{type(error).__name__}: {error}"
                raise EngineError(f"The Dask cluster could not run the job ({reason})") from error
        finally:
            cluster.forget(futures)
        # Wait until the keeper has seen what happened.
        self._survey_asked.set()
        with self._changed:
            self._wait(run, lambda: self._surveys > surveys)
        return None

    def _result(self, task: Task, replies: Sequence[dict[str, Any]]) -> dict[str, Any]:
        for reply in replies:
            if "refused" in reply:
                stated = reply["refused"]
                raise JobRefused(stated["message"], ErrorCode(stated["code"]))
            if "error" in reply:
                raise EngineError(reply["error"]["message"], ErrorCode(reply["error"]["code"]))
        documents = [reply["result"] for reply in replies]
        if task.kind != QOBJ_TASK:
            whole: dict[str, Any] = documents[0]
            return whole
        return {**join_results(documents, self._result_bytes), "job_id": task.job_id}

    def _is_decided(
        self, cluster: DaskCluster, futures: Sequence[Future], allowed: Sequence[str] | None
    ) -> bool:
        """Return whether waiting longer for parts is of no use."""
        statuses = {future.status for future in futures}
        return (
            statuses == {"finished"}
            or bool(statuses - {"pending", "finished"})
            or cluster is not self._cluster
            or not self._allowed_left(allowed)
        )

    def _allowed_left(self, allowed: Sequence[str] | None) -> bool:
        return allowed is None or not {one.address for one in self._workers}.isdisjoint(allowed)

    def _wait(self, run: _Run, reached: Callable[[], bool]) -> None:
        """Wait with the lock for a state of the cluster or of the job."""
        while True:
            self._check_open()
            if run.cancelled:
                raise EngineError("The job was cancelled", ErrorCode.CANCELLED)
            if reached():
                return
            self._changed.wait(_SURVEY_SECONDS)

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The engine has been closed")

    # -- the cluster --------------------------------------------------------------------------

    def _threads(self) -> int:
        return sum(one.threads for one in self._workers if one.differences is None)

    def _keep(self) -> None:
        """Keep the connection and the list of workers up to date."""
        while not self._closed:
            self._survey_asked.wait(_SURVEY_SECONDS)
            self._survey_asked.clear()
            if not self._closed:
                self._survey()

    def _survey(self) -> None:
        cluster, workers, problem = self._cluster, list[Worker](), None
        try:
            if cluster is None:
                cluster = DaskCluster(self._address, self._setup)
            workers = cluster.find_workers()
            if not any(one.differences is None for one in workers):
                problem = f"No worker of the Dask cluster at {self._address.url} can run jobs"
        except EmulatorError as error:
            problem = str(error)
        except Exception as error:
            problem = f"The Dask scheduler at {self._address.url} does not answer"
            if not _is_loss(error):
                _log.exception("the workers of %s cannot be listed", self._address.url)
        if cluster is not None and not cluster.alive:
            cluster.close()
            cluster, workers = None, []
            problem = f"The Dask scheduler at {self._address.url} is lost"
        with self._changed:
            if self._closed:
                if cluster is not None and cluster is not self._cluster:
                    cluster.close()
                return
            self._cluster, self._workers = cluster, workers
            self._surveys += 1
            self._note(problem)
            self._changed.notify_all()

    def _note(self, problem: str | None) -> None:
        """Count the time without workers, and report changes once."""
        now = time.monotonic()
        reported = self._keeper.is_alive()
        if self._threads() == 0 and self._away_since is None:
            self._away_since = now
            _log.warning("%s; jobs wait", problem)
        elif self._threads() > 0 and self._away_since is not None:
            self._away_seconds += now - self._away_since
            self._away_since = None
            if reported:
                _log.warning("the Dask cluster at %s is back", self._address.url)
        self._problem = problem
        unused = {
            one.address: one.differences for one in self._workers if one.differences is not None
        }
        for one in unused.items():
            if one not in self._unused.items() and one[1] != NO_ANSWER:
                _log.warning("%s", _describe_unused(*one))
        self._unused = unused


def _describe_unused(address: str, differences: str) -> str:
    return f"The Dask worker {address} gets no jobs: {differences}"


def _is_loss(error: BaseException) -> bool:
    """Return whether an error is that of a lost connection or of a forgotten future."""
    names = {one.__name__ for one in type(error).__mro__}
    return isinstance(error, OSError | TimeoutError) or not names.isdisjoint(
        {"CancelledError", "FutureCancelledError", "FuturesCancelledError"}
    )
