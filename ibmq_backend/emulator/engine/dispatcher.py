"""The threads that move jobs along: validate them, run them, keep them.

All state is in the database. A dispatcher that dies leaves nothing behind but leases that
lapse; the next one, here or in another process, goes on from there.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.engine.engine import TIMED_OUT, Engine, EngineError
from ibmq_backend.emulator.engine.job_kind import (
    INTERNAL_CODE,
    RUN_FAILED_CODE,
    JobKind,
    Outcome,
)
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.database import reason_of
from ibmq_backend.emulator.store.queue import DEDICATED, FAIRSHARE

_log: Final = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.5
_SWEEP_EVERY_MS: Final = 60_000
_INTERNAL_ERROR: Final = {"message": "Internal error", "code": INTERNAL_CODE}


def _too_long(seconds: float) -> dict[str, Any]:
    message = f"The job ran longer than {seconds:g} s, the limit of this service"
    return {"message": message, "code": TIMED_OUT}


class Dispatcher:
    """Moves the jobs of a service along until it is stopped.

    Args:
        service_state: the service.
        engine: runs the circuits; started and closed with the dispatcher.
        kinds: for each dialect what its jobs are.
        runners: how many jobs run at a time.
        prewarm: whether the engine warms up before the first job.
        poll_seconds: how often to look for what other processes did, and for what is due.
        monotonic: seconds, to measure how long jobs are simulated.
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
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service_state = service_state
        self._engine = engine
        self._kinds = dict(kinds)
        self._prewarm = prewarm
        self._poll_seconds = poll_seconds
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._wake = threading.Condition()
        self._generation = 0
        self._lock = threading.Lock()
        self._due: list[tuple[int, int, str, Callable[[], object]]] = []
        self._working: list[str] = []
        self._simulating: dict[str, float] = {}  # since when the time is not in the database yet
        self._next_renewal = 0.0
        self._numbers = itertools.count()
        self._next_sweep_ms = 0
        self._unsubscribe: Callable[[], None] = lambda: None
        steps: list[tuple[str, Callable[[], bool]]] = [
            # Checking a large job takes seconds; the small ones do not wait for it.
            ("validator", lambda: self._validate_next(large=False)),
            ("validator-large", lambda: self._validate_next(large=True)),
            ("keeper", self._keep),
        ]
        steps += [(f"runner-{number}", self._run_next) for number in range(runners)]
        self._threads = [
            threading.Thread(target=self._loop, args=(step,), name=f"ibmq-{name}", daemon=True)
            for name, step in steps
        ]

    def start(self) -> None:
        """Start the engine's warm-up and the threads."""
        if self._prewarm:
            self._engine.start()
        self._unsubscribe = self._service_state.changes.subscribe(lambda _job_id: self._wake_all())
        self._service_state.clock.on_jump(self._wake_all)
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Stop within ``seconds``; jobs in hand are left for the next dispatcher."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._unsubscribe()
        self._wake_all()
        try:
            self._count_time()
        except SQLAlchemyError:
            _log.warning("could not write down how long the running jobs have taken")
        self._engine.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(seconds)
        try:
            self._service_state.queue.release_leases()
        except SQLAlchemyError:
            _log.warning("could not release the jobs in hand; they are taken over later")

    # -- validating -------------------------------------------------------------------------

    def _validate_next(self, *, large: bool) -> bool:
        record = self._service_state.queue.claim_for_validation(large=large)
        if record is None:
            return False
        with self._in_hand(record.id):
            try:
                self._validate(record)
            except SQLAlchemyError:
                raise
            except Exception:
                # Left as it is, the job would come back when its lease has lapsed, for ever.
                if self._service_state.queue.refuse(record.id, _INTERNAL_ERROR):
                    _log.exception("the validation of job %s failed", record.id)
        return True

    def _validate(self, record: JobRecord) -> None:
        kind = self._kinds[record.dialect]
        document: Any = None
        try:
            document = kind.read(record)
        except JobRefused as unreadable:
            refusal: JobRefused | None = unreadable
        else:
            refusal = kind.refusal(record, document)
        work = kind.work(record, document)
        lasts = self._service_state.speed.validation_ms(work)
        due = record.last_step_ms + lasts if lasts else 0
        if refusal is not None:
            error = {"message": refusal.message, "code": refusal.code}
            self._at(due, record.id, lambda: self._service_state.queue.refuse(record.id, error))
        else:
            summary = kind.summary(document)
            self._at(due, record.id, lambda: self._enqueue(record, work, summary))

    def _enqueue(self, record: JobRecord, work: Work, summary: dict[str, Any]) -> None:
        service_state = self._service_state
        device = service_state.catalog.get(record.backend_name)
        booking = service_state.reservations.active(device.name)
        dedicated = booking is not None and booking.user_id == record.user_id
        work = Work(work.shots, work.circuits, work.seed, dedicated)
        service_state.queue.enqueue(
            record.id,
            run_mode=DEDICATED if dedicated else FAIRSHARE,
            shots=work.shots,
            summary=summary,
            plan=lambda busy: service_state.speed.plan(
                device, work, service_state.jobs.now(), busy
            ),
        )

    # -- running ----------------------------------------------------------------------------

    def _run_next(self) -> bool:
        service_state = self._service_state
        unreadable: set[str] = set()

        def properties(name: str) -> dict[str, Any] | None:
            try:
                return service_state.properties_of(name)
            except Exception:
                # A user's snapshot; its job must end, and not stand before the others for ever.
                _log.exception("the calibration of %s cannot be read", name)
                unreadable.add(name)
                return None

        record = service_state.queue.claim_for_run(service_state.paused_devices(), properties)
        if record is None:
            return False
        with self._in_hand(record.id):
            document: Any = None
            result: dict[str, Any] | None = None
            error: dict[str, Any] | None
            try:
                document = self._kinds[record.dialect].read(record)
            except JobRefused as refusal:  # its data went while it waited
                error = {"message": refusal.message, "code": refusal.code}
            else:
                if record.backend_name in unreadable:
                    message = f"The calibration of {record.backend_name!r} cannot be read"
                    error = {"message": message, "code": RUN_FAILED_CODE}
                else:
                    result, error = self._simulate(record, document)
            if self._stopping.is_set() and error is not None:
                return False  # cut off in the middle; the next dispatcher runs it again
            earliest = record.planned_end_ms or 0
            self._at(earliest, record.id, lambda: self._finish(record, document, result, error))
        return True

    def _simulate(
        self, record: JobRecord, document: Any
    ) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        if record.attempts > self._service_state.settings.max_attempts:
            message = f"The run was given up after {record.attempts - 1} attempts"
            return None, {"message": message, "code": RUN_FAILED_CODE}
        limit = self._service_state.settings.job_seconds
        left = limit - record.run_ms / 1000
        if left <= 0:
            return None, _too_long(limit)
        with self._lock:
            self._simulating[record.id] = self._monotonic()
        self._wake_all()  # the job may have been cancelled since it was claimed
        try:
            return self._engine.run(self._kinds[record.dialect].task(record, document), left), None
        except EngineError as failure:
            if failure.code == TIMED_OUT:
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

    def _finish(
        self,
        record: JobRecord,
        document: Any,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
    ) -> None:
        try:
            outcome = self._kinds[record.dialect].outcome(record, document, result, error)
        except SQLAlchemyError:
            raise
        except Exception:
            # The job must end all the same, and not be run again for ever.
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

    # -- keeping ----------------------------------------------------------------------------

    def _keep(self) -> bool:
        service_state = self._service_state
        if time.monotonic() >= self._next_renewal:
            self._next_renewal = time.monotonic() + service_state.queue.lease_seconds / 3
            with self._lock:
                in_hand = [*self._working, *(entry[2] for entry in self._due)]
            service_state.queue.renew_leases(in_hand)
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
        with self._in_hand(entry[2]):
            try:
                entry[3]()
            except SQLAlchemyError:
                with self._lock:
                    heapq.heappush(self._due, entry)
                raise
        return True

    def _count_time(self) -> None:
        """Write down how long jobs have been simulated: the limit holds over all attempts."""
        now = self._monotonic()
        with self._lock:
            since = dict(self._simulating)
            self._simulating.update(dict.fromkeys(since, now))
        self._service_state.queue.add_run_ms(
            {job_id: round((now - start) * 1000) for job_id, start in since.items()}
        )

    def _at(self, due_ms: int, job_id: str, action: Callable[[], object]) -> None:
        """Do something now if it is due by the clock of the service, else when it is."""
        if due_ms <= self._service_state.jobs.now():
            action()
            return
        with self._lock:
            heapq.heappush(self._due, (due_ms, next(self._numbers), job_id, action))
        self._wake_all()

    @contextmanager
    def _in_hand(self, job_id: str) -> Iterator[None]:
        """Keep the lease of a job alive; if its work breaks off, the lease lapses."""
        with self._lock:
            self._working.append(job_id)
        try:
            yield
        finally:
            with self._lock:
                self._working.remove(job_id)

    # -- threads ----------------------------------------------------------------------------

    def _loop(self, step: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            with self._wake:
                seen = self._generation
            try:
                worked = step()
            except SQLAlchemyError as error:
                # The database may come back; what was in hand is taken over when its lease ends.
                _log.warning("the store cannot be used: %s", reason_of(error))
                self._stopping.wait(1.0)
                continue
            except Exception:
                # A thread that ends here would stop the service without a word.
                _log.exception("a job could not be moved along")
                self._stopping.wait(1.0)
                continue
            if not worked:
                self._sleep(seen)

    def _sleep(self, seen: int) -> None:
        with self._wake:
            if self._generation == seen and not self._stopping.is_set():
                self._wake.wait(self._poll_seconds)

    def _wake_all(self) -> None:
        with self._wake:
            self._generation += 1
            self._wake.notify_all()
