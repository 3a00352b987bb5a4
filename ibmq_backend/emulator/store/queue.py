"""The queue of jobs: claim, validate, enqueue, run, finish.

A job in progress has a lease: the name of the server that works on it, and a time of expiry. The
server renews it regularly. Another server, or the same one after a restart, claims jobs whose lease
has expired. Results are committed together with the final status, and only by the server with the
lease, so a job ends exactly once.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.job_events import Work
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.core.records import JobRecord, job_record
from ibmq_backend.emulator.store.fair_share import (
    Orders,
    Waiting,
    record_run_time,
    record_start,
)
from ibmq_backend.emulator.store.job_changes import log_steps
from ibmq_backend.emulator.store.jobs import RESULT, JobStore
from ibmq_backend.emulator.store.schema import access_tokens, jobs, reservations, snapshots
from ibmq_backend.emulator.store.searches import (
    Search,
    search_next,
    search_orphans,
    search_to_validate,
)
from ibmq_backend.emulator.store.statements import Statement

FAIRSHARE: Final = "fairshare"
DEDICATED: Final = "dedicated"
_MAX_SERVED: Final = 1_000
"""Number of users who are remembered for the turns of the validation."""

MAX_BATCH_JOBS: Final = 16
"""Jobs that are claimed for validation at once."""

_MAX_BATCH_BYTES: Final = 100_000
"""Data of these jobs, unless it is one job: a check takes a millisecond for some kilobytes, and
another server cannot claim what waits for it here."""


@dataclass(frozen=True)
class Ending:
    """The end of a run.

    Attributes:
        record: job as :meth:`JobQueue.claim_for_run` returned it.
        status: COMPLETED, CANCELLED or ERROR_RUNNING_JOB.
        result: result document; None if there is none.
        summary: replaces ``summaryData``.
        error: ``message`` and ``code`` of a failed run.
        also: further changes to be made in the same transaction.
    """

    record: JobRecord
    status: str
    result: RawJson | None
    summary: Mapping[str, Any]
    error: Mapping[str, Any] | None = None
    also: Callable[[Connection], None] | None = None


class JobQueue:
    """The jobs that are waiting or in progress.

    Args:
        job_store: store of the jobs.
        one_at_a_time: whether a backend runs one job at a time.
    """

    def __init__(self, job_store: JobStore, *, one_at_a_time: bool = False) -> None:
        self._jobs = job_store
        self._store = job_store.store
        self.leases = job_store.leases
        self._orders = Orders()
        # Built once: it takes longer than the searches.
        self._orphans = search_orphans(self.leases)
        self._next_job = search_next(self.leases, self._jobs.now, one_at_a_time=one_at_a_time)
        self._to_validate = {
            large: search_to_validate(self.leases, large=large) for large in (False, True)
        }
        self._served: dict[bool, set[str]] = {False: set(), True: set()}
        self._snapshots: dict[bytes, str] = {}  # digests of those that are stored

    # -- validating -------------------------------------------------------------------------

    def claim_for_validation(
        self,
        *,
        large: bool = False,
        in_hand: Collection[str] = (),
        most: int = 1,
        look_first: bool = True,
        connection: Connection | None = None,
    ) -> list[JobRecord]:
        """Claim jobs that wait for their validation; they are VALIDATING afterwards.

        Users take turns here too: first comes the oldest job of the users who have had no turn
        since all others had one.

        Args:
            large: whether to claim jobs with more than
                :data:`~ibmq_backend.emulator.core.records.LARGE_JOB_BYTES` of data, or those with
                less.
            in_hand: ids of the jobs on which this process works. They are not claimed again if
                their leases expire because it was held up.
            most: largest number of jobs; several have little data together.
            look_first: whether to lock the database only if a job is found without a lock.
            connection: transaction to take part in; None for one of its own.
        """
        search, served = self._to_validate[large], self._served[large]
        given = {"in_hand": list(in_hand), "served": list(served), "most": most}
        if connection is None and look_first and self._find(search, given=given) is None:
            return []
        with self._change(connection) as change:
            found = [job_record(row) for row in search.claim(change, given)]
            claimed = _small_batch(found)
            created = [one for one in claimed if one.status == lifecycle.CREATED]
            again = [one for one in claimed if one.status != lifecycle.CREATED]
            taken = self.leases.taken()
            claimed = self._jobs.advance_all(change, created, lifecycle.VALIDATING, **taken)
            for record in again:
                change.execute(update(jobs).where(jobs.c.id == record.id).values(**taken))
            for record in (*claimed, *again):
                self._publish(change, record.id)
        for record in claimed:
            if record.user_id in served or len(served) >= _MAX_SERVED:
                served.clear()
            served.add(record.user_id)
        return [*claimed, *again]

    def enqueue(
        self,
        record: JobRecord,
        *,
        shots: int | None,
        summary: Mapping[str, Any],
        delay_ms: int = 0,
        run_ms: int | None = None,
        connection: Connection | None = None,
    ) -> bool:
        """Put a valid job into the queue of its backend.

        Args:
            record: job as :meth:`claim_for_validation` returned it.
            shots: number of shots.
            summary: facts about its data, for ``summaryData``.
            delay_ms: time until its earliest start, in milliseconds, unless the user has a
                reservation now. A job that shares the device with others may start when the first
                of those that wait may start.
            run_ms: planned run time in milliseconds; None for "until it is done".
            connection: transaction to take part in; None for one of its own.

        Returns:
            False if the job was cancelled, deleted or claimed by another server.
        """
        with self._change(connection) as change:
            now = start_ms = self._jobs.now()
            dedicated = _BOOKED.scalar(
                change, {"name": record.backend_name, "user": record.user_id, "now": now}
            )
            if delay_ms and not dedicated:
                first = _FIRST_START.scalar(change, {"name": record.backend_name})
                start_ms = min(now + delay_ms, first or now + delay_ms)
            queued = self._jobs.advance_leased(
                change,
                record,
                lifecycle.VALIDATED,
                lifecycle.QUEUED,
                run_mode=DEDICATED if dedicated else FAIRSHARE,
                shots=shots,
                summary={**(record.summary or {}), **summary},
                planned_start_ms=start_ms,
                planned_end_ms=None if run_ms is None else start_ms + run_ms,
                **self.leases.waiting(),
            )
            if queued is not None:
                self._publish(change, record.id, Work.RUN)
        return queued is not None

    def refuse(
        self, record: JobRecord, error: Mapping[str, Any], connection: Connection | None = None
    ) -> bool:
        """End a job whose data is not valid; return False if its lease is no longer ours."""
        with self._change(connection) as change:
            refused = self._jobs.advance_leased(
                change, record, lifecycle.ERROR_VALIDATING, error=dict(error)
            )
            if refused is not None:
                self._publish(change, record.id)
        return refused is not None

    # -- running ----------------------------------------------------------------------------

    def claim_for_run(
        self,
        paused: Collection[str] = (),
        properties: Callable[[str], bytes | None] = lambda _name: None,
        in_hand: Collection[str] = (),
        *,
        orphans: bool = True,
        look_first: bool = True,
        ending: Ending | None = None,
    ) -> JobRecord | None:
        """Claim the next job to be run; it is RUNNING afterwards.

        Running jobs of a dead server come first, then jobs in a reservation, then the others in
        the order of :mod:`ibmq_backend.emulator.store.fair_share`. During a reservation only jobs
        of its user run on the backend.

        Args:
            paused: backends that run no jobs now.
            properties: returns the calibration of a backend, JSON that is stored with the job;
                None without calibration.
            in_hand: as for :meth:`claim_for_validation`.
            orphans: whether to look for running jobs of dead servers.
            look_first: as for :meth:`claim_for_validation`.
            ending: end of another run, to be stored in the same transaction; see :meth:`finish`.
        """
        given = {"paused": list(paused), "in_hand": list(in_hand)}
        if ending is None and look_first:
            found = self._find(self._orphans, self._next_job, given=given)
            if found is None:
                return None
            # Others wait during the transaction, and a file may have to be read.
            properties(found.backend_name)
        with self._store.write() as connection:
            # Other servers wait here, so that each of them sees whose turn it is.
            number = self._store.next_number(connection, "job start")
            ended = None if ending is None else self._store_ending(connection, ending)
            record = self._claim_orphan(connection, given) if orphans else None
            if record is None:
                record = self._start_next(connection, given, number, properties)
            if record is not None:
                self._publish(connection, record.id)
            if ended is not None:
                # The totals of a user on a device are locked after the number, as by a start.
                record_run_time(connection, ended)
        return record

    def finish(self, ending: Ending) -> bool:
        """Commit the outcome of a run: result and final status in one transaction.

        Returns:
            False if the job was cancelled, deleted or claimed by another server meanwhile;
            nothing is stored then.
        """
        with self._store.write() as connection:
            ended = self._store_ending(connection, ending)
            if ended is not None:
                record_run_time(connection, ended)
        return ended is not None

    # -- leases and housekeeping ------------------------------------------------------------

    def renew_leases(self, job_ids: Collection[str]) -> None:
        """Renew the leases of jobs of this server: of these, and of those that wait."""
        row = jobs.c
        chosen: ColumnElement[bool] = row.id.in_(list(job_ids))
        if self.leases.from_creation:
            waiting = (lifecycle.CREATING, lifecycle.CREATED, lifecycle.QUEUED)
            chosen = or_(chosen, row.status.in_(waiting))
        elif not job_ids:
            return
        own = and_(row.final.is_(False), row.lease_owner == self.leases.owner, chosen)
        if self._find(Search(select(jobs).where(own))) is None:
            return
        renewed = {"lease_until_ms": self.leases.taken()["lease_until_ms"]}
        with self._store.write() as connection:
            connection.execute(update(jobs).where(own).values(**renewed))

    def add_run_ms(self, spent: Mapping[str, int]) -> None:
        """Add to the simulation times of jobs of this server, in milliseconds."""
        if not spent:
            return
        row = jobs.c
        with self._store.write() as connection:
            for job_id, milliseconds in spent.items():
                connection.execute(
                    update(jobs)
                    .where(row.id == job_id, row.lease_owner == self.leases.owner)
                    .values(run_ms=row.run_ms + milliseconds)
                )

    def release_leases(self) -> None:
        """Release all jobs of this server, so that another one can claim them at once.

        A run that an orderly stop interrupts does not count as an attempt: only crashes of servers
        make a job suspect. The job has no lease afterwards, so a late result of the interrupted
        run is not stored.
        """
        begun = case((jobs.c.status == lifecycle.RUNNING, jobs.c.attempts - 1), else_=0)
        with self._store.write() as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.lease_owner == self.leases.owner, jobs.c.final.is_(False))
                .values(lease_owner=None, lease_until_ms=0, attempts=begun)
            )

    def sweep(
        self, creation_seconds: float, error_of: Callable[[JobRecord], Mapping[str, Any]]
    ) -> None:
        """End jobs whose data was not uploaded, and delete expired access tokens.

        Args:
            creation_seconds: time limit of the status CREATING.
            error_of: returns ``message`` and ``code`` of such a job.
        """
        now = self._jobs.now()
        row = jobs.c
        stale = select(jobs).where(
            row.status == lifecycle.CREATING,
            row.creation_ms < now - int(creation_seconds * 1000),
        )
        with self._store.write() as connection:
            connection.execute(delete(access_tokens).where(access_tokens.c.expires_ms < now))
            while found := Search(stale).claim(connection):
                record = job_record(found[0])
                error = dict(error_of(record))
                self._jobs.advance(connection, record, lifecycle.ERROR_CREATING, error=error)
                self._publish(connection, record.id)

    def queue_length(self, backend_name: str) -> int:
        """Return the number of accepted jobs of all users that wait for a backend."""
        with self._store.read() as connection:
            ((count,),) = _WAITING_ON.rows(connection, {"on_backend": backend_name})
        return int(count)

    def queue_lengths(self) -> dict[str, int]:
        """Return the numbers of jobs that wait, by backend, without backends with none."""
        with self._store.read() as connection:
            return dict(_WAITING.rows(connection, {}))

    def waiting(self, backend_name: str, *, booked_by: str | None, unknown_run_ms: int) -> Waiting:
        """Return the places of the queued jobs of a backend.

        Args:
            backend_name: name of the backend.
            booked_by: id of the user with its current reservation.
            unknown_run_ms: estimated run time of a job of which nothing is known.
        """
        with self._store.read() as connection:
            return self._orders.waiting(
                connection, backend_name, booked_by=booked_by, unknown_run_ms=unknown_run_ms
            )

    # -- inside -----------------------------------------------------------------------------

    @contextmanager
    def _change(self, connection: Connection | None) -> Iterator[Connection]:
        """Take part in a transaction, or begin one."""
        if connection is not None:
            yield connection
            return
        with self._store.write() as own:
            yield own

    def _publish(self, connection: Connection, job_id: str, work: Work | None = None) -> None:
        self._store.after_commit(connection, lambda: self._jobs.changes.publish(job_id, work))

    def _claim_orphan(self, connection: Connection, given: Mapping[str, Any]) -> JobRecord | None:
        """Claim a running job of a dead server."""
        found = self._orphans.claim(connection, given)
        if not found:
            return None
        taken = {**self.leases.taken(), "attempts": found[0].attempts + 1}
        connection.execute(update(jobs).where(jobs.c.id == found[0].id).values(**taken))
        record = self._jobs.require(connection, found[0].id)
        log_steps(connection, record)
        return record

    def _start_next(
        self,
        connection: Connection,
        given: Mapping[str, Any],
        number: int,
        properties: Callable[[str], bytes | None],
    ) -> JobRecord | None:
        """Start the next job of the queue."""
        found, now = self._next_job.claim(connection, given), self._jobs.now()
        if not found:
            return None
        record = job_record(found[0])
        values = {**self.leases.taken(), "attempts": record.attempts + 1}
        document = properties(record.backend_name)
        if document is not None:
            values["properties_digest"] = self._store_snapshot(connection, document)
        if record.planned_end_ms is not None:
            run_ms = record.planned_end_ms - (record.planned_start_ms or 0)
            values["planned_end_ms"] = now + run_ms
        record_start(connection, record, number)
        return self._jobs.advance(
            connection,
            record,
            lifecycle.RUNNING,
            run_mode=FAIRSHARE if found[0].unbooked else DEDICATED,
            planned_start_ms=now,
            **values,
        )

    def _store_ending(self, connection: Connection, ending: Ending) -> JobRecord | None:
        ended = self._jobs.advance_leased(
            connection,
            ending.record,
            ending.status,
            summary=dict(ending.summary),
            error=None if ending.error is None else dict(ending.error),
        )
        if ended is None:
            return None
        if ending.result is not None:  # stored with the final status only, so there is none yet
            self._jobs.data.add(connection, ended.id, RESULT, ending.result)
        if ending.also is not None:
            ending.also(connection)
        self._publish(connection, ended.id)
        return ended

    def _store_snapshot(self, connection: Connection, document: bytes) -> str:
        digest = self._snapshots.get(document)
        if digest is None:
            digest = hashlib.sha256(document).hexdigest()
            values = {"digest": digest, "document": document.decode()}
            self._store.insert_missing(connection, snapshots, values)
            self._store.after_commit(connection, lambda: self._snapshots.update({document: digest}))
        return digest

    def _find(self, *searches: Search, given: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """Return such a job; idle servers must not lock the database."""
        with self._store.read() as connection:
            found = (search.find(connection, given) for search in searches)
            return next((row for row in found if row is not None), None)


_ACTIVE: Final = (
    reservations.c.backend_name == bindparam("name"),
    reservations.c.start_ms <= bindparam("now"),
    reservations.c.end_ms > bindparam("now"),
)
_IS_WAITING: Final = jobs.c.status.in_([literal(status) for status in lifecycle.WAITING])
_WAITING_ON: Final = Statement(
    select(func.count()).where(_IS_WAITING, jobs.c.backend_name == bindparam("on_backend"))
)
_WAITING: Final = Statement(
    select(jobs.c.backend_name, func.count()).where(_IS_WAITING).group_by(jobs.c.backend_name)
)
_BOOKED: Final = Statement(
    select(reservations.c.id).where(*_ACTIVE, reservations.c.user_id == bindparam("user"))
)

_FIRST_START: Final = Statement(
    select(func.min(jobs.c.planned_start_ms)).where(
        jobs.c.status == lifecycle.QUEUED,
        jobs.c.backend_name == bindparam("name"),
        jobs.c.run_mode == FAIRSHARE,
    )
)


def _small_batch(found: list[JobRecord]) -> list[JobRecord]:
    """Return the first jobs, as many as have little data together, and at least one."""
    sizes = itertools.accumulate(record.input_bytes or 0 for record in found)
    return [
        record
        for number, (record, size) in enumerate(zip(found, sizes, strict=True))
        if not number or size <= _MAX_BATCH_BYTES
    ]
