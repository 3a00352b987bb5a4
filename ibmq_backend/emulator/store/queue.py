"""The queue of jobs: claim, validate, enqueue, run, finish.

A job in progress has a lease: the name of the server that works on it, and a time of expiry. The
server renews it regularly. Another server, or the same one after a restart, claims jobs whose lease
has expired. Results are committed together with the final status, and only by the server with the
lease, so a job ends exactly once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.errors import UnknownJob
from ibmq_backend.emulator.core.job_events import Work
from ibmq_backend.emulator.core.raw_json import RawJson, raw_bytes
from ibmq_backend.emulator.core.records import LARGE_JOB_BYTES, JobRecord, job_record
from ibmq_backend.emulator.store.fair_share import (
    Orders,
    Waiting,
    next_job,
    record_run_time,
    record_start,
)
from ibmq_backend.emulator.store.jobs import HEADER, RESULT, JobStore
from ibmq_backend.emulator.store.leases import read_when_executed
from ibmq_backend.emulator.store.schema import access_tokens, jobs, reservations, snapshots

FAIRSHARE: Final = "fairshare"
DEDICATED: Final = "dedicated"
_MAX_SERVED: Final = 1_000
"""Number of users who are remembered for the turns of the validation."""


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
        self._orphans = _Search(
            select(jobs)
            .where(jobs.c.status == lifecycle.RUNNING, self.leases.expired(), _not_in_hand())
            .order_by(jobs.c.creation_ms)
        )
        self._next_job = _Search(self._query_next_job(one_at_a_time=one_at_a_time))
        self._to_validate = {large: self._search_to_validate(large) for large in (False, True)}
        self._served: dict[bool, set[str]] = {False: set(), True: set()}

    # -- validating -------------------------------------------------------------------------

    def claim_for_validation(
        self, *, large: bool = False, in_hand: Collection[str] = ()
    ) -> JobRecord | None:
        """Claim a job that waits for its validation; it is VALIDATING afterwards.

        Users take turns here too: it is the oldest one of the users who have had no turn since
        all others had one.

        Args:
            large: whether to claim a job with more than
                :data:`~ibmq_backend.emulator.core.records.LARGE_JOB_BYTES` of data, or one with
                less.
            in_hand: ids of the jobs on which this process works. They are not claimed again if
                their leases expire because it was held up.
        """
        row, search, served = jobs.c, self._to_validate[large], self._served[large]
        given = {"in_hand": list(in_hand), "served": list(served)}
        if self._find(search, given=given) is None:
            return None
        with self._store.write() as connection:
            record = search.claim(connection, given)
            if record is None:
                return None
            if record.status == lifecycle.CREATED:
                record = self._jobs.advance(
                    connection, record, lifecycle.VALIDATING, **self.leases.taken()
                )
            else:
                taken = self.leases.taken()
                connection.execute(update(jobs).where(row.id == record.id).values(**taken))
        if record.user_id in served or len(served) >= _MAX_SERVED:
            served.clear()
        served.add(record.user_id)
        self._jobs.changes.publish(record.id)
        return record

    def enqueue(
        self,
        job_id: str,
        *,
        run_mode: str,
        shots: int | None,
        summary: Mapping[str, Any],
        header: bytes | None = None,
        start_ms: int,
        run_ms: int | None = None,
    ) -> bool:
        """Put a valid job into the queue of its backend.

        Args:
            job_id: job claimed by :meth:`claim_for_validation`.
            run_mode: ``fairshare`` or ``dedicated``.
            shots: number of shots.
            summary: facts about its data, for ``summaryData``.
            header: JSON that is stored for the result of a failed run; None to store nothing.
            start_ms: earliest start, in milliseconds since 1970, unless the user has a reservation
                then. A job that shares the device with others may start when the first of those
                that wait may start.
            run_ms: planned run time in milliseconds; None for "until it is done".

        Returns:
            False if the job was cancelled, deleted or claimed by another server.
        """
        with self._store.write() as connection:
            record = self._leased(connection, job_id, lifecycle.VALIDATING)
            if record is None:
                return False
            if run_mode == FAIRSHARE:
                first = select(func.min(jobs.c.planned_start_ms)).where(
                    jobs.c.status == lifecycle.QUEUED,
                    jobs.c.backend_name == record.backend_name,
                    jobs.c.run_mode == FAIRSHARE,
                )
                start_ms = min(start_ms, connection.execute(first).scalar() or start_ms)
            if header is not None:
                self._jobs.data.write(connection, job_id, HEADER, raw_bytes(header))
            self._jobs.advance(
                connection,
                record,
                lifecycle.VALIDATED,
                lifecycle.QUEUED,
                run_mode=run_mode,
                shots=shots,
                summary={**(record.summary or {}), **summary},
                planned_start_ms=start_ms,
                planned_end_ms=None if run_ms is None else start_ms + run_ms,
                **self.leases.waiting(),
            )
        self._jobs.changes.publish(job_id, Work.RUN)
        return True

    def refuse(self, job_id: str, error: Mapping[str, Any]) -> bool:
        """End a job whose data is not valid; return False if its lease is no longer ours."""
        with self._store.write() as connection:
            record = self._leased(connection, job_id, lifecycle.VALIDATING)
            if record is None:
                return False
            self._jobs.advance(connection, record, lifecycle.ERROR_VALIDATING, error=dict(error))
        self._jobs.changes.publish(job_id)
        return True

    # -- running ----------------------------------------------------------------------------

    def claim_for_run(
        self,
        paused: Collection[str] = (),
        properties: Callable[[str], bytes | None] = lambda _name: None,
        in_hand: Collection[str] = (),
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
        """
        row, now = jobs.c, self._jobs.now()
        given = {"paused": list(paused), "in_hand": list(in_hand)}
        found = self._find(self._orphans, self._next_job, given=given)
        if found is None:
            return None
        # Others wait during the transaction, and a file may have to be read.
        name, document = found.backend_name, properties(found.backend_name)
        with self._store.write() as connection:
            # Other servers wait here, so that each of them sees whose turn it is.
            number = self._store.next_number(connection, "job start")
            record = self._orphans.claim(connection, given)
            record = record or self._next_job.claim(connection, given)
            if record is None:
                return None
            values = {**self.leases.taken(), "attempts": record.attempts + 1}
            if record.status == lifecycle.QUEUED:
                if record.backend_name != name:
                    document = properties(record.backend_name)
                if document is not None:
                    values["properties_digest"] = self._store_snapshot(connection, document)
                if record.planned_end_ms is not None:
                    run_ms = record.planned_end_ms - (record.planned_start_ms or 0)
                    values["planned_end_ms"] = now + run_ms
                mode = self._mode_now(connection, record, now)
                record = self._jobs.advance(
                    connection,
                    record,
                    lifecycle.RUNNING,
                    run_mode=mode,
                    planned_start_ms=now,
                    **values,
                )
                record_start(connection, record, number)
            else:
                connection.execute(update(jobs).where(row.id == record.id).values(**values))
                record = self._jobs.require(connection, record.id)
                self._jobs.log(connection, record)
        self._jobs.changes.publish(record.id)
        return record

    def finish(
        self,
        record: JobRecord,
        *,
        status: str,
        result: RawJson | bytes | None,
        summary: Mapping[str, Any],
        error: Mapping[str, Any] | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> bool:
        """Commit the outcome of a run: result and final status in one transaction.

        Args:
            record: job as :meth:`claim_for_run` returned it.
            status: COMPLETED, CANCELLED or ERROR_RUNNING_JOB.
            result: result document; None if there is none.
            summary: replaces ``summaryData``.
            error: ``message`` and ``code`` of a failed run.
            also: further changes to be made in the same transaction.

        Returns:
            False if the job was cancelled, deleted or claimed by another server meanwhile;
            nothing is stored then.
        """
        with self._store.write() as connection:
            held = self._leased(connection, record.id, lifecycle.RUNNING, record.attempts)
            if held is None:
                return False
            if result is None:
                self._jobs.data.delete(connection, record.id, RESULT)
            else:
                content = raw_bytes(result) if isinstance(result, bytes) else result
                self._jobs.data.write(connection, record.id, RESULT, content)
            ended = self._jobs.advance(
                connection,
                held,
                status,
                summary=dict(summary),
                error=None if error is None else dict(error),
            )
            record_run_time(connection, ended)
            if also is not None:
                also(connection)
        self._jobs.changes.publish(record.id)
        return True

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
        if self._find(_Search(select(jobs).where(own))) is None:
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
        ended = []
        stale = select(jobs).where(
            row.status == lifecycle.CREATING,
            row.creation_ms < now - int(creation_seconds * 1000),
        )
        with self._store.write() as connection:
            connection.execute(delete(access_tokens).where(access_tokens.c.expires_ms < now))
            while (record := _Search(stale).claim(connection)) is not None:
                error = dict(error_of(record))
                self._jobs.advance(connection, record, lifecycle.ERROR_CREATING, error=error)
                ended.append(record.id)
        for job_id in ended:
            self._jobs.changes.publish(job_id)

    def queue_length(self, backend_name: str) -> int:
        """Return the number of accepted jobs of all users that wait for a backend."""
        with self._store.read() as connection:
            count = connection.execute(
                select(func.count()).where(
                    jobs.c.status.in_(lifecycle.WAITING), jobs.c.backend_name == backend_name
                )
            ).scalar_one()
        return int(count)

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

    def _leased(
        self, connection: Connection, job_id: str, status: str, attempt: int | None = None
    ) -> JobRecord | None:
        try:
            record = self._jobs.require(connection, job_id, lock=True)
        except UnknownJob:
            return None  # deleted
        if record.status != status or record.lease_owner != self.leases.owner:
            return None
        return record if attempt in (None, record.attempts) else None

    def _mode_now(self, connection: Connection, record: JobRecord, now: int) -> str:
        booking = reservations.c
        booked = connection.execute(
            select(booking.id).where(
                booking.backend_name == record.backend_name,
                booking.user_id == record.user_id,
                booking.start_ms <= now,
                booking.end_ms > now,
            )
        ).first()
        return FAIRSHARE if booked is None else DEDICATED

    def _store_snapshot(self, connection: Connection, document: bytes) -> str:
        digest = hashlib.sha256(document).hexdigest()
        values = {"digest": digest, "document": document.decode()}
        self._store.insert_missing(connection, snapshots, values)
        return digest

    def _query_next_job(self, *, one_at_a_time: bool) -> Select[Any]:
        row, now = jobs.c, read_when_executed(self._jobs.now)
        booking = reservations.c
        booked = select(booking.backend_name, booking.user_id).where(
            booking.start_ms <= now, booking.end_ms > now
        )
        ready = and_(
            row.status == lifecycle.QUEUED,
            self.leases.claimable(),
            or_(row.planned_start_ms <= now, tuple_(row.backend_name, row.user_id).in_(booked)),
            row.backend_name.not_in(bindparam("paused", expanding=True)),
        )
        if one_at_a_time:
            busy = select(row.backend_name).where(row.status == lifecycle.RUNNING)
            ready = and_(ready, row.backend_name.not_in(busy))
        return next_job(ready, now)

    def _search_to_validate(self, large: bool) -> _Search:
        row = jobs.c
        size = func.coalesce(row.input_bytes, 0)
        waiting = or_(
            and_(row.status == lifecycle.CREATED, self.leases.claimable()),
            and_(row.status == lifecycle.VALIDATING, self.leases.expired(), _not_in_hand()),
        )
        chosen = size > LARGE_JOB_BYTES if large else size <= LARGE_JOB_BYTES
        had_turn = row.user_id.in_(bindparam("served", expanding=True))
        return _Search(
            select(jobs)
            .where(waiting, chosen)
            .order_by(case((had_turn, 1), else_=0), row.creation_ms)
        )

    def _find(self, *searches: _Search, given: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """Return such a job; idle servers must not lock the database."""
        with self._store.read() as connection:
            found = (search.find(connection, given) for search in searches)
            return next((row for row in found if row is not None), None)


def _not_in_hand() -> ColumnElement[bool]:
    return jobs.c.id.not_in(bindparam("in_hand", expanding=True))


class _Search:
    """A search for jobs, built once.

    Args:
        query: the jobs, the first one first.
    """

    def __init__(self, query: Select[Any]) -> None:
        self._plain = query.limit(1)
        self._locking = self._plain.with_for_update(skip_locked=True, of=jobs)

    def find(
        self, connection: Connection, given: Mapping[str, Any] | None = None
    ) -> Row[Any] | None:
        """Return the first job."""
        return connection.execute(self._plain, given).first()

    def claim(
        self, connection: Connection, given: Mapping[str, Any] | None = None
    ) -> JobRecord | None:
        """Return the first job that no other transaction has locked, and lock it."""
        row = connection.execute(self._locking, given).first()
        return None if row is None else job_record(row)
