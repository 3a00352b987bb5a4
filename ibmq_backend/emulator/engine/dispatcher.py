"""The threads that process jobs: validate them, run them, store their results.

All state is in the database. If a dispatcher dies, its leases expire, and another one, here or in
another process, continues its jobs.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from ibmq_backend.emulator.checks.instructions import JobRefused, shortened
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.job_events import Work, WorkSignal
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.snapshots import SnapshotError
from ibmq_backend.emulator.engine.engine import Engine, EngineError
from ibmq_backend.emulator.engine.job_kind import (
    Inspection,
    JobKind,
    Outcome,
)
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.database import is_outage, reason_of
from ibmq_backend.emulator.store.queue import DEDICATED, FAIRSHARE
from ibmq_backend.emulator.store.retention import prune

_log: Final = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.5
_SHORTEST_POLL_SECONDS: Final = 0.02
STALLED_SECONDS: Final = 120.0
"""A write may wait half a minute for the lock of an SQLite file."""

_SWEEP_EVERY_MS: Final = 60_000
_INTERNAL_ERROR: Final = {"message": "Internal error", "code": ErrorCode.INTERNAL}


def _too_long(seconds: float) -> dict[str, Any]:
    message = f"The job ran longer than {seconds:g} s, the limit of this service"
    return {"message": message, "code": ErrorCode.TIMED_OUT}


class Dispatcher:
    """Processes the jobs of a service until it is stopped.

    Args:
        service_state: the service.
        engine: inspects and runs the jobs; started and closed with the dispatcher.
        kinds: the kind of jobs of each dialect.
        runners: number of jobs that run at a time.
        prewarm: whether the engine warms up before the first job.
        poll_seconds: interval of polling for changes by other processes and for what is due.
    """

    def __init__(
        self,
        service_state: ServiceState,
        engine: Engine,
        kinds: Mapping[str, JobKind],
        *,
        runners: int = 1,
        prewarm: bool = True,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._service_state = service_state
        self._engine = engine
        self._kinds = dict(kinds)
        self._prewarm = prewarm
        self._poll_seconds = poll_seconds
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._due: list[tuple[int, int, str, Callable[[], object]]] = []
        self._leased: list[str] = []
        self._simulating: dict[str, float] = {}  # start of the time that is not stored yet
        self._next_renewal = 0.0
        self._last_housekeeping = time.monotonic()
        self._numbers = itertools.count()
        self._next_sweep_ms = 0
        self._next_pruning_ms = 0
        self._unsubscribe: Callable[[], None] = lambda: None
        self._signals: list[WorkSignal] = []
        self._threads: list[threading.Thread] = []
        # Checking a large job takes seconds; small jobs do not wait for it.
        self._small = self._add_threads(1, "validator", lambda: self._validate_next(large=False))
        self._large = self._add_threads(
            1, "validator-large", lambda: self._validate_next(large=True)
        )
        self._house = self._add_threads(1, "housekeeper", self._keep_house)
        self._runs = self._add_threads(runners, "runner", self._run_next)
        if service_state.settings.retention is not None:
            # It may take minutes, in which the leases must be renewed.
            self._add_threads(1, "pruner", self._prune)

    def start(self) -> None:
        """Start the engine and the threads."""
        if self._prewarm:
            self._engine.start()
        self._unsubscribe = self._service_state.changes.subscribe_to_work(self._wake)
        self._service_state.clock.on_jump(self._wake_all)
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Stop within ``seconds``; unfinished jobs are left to the next dispatcher."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._unsubscribe()
        self._wake_all()
        try:
            self._count_time()
        except SQLAlchemyError:
            _log.warning("could not store the run times of the running jobs")
        self._engine.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(seconds)
        try:
            self._service_state.queue.release_leases()
        except SQLAlchemyError:
            _log.warning("could not release the unfinished jobs; they continue later")

    @property
    def simulating(self) -> int:
        """The number of jobs that are simulated now."""
        return len(self._simulating)

    def find_problem(self) -> str | None:
        """Return why jobs are not processed, a sentence; None if all threads work."""
        ended = [thread.name for thread in self._threads if not thread.is_alive()]
        if ended:
            return f"The thread {ended[0]} has ended. Restart the server."
        silent = time.monotonic() - self._last_housekeeping
        if silent > STALLED_SECONDS:
            return f"The housekeeping has been waiting for {silent:.0f} s. Restart the server."
        return None

    # -- validating -------------------------------------------------------------------------

    def _validate_next(self, *, large: bool) -> bool:
        record = self._service_state.queue.claim_for_validation(
            large=large, in_hand=self._in_hand()
        )
        if record is None:
            return False
        with self._lease_renewed(record.id):
            try:
                self._validate(record)
            except SQLAlchemyError:
                raise
            except Exception:
                # Otherwise the job would be claimed again after each expiry of its lease, forever.
                if self._service_state.queue.refuse(record.id, _INTERNAL_ERROR):
                    _log.exception("the validation of job %s failed", record.id)
        return True

    def _validate(self, record: JobRecord) -> None:
        try:
            inspection = self._kinds[record.dialect].inspect(record, self._engine)
        except EngineError as failure:
            if self._stopping.is_set():
                return  # interrupted; the next dispatcher validates it again
            error = {"message": failure.message, "code": failure.code}
            self._service_state.queue.refuse(record.id, error)
            return
        duration_ms = self._service_state.speed.validation_ms(inspection.work)
        due_ms = record.last_step_ms + duration_ms if duration_ms else 0
        refusal = inspection.refusal
        if refusal is not None:
            error = {"message": refusal.message, "code": refusal.code}
            self._at(due_ms, record.id, lambda: self._service_state.queue.refuse(record.id, error))
        else:
            self._at(due_ms, record.id, lambda: self._enqueue(record, inspection))

    def _enqueue(self, record: JobRecord, inspection: Inspection) -> None:
        service_state, speed = self._service_state, self._service_state.speed
        device, start_ms = service_state.catalog.get(record.backend_name), service_state.jobs.now()
        booking = service_state.reservations.active(device.name)
        dedicated = booking is not None and booking.user_id == record.user_id
        if not dedicated:
            start_ms += speed.others(device, start_ms) * speed.estimate_ms(device)
        service_state.queue.enqueue(
            record.id,
            run_mode=DEDICATED if dedicated else FAIRSHARE,
            shots=inspection.work.shots,
            summary=inspection.summary,
            header=inspection.header,
            start_ms=start_ms,
            run_ms=speed.run_ms(device, inspection.work),
        )

    # -- running ----------------------------------------------------------------------------

    def _run_next(self) -> bool:
        service_state = self._service_state
        unreadable: dict[str, str] = {}

        def properties(name: str) -> bytes | None:
            try:
                return service_state.properties_json(name)
            except Exception as error:
                # A user's snapshot is broken; its job must fail instead of blocking the queue.
                _log.exception("the calibration of %s cannot be read", name)
                unreadable[name] = f"The calibration of {name!r} cannot be read"
                if isinstance(error, SnapshotError):
                    unreadable[name] += f": {error.path.name}: {error.reason}"
                return None

        record = service_state.queue.claim_for_run(
            service_state.paused_devices(), properties, self._in_hand()
        )
        if record is None:
            return False
        with self._lease_renewed(record.id):
            result: dict[str, Any] | None = None
            error: dict[str, Any] | None
            if record.backend_name in unreadable:
                message = shortened(unreadable[record.backend_name])
                error = {"message": message, "code": ErrorCode.RUN_FAILED}
            else:
                result, error = self._simulate(record)
            if self._stopping.is_set() and error is not None:
                return False  # interrupted; the next dispatcher runs it again
            earliest_ms = record.planned_end_ms or 0
            self._at(earliest_ms, record.id, lambda: self._finish(record, result, error))
        return True

    def _simulate(self, record: JobRecord) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        if record.attempts > self._service_state.settings.max_attempts:
            message = f"The run was given up after {record.attempts - 1} attempts"
            return None, {"message": message, "code": ErrorCode.RUN_FAILED}
        if record.backend_name not in self._service_state.catalog:  # of another service's folder
            message = f"The backend {record.backend_name!r} is no longer offered"
            return None, {"message": message, "code": ErrorCode.RUN_FAILED}
        limit = self._service_state.settings.job_seconds
        left = limit - record.run_ms / 1000
        if left <= 0:
            return None, _too_long(limit)
        started = self._engine.monotonic()
        with self._lock:
            self._simulating[record.id] = started
        self._house.give()  # the job may have been cancelled since it was claimed
        try:
            return self._engine.run(self._kinds[record.dialect].task(record), left), None
        except EngineError as failure:
            if failure.code == ErrorCode.TIMED_OUT:
                return None, _too_long(limit)
            return None, {"message": failure.message, "code": failure.code}
        except JobRefused as failure:
            return None, {"message": failure.message, "code": failure.code}
        except Exception:
            # One job that cannot be run must not stop the others.
            if not self._stopping.is_set():
                _log.exception("the run of job %s failed", record.id)
            return None, _INTERNAL_ERROR
        finally:
            with self._lock:
                self._simulating.pop(record.id, None)
            self._service_state.jobs.observer.simulation(
                record.backend_name, self._engine.monotonic() - started
            )

    def _finish(
        self,
        record: JobRecord,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
    ) -> None:
        try:
            outcome = self._kinds[record.dialect].outcome(record, result, error)
        except SQLAlchemyError:
            raise
        except Exception:
            # The job must end nevertheless, or it would run again and again.
            _log.exception("the result of job %s cannot be stored", record.id)
            summary = dict(record.summary or {})
            outcome = Outcome(lifecycle.ERROR_RUNNING, None, summary, _INTERNAL_ERROR)
        self._service_state.queue.finish(
            record,
            status=outcome.status,
            result=outcome.content,
            summary=outcome.summary,
            error=outcome.error,
            also=outcome.also,
        )

    # -- housekeeping ----------------------------------------------------------------------------

    def _keep_house(self) -> bool:
        service_state, self._last_housekeeping = self._service_state, time.monotonic()
        if time.monotonic() >= self._next_renewal:
            self._next_renewal = time.monotonic() + service_state.queue.leases.seconds / 3
            service_state.queue.renew_leases(self._in_hand())
            self._count_time()
        with self._lock:
            simulating = list(self._simulating)
        for job_id in service_state.jobs.ended(simulating):
            self._engine.cancel(job_id)
        now = service_state.jobs.now()
        if now >= self._next_sweep_ms:
            self._next_sweep_ms = now + _SWEEP_EVERY_MS
            service_state.queue.sweep(
                service_state.settings.creation_seconds,
                lambda record: self._kinds[record.dialect].not_uploaded(),
            )
        with self._lock:
            if not self._due or self._due[0][0] > now:
                return False
            entry = heapq.heappop(self._due)
        with self._lease_renewed(entry[2]):
            try:
                entry[3]()
            except SQLAlchemyError:
                with self._lock:
                    heapq.heappush(self._due, entry)
                raise
        self._runs.give()  # a job has ended, so its device may be free
        return True

    def _prune(self) -> bool:
        now, retention = self._service_state.jobs.now(), self._service_state.settings.retention
        if retention is not None and now >= self._next_pruning_ms:
            self._next_pruning_ms = now + _SWEEP_EVERY_MS
            prune(self._service_state.store, now, retention, self._stopping.is_set)
        return False

    def _count_time(self) -> None:
        """Store how long jobs have been simulated: the time limit covers all attempts."""
        now = self._engine.monotonic()
        with self._lock:
            since = dict(self._simulating)
            self._simulating.update(dict.fromkeys(since, now))
        self._service_state.queue.add_run_ms(
            {job_id: round((now - start) * 1000) for job_id, start in since.items()}
        )

    def _at(self, due_ms: int, job_id: str, action: Callable[[], object]) -> None:
        """Call ``action`` now or, if it is due later by the clock of the service, then."""
        if due_ms <= self._service_state.jobs.now():
            action()
            return
        with self._lock:
            heapq.heappush(self._due, (due_ms, next(self._numbers), job_id, action))
        self._house.give()

    def _until_due(self) -> float:
        """Return the time until the next action is due, in seconds, by the clock of the service."""
        with self._lock:
            due_ms = self._due[0][0] if self._due else None
        if due_ms is None:
            return math.inf
        # That clock may stand still.
        return max(_SHORTEST_POLL_SECONDS, (due_ms - self._service_state.jobs.now()) / 1000)

    def _in_hand(self) -> list[str]:
        with self._lock:
            return [*self._leased, *(entry[2] for entry in self._due)]

    @contextmanager
    def _lease_renewed(self, job_id: str) -> Iterator[None]:
        """Renew the lease of a job during the block; it expires if the block fails."""
        with self._lock:
            self._leased.append(job_id)
        try:
            yield
        finally:
            with self._lock:
                self._leased.remove(job_id)

    # -- threads ----------------------------------------------------------------------------

    def _add_threads(self, count: int, name: str, step: Callable[[], bool]) -> WorkSignal:
        signal = WorkSignal(count, self._poll_seconds)
        self._signals.append(signal)
        self._threads += [
            threading.Thread(
                target=self._loop, args=(step, signal), name=f"ibmq-{name}-{number}", daemon=True
            )
            for number in range(count)
        ]
        return signal

    def _loop(self, step: Callable[[], bool], signal: WorkSignal) -> None:
        polled = False
        while not self._stopping.is_set():
            try:
                worked = step()
            except SQLAlchemyError as error:
                # The database may recover; unfinished jobs are claimed again when their leases end.
                if not is_outage(error):
                    _log.warning("the database cannot be used: %s", reason_of(error))
                self._stopping.wait(1.0)
                continue
            except Exception:
                # If the thread ended here, the service would stop silently.
                _log.exception("a job could not be processed")
                self._stopping.wait(1.0)
                continue
            if not worked:
                polled = not signal.wait(self._until_due() if signal is self._house else math.inf)
            elif polled:  # jobs of another server, or a later time: there may be more
                polled = False
                signal.give()

    def _wake(self, work: Work) -> None:
        if work is Work.VALIDATE:
            self._small.give()
        elif work is Work.VALIDATE_LARGE:
            self._large.give()
        else:
            self._runs.give()  # when a run stops, its device may be free
            if work is Work.STOP:
                self._house.give()

    def _wake_all(self) -> None:
        for signal in self._signals:
            signal.give_all()
