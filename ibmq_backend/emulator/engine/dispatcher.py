"""The threads that process jobs: validate them, run them, store their results.

All state is in the database. If a dispatcher dies, its leases expire, and another one, here or in
another process, continues its jobs.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ibmq_backend.emulator.checks.instructions import JobRefused, shortened
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.job_events import Work, WorkSignal
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.snapshots import SnapshotError
from ibmq_backend.emulator.engine.engine import Engine, EngineError
from ibmq_backend.emulator.engine.job_kind import Inspection, JobKind, Outcome
from ibmq_backend.emulator.engine.postponed import PostponedActions
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.database import is_outage, reason_of
from ibmq_backend.emulator.store.queue import MAX_BATCH_JOBS, Ending
from ibmq_backend.emulator.store.retention import prune

_log: Final = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.5
STALLED_SECONDS: Final = 120.0
"""A write may wait half a minute for the lock of an SQLite file."""

_SWEEP_EVERY_MS: Final = 60_000
_MAX_JOINED_BYTES: Final = 1_000_000
"""A larger result is stored by itself: other servers wait while a job is claimed."""

_INTERNAL_ERROR: Final = {"message": "Internal error", "code": ErrorCode.INTERNAL}


def _too_long(seconds: float) -> dict[str, Any]:
    message = f"The job ran longer than {seconds:g} s, the limit of this service"
    return {"message": message, "code": ErrorCode.TIMED_OUT}


def _error(failure: EngineError | JobRefused) -> dict[str, Any]:
    return {"message": failure.message, "code": failure.code}


@dataclass(frozen=True)
class _Change:
    """What a validation changes."""

    record: JobRecord
    store: Callable[[Connection], object]


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
        self._postponed = PostponedActions()
        self._leased: set[str] = set()
        self._stops = 0
        self._simulating: dict[str, float] = {}  # start of the time that is not stored yet
        self._next_renewal = 0.0
        self._next_orphans = 0.0
        self._last_housekeeping = time.monotonic()
        self._next_sweep_ms = 0
        self._next_pruning_ms = 0
        self._unsubscribe: Callable[[], None] = lambda: None
        self._signals: list[WorkSignal] = []
        self._threads: list[threading.Thread] = []
        # Checking a large job takes seconds; small jobs do not wait for it.
        self._small = self._add_threads(1, "validator", partial(self._validate_next, large=False))
        self._large = self._add_threads(
            1, "validator-large", partial(self._validate_next, large=True)
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

    def _validate_next(self, signalled: bool, *, large: bool) -> bool:
        """Validate jobs until none waits: each transaction ends a batch and claims the next."""
        queue, signal = self._service_state.queue, self._large if large else self._small
        most = 1 if large else MAX_BATCH_JOBS
        claim = partial(queue.claim_for_validation, large=large, most=most)
        records = claim(in_hand=self._in_hand(), look_first=not signalled)
        while records and not self._stopping.is_set():
            with self._leases_renewed(*(record.id for record in records)):
                changes = [change for one in records if (change := self._validate(one))]
                signal.take()
                records = self._commit(changes, partial(claim, in_hand=self._in_hand()))
        return False

    def _validate(self, record: JobRecord) -> _Change | None:
        """Check a job; return what to store of it now, if anything."""
        queue = self._service_state.queue
        if self._stopping.is_set():
            return None  # the next dispatcher validates it
        try:
            inspection = self._kinds[record.dialect].inspect(record, self._engine)
        except EngineError as failure:
            if self._stopping.is_set():
                return None  # interrupted; the next dispatcher validates it again
            return _Change(record, partial(queue.refuse, record, _error(failure)))
        except SQLAlchemyError:
            raise
        except Exception as defect:
            return _Change(record, partial(self._refuse_after, defect, record))
        duration_ms = self._service_state.speed.validation_ms(inspection.work)
        due_ms = record.last_step_ms + duration_ms if duration_ms else 0
        change = _Change(record, partial(self._enqueue, record, inspection))
        if inspection.refusal is not None:
            change = _Change(record, partial(queue.refuse, record, _error(inspection.refusal)))
        return None if self._postpone(due_ms, record.id, lambda: self._commit([change])) else change

    def _enqueue(self, record: JobRecord, inspection: Inspection, connection: Connection) -> None:
        speed, queue = self._service_state.speed, self._service_state.queue
        device = self._service_state.catalog.get(record.backend_name)
        others = speed.others(device, self._service_state.jobs.now())
        queue.enqueue(
            record,
            shots=inspection.work.shots,
            summary=inspection.summary,
            delay_ms=others * speed.estimate_ms(device),
            run_ms=speed.run_ms(device, inspection.work),
            connection=connection,
        )

    def _commit(
        self,
        changes: Sequence[_Change],
        claim: Callable[..., list[JobRecord]] | None = None,
    ) -> list[JobRecord]:
        """Store what was found out about jobs, and claim others, in one transaction."""
        try:
            with self._service_state.store.write() as connection:
                for change in changes:
                    change.store(connection)
                return [] if claim is None else claim(connection=connection)
        except Exception as defect:
            if is_outage(defect):
                raise
            if claim is None:
                self._refuse_after(defect, changes[0].record)
                return []
        for change in changes:  # only one of them need be at fault
            self._commit([change])
        return []

    def _refuse_after(
        self, defect: Exception, record: JobRecord, connection: Connection | None = None
    ) -> None:
        """End a job that would be claimed again after each expiry of its lease, forever."""
        if self._service_state.queue.refuse(record, _INTERNAL_ERROR, connection):
            _log.error("the validation of job %s failed", record.id, exc_info=defect)

    # -- running ----------------------------------------------------------------------------

    def _run_next(self, signalled: bool) -> bool:
        """Run jobs until none waits: the transaction that ends a run claims the next job.

        Returns:
            True if there may be more to do, such as a job of a dead server.
        """
        service_state = self._service_state
        unreadable: dict[str, str] = {}

        def properties(name: str) -> bytes | None:
            try:
                unreadable.pop(name, None)
                return service_state.properties_json(name)
            except Exception as error:
                # A user's snapshot is broken; its job must fail instead of blocking the queue.
                _log.exception("the calibration of %s cannot be read", name)
                unreadable[name] = f"The calibration of {name!r} cannot be read"
                if isinstance(error, SnapshotError):
                    unreadable[name] += f": {error.path.name}: {error.reason}"
                return None

        def claim(ending: Ending | None = None) -> JobRecord | None:
            now = time.monotonic()
            orphans = not signalled or now >= self._next_orphans
            if orphans:
                self._next_orphans = now + self._poll_seconds
            return service_state.queue.claim_for_run(
                service_state.paused_devices(),
                properties,
                self._in_hand(),
                orphans=orphans,
                look_first=ending is None and not signalled,
                ending=ending,
            )

        stops, record = self._stops, claim()
        while record is not None:
            with self._leases_renewed(record.id):
                ending = self._run(record, unreadable, stops)
                if ending is None:
                    return True
                finish = partial(service_state.queue.finish, ending)
                if self._postpone(record.planned_end_ms or 0, record.id, finish):
                    return True
                size = 0 if ending.result is None else ending.result.size
                if size > _MAX_JOINED_BYTES or self._stopping.is_set():
                    finish()
                    return True
                self._runs.take()
                stops = self._stops
                try:
                    record = claim(ending)
                except Exception:
                    finish()  # the claim may be at fault, or the connection lost
                    raise
        return False

    def _run(self, record: JobRecord, unreadable: Mapping[str, str], stops: int) -> Ending | None:
        """Run a job; return what to store of it, if anything."""
        result: dict[str, Any] | None = None
        error: dict[str, Any] | None
        if record.backend_name in unreadable:
            message = shortened(unreadable[record.backend_name])
            error = {"message": message, "code": ErrorCode.RUN_FAILED}
        else:
            result, error = self._simulate(record, stops)
        if error is not None:
            if self._stopping.is_set():
                return None  # interrupted; the next dispatcher runs it again
            if error["code"] == ErrorCode.CANCELLED:
                return None  # it has ended
        return self._ending(record, result, error)

    def _simulate(
        self, record: JobRecord, stops: int
    ) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
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
        if self._stops != stops:
            self._house.give()  # the job may have been cancelled since it was claimed
        try:
            return self._engine.run(self._kinds[record.dialect].task(record), left), None
        except EngineError as failure:
            if failure.code == ErrorCode.TIMED_OUT:
                return None, _too_long(limit)
            return None, _error(failure)
        except JobRefused as failure:
            return None, _error(failure)
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

    def _ending(
        self,
        record: JobRecord,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
    ) -> Ending:
        kind = self._kinds[record.dialect]
        try:
            outcome = kind.outcome(record, result, error, self._engine)
        except SQLAlchemyError:
            raise
        except Exception:
            # The job must end nevertheless, or it would run again and again.
            _log.exception("the result of job %s cannot be stored", record.id)
            summary = dict(record.summary or {})
            outcome = Outcome(lifecycle.ERROR_RUNNING, None, summary, _INTERNAL_ERROR)
        return Ending(
            record, outcome.status, outcome.content, outcome.summary, outcome.error, outcome.also
        )

    # -- housekeeping ----------------------------------------------------------------------------

    def _keep_house(self, _signalled: bool) -> bool:
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
        action = self._postponed.take(now)
        if action is None:
            return False
        with self._leases_renewed(action.job_id):
            try:
                action.act()
            except SQLAlchemyError:
                self._postponed.put_back(action)
                raise
        self._runs.give()  # a job has ended, so its device may be free
        return True

    def _prune(self, _signalled: bool) -> bool:
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

    def _postpone(self, due_ms: int, job_id: str, action: Callable[[], object]) -> bool:
        """Call ``action`` when it is due by the clock of the service, if that is later."""
        if due_ms <= self._service_state.jobs.now():
            return False
        self._postponed.add(due_ms, job_id, action)
        self._house.give()
        return True

    def _in_hand(self) -> list[str]:
        with self._lock:
            leased = [*self._leased]
        return leased + self._postponed.job_ids()

    @contextmanager
    def _leases_renewed(self, *job_ids: str) -> Iterator[None]:
        """Renew the leases of jobs during the block; they expire if the block fails."""
        with self._lock:
            self._leased.update(job_ids)
        try:
            yield
        finally:
            with self._lock:
                self._leased.difference_update(job_ids)

    # -- threads ----------------------------------------------------------------------------

    def _add_threads(self, count: int, name: str, step: Callable[[bool], bool]) -> WorkSignal:
        signal = WorkSignal(count, self._poll_seconds)
        self._signals.append(signal)
        self._threads += [
            threading.Thread(
                target=self._loop, args=(step, signal), name=f"ibmq-{name}-{number}", daemon=True
            )
            for number in range(count)
        ]
        return signal

    def _loop(self, step: Callable[[bool], bool], signal: WorkSignal) -> None:
        polled = signalled = False
        while not self._stopping.is_set():
            try:
                worked = step(signalled)
                signalled = False
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
                now = self._service_state.jobs.now()
                due = self._postponed.seconds_until_due(now) if signal is self._house else math.inf
                signalled = signal.wait(due)
                polled = not signalled
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
                with self._lock:
                    self._stops += 1
                self._house.give()

    def _wake_all(self) -> None:
        for signal in self._signals:
            signal.give_all()
