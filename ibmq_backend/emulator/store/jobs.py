"""Jobs in the database, as their owners see and change them.

Every method is one transaction. What the service itself does with jobs (validate, queue, run)
is in :mod:`ibmq_backend.emulator.store.queue`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import Clock, milliseconds
from ibmq_backend.emulator.core.errors import (
    DataAlreadyAccepted,
    DataNotUploaded,
    TooManyJobs,
    UnknownJob,
)
from ibmq_backend.emulator.core.job_events import Changes
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.core.records import Instance, JobRecord, JobRequest, job_record
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.job_data import JobData
from ibmq_backend.emulator.store.quotas import NO_QUOTA, Quota, Quotas
from ibmq_backend.emulator.store.schema import events, jobs, program_runs, snapshots

QOBJ: Final = "qobj"
RESULT: Final = "result"
_CHUNK: Final = 200
_DELETED: Final[dict[str, Any]] = {
    "deleted": True,
    "name": None,
    "tags": [],
    "steps": [],
    "experiment_tag": None,
    "share_level": None,
    "client_name": None,
    "client_version": None,
    "address": None,
    "summary": None,
    "error": None,
}
_JOB_ID: Final = re.compile(r"[0-9a-f]{24}")


class JobStore:
    """The jobs of all users.

    Args:
        store: database.
        clock: clock of the service.
        changes: told of every change after it is committed.
        seed: seed of the service; with the number of a job it makes the seed of its run.
        quota: what a user may keep.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        changes: Changes,
        seed: int = 0,
        quota: Quota = NO_QUOTA,
    ) -> None:
        self.store = store
        self.data = JobData(store)
        self.quotas = Quotas(self.data, quota)
        self.clock = clock
        self.changes = changes
        self._seed = seed

    def now(self) -> int:
        """The time of the service's clock, in milliseconds since 1970."""
        return milliseconds(self.clock.now())

    # -- creating ---------------------------------------------------------------------------

    def create(self, request: JobRequest, limit: int) -> JobRecord:
        """Create a job in the state CREATING.

        Args:
            request: what the client asked for.
            limit: how many unfinished jobs the user may have on this backend through this
                hub, group and project; -1 for any number.

        Raises:
            TooManyJobs: the limit is reached.
            JobQuotaExceeded: the user keeps too many jobs.
        """
        with self.store.write() as connection:
            numbers = self.draw_numbers(connection)
            self.quotas.check_jobs(connection, request.user_id)
            if limit >= 0 and self._unfinished(connection, request) >= limit:
                raise TooManyJobs(limit)
            creation = numbers[0]
            job_id = f"{creation // 1000 & 0xFFFFFFFF:08x}{secrets.token_hex(8)}"
            record = self.add(connection, request, job_id, numbers)
        self.changes.publish(record.id)
        return record

    def draw_numbers(self, connection: Connection) -> tuple[int, int]:
        """The moment of creation and the number of a new job, both its own.

        Drawing them makes creations wait for one another, so that no second request outruns what
        is counted afterwards in the same transaction.
        """
        creation = self.store.next_number(connection, "job creation", self.now())
        return creation, self.store.next_number(connection, "job")

    def add(
        self, connection: Connection, request: JobRequest, job_id: str, numbers: tuple[int, int]
    ) -> JobRecord:
        """Insert a job in the state CREATING, within a transaction.

        Args:
            connection: transaction.
            request: what the client asked for.
            job_id: id of the job.
            numbers: what :meth:`draw_numbers` gave.
        """
        (creation, sequence), instance = numbers, request.instance
        connection.execute(
            insert(jobs).values(
                id=job_id,
                sequence=sequence,
                creation_ms=creation,
                user_id=request.user_id,
                dialect=request.dialect,
                hub=instance.hub,
                group_name=instance.group,
                project=instance.project,
                backend_name=request.backend_name,
                backend_version=request.backend_version,
                status=lifecycle.CREATING,
                final=False,
                steps=[(lifecycle.CREATING, creation)],
                last_step_ms=creation,
                revision=1,
                name=request.name,
                tags=list(request.tags),
                experiment_tag=request.experiment_tag,
                share_level=request.share_level,
                live_data=request.live_data,
                client_name=request.client_name,
                client_version=request.client_version,
                address=request.address,
                seed=self._task_seed(sequence),
                deleted=False,
                attempts=0,
                run_ms=0,
            )
        )
        record = self.require(connection, job_id)
        self.log(connection, record)
        return record

    def check_upload(self, job_id: str, size: int) -> str:
        """Check that a Qobj can be uploaded, before it is.

        Args:
            job_id: id of the job.
            size: number of bytes that are announced.

        Returns:
            The id of its user.

        Raises:
            UnknownJob: it does not exist.
            DataAlreadyAccepted: it has its data.
            DataQuotaExceeded: the user would have too much data.
        """
        with self.store.read() as connection:
            record = self._creating(connection, job_id)
            self.quotas.check_bytes(connection, record.user_id, size)
        return record.user_id

    def put_qobj(self, job_id: str, content: RawJson) -> None:
        """Store the uploaded Qobj; a second upload before the job is accepted replaces it.

        Raises:
            UnknownJob: it does not exist.
            DataAlreadyAccepted: it has its data.
            DataQuotaExceeded: the user would have too much data.
        """
        with self.store.write() as connection:
            record = self._creating(connection, job_id, lock=True)
            self.data.write(connection, job_id, QOBJ, content)
            self.quotas.check_bytes(connection, record.user_id)

    def accept(self, job_id: str) -> JobRecord:
        """Accept a job whose data has been uploaded (``markJobDataUploaded``).

        Repeating the call changes nothing and returns the job as it is.

        Raises:
            UnknownJob: it does not exist.
            DataNotUploaded: there is no data.
        """
        with self.store.write() as connection:
            record = self.require(connection, job_id, lock=True)
            if record.status != lifecycle.CREATING:
                return record
            size = self.data.size(connection, job_id, QOBJ)
            if size is None:
                raise DataNotUploaded(job_id)
            record = self.advance(
                connection,
                record,
                lifecycle.CREATED,
                input_bytes=size,
                summary={"size": {"input": size}},
            )
        self.changes.publish(job_id)
        return record

    # -- reading ----------------------------------------------------------------------------

    def get(
        self,
        job_id: str,
        user_id: str | None,
        instance: Instance | None,
        dialect: str | None = None,
    ) -> JobRecord:
        """One job.

        Args:
            job_id: id of the job.
            user_id: owner it must have; None for any.
            instance: project it must be in; None for any.
            dialect: dialect it must be of; None for any.

        Raises:
            UnknownJob: it does not exist, or belongs to another user or project.
        """
        if not _JOB_ID.fullmatch(job_id):
            raise UnknownJob(job_id)
        with self.store.read() as connection:
            record = self.require(connection, job_id)
        if user_id not in (None, record.user_id) or dialect not in (None, record.dialect):
            raise UnknownJob(job_id)
        if instance not in (None, record.instance):
            raise UnknownJob(job_id)
        return record

    def scan(
        self,
        user_id: str,
        dialect: str,
        instance: Instance,
        *,
        ascending: bool = False,
        earliest: int | None = None,
        latest: int | None = None,
    ) -> Iterator[JobRecord]:
        """The jobs of a user in a project by creation, read in chunks as they are wanted.

        Args:
            user_id: id of the user.
            dialect: dialect of the jobs.
            instance: project.
            ascending: oldest first; else newest first.
            earliest: leave out jobs created before this many milliseconds since 1970.
            latest: leave out jobs created after this.
        """
        row = jobs.c
        order = row.creation_ms.asc() if ascending else row.creation_ms.desc()
        while True:
            query = (
                select(jobs)
                .where(
                    *_of_project(user_id, dialect, instance),
                    row.deleted.is_(False),
                )
                .order_by(order)
                .limit(_CHUNK)
            )
            if earliest is not None:
                query = query.where(row.creation_ms >= earliest)
            if latest is not None:
                query = query.where(row.creation_ms <= latest)
            with self.store.read() as connection:
                chunk = [job_record(found) for found in connection.execute(query)]
            yield from chunk
            if len(chunk) < _CHUNK:
                return
            if ascending:
                earliest = chunk[-1].creation_ms + 1
            else:
                latest = chunk[-1].creation_ms - 1

    def unfinished(self, user_id: str, dialect: str, instance: Instance, backend_name: str) -> int:
        """How many jobs of a user on a backend are not final, in one project of a dialect."""
        with self.store.read() as connection:
            return self._unfinished(
                connection, JobRequest(user_id, dialect, instance, backend_name, backend_version="")
            )

    def blob(self, job_id: str, kind: str) -> bytes | None:
        """The uploaded Qobj or the result of a job, byte for byte; None when there is none."""
        content = self.data.read(job_id, kind)
        return None if content is None else b"".join(content.pieces())

    def has_blob(self, job_id: str, kind: str) -> bool:
        """Whether a job has a Qobj or a result."""
        with self.store.read() as connection:
            return self.data.size(connection, job_id, kind) is not None

    def snapshot(self, digest: str) -> str | None:
        """The JSON text of the device properties kept under ``digest``."""
        with self.store.read() as connection:
            return connection.execute(
                select(snapshots.c.document).where(snapshots.c.digest == digest)
            ).scalar()

    def ended(self, job_ids: Sequence[str]) -> list[str]:
        """Which of the jobs are final."""
        if not job_ids:
            return []
        with self.store.read() as connection:
            found = connection.execute(
                select(jobs.c.id).where(jobs.c.id.in_(job_ids), jobs.c.final.is_(True))
            )
            return [row.id for row in found]

    def history(self, job_id: str) -> list[dict[str, Any]]:
        """The log of a job: each entry has ``status``, ``at_ms``, ``owner`` and ``attempt``."""
        with self.store.read() as connection:
            found = connection.execute(
                select(events).where(events.c.job_id == job_id).order_by(events.c.sequence)
            )
            return [dict(row._mapping) for row in found]

    # -- changing ---------------------------------------------------------------------------

    def cancel(self, job_id: str) -> bool:
        """Cancel a job unless it is final (``cancelJob``).

        Returns:
            Whether this call cancelled it. True means that the job never gets a result, also
            when it was running; False means that it was final before.
        """

        def change(connection: Connection) -> bool:
            record = self.require(connection, job_id, lock=True)
            if not record.final:
                self.advance(connection, record, lifecycle.CANCELLED)
            return not record.final

        cancelled = self.store.write_urgently(change)
        if cancelled:
            self.changes.publish(job_id)
        return cancelled

    def update(self, job_id: str, values: Mapping[str, Any]) -> None:
        """Change the name or the tags of a job (``updateJob``).

        Args:
            job_id: id of the job.
            values: new values of the columns ``name`` and ``tags``.
        """
        with self.store.write() as connection:
            record = self.require(connection, job_id, lock=True)
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(revision=record.revision + 1, **values)
            )
        self.changes.publish(job_id)

    def delete(self, job_id: str) -> None:
        """Delete a job and its data (``deleteJob``); an unfinished one is cancelled first.

        Its row stays, without anything whose size the client chose.
        """

        def change(connection: Connection) -> None:
            record = self.require(connection, job_id, lock=True)
            if not record.final:
                record = self.advance(connection, record, lifecycle.CANCELLED)
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(**_DELETED, revision=record.revision + 1)
            )
            connection.execute(
                update(program_runs)
                .where(program_runs.c.job_id == job_id)
                .values(caller=None, parent_job_id=None)
            )
            self.data.delete(connection, job_id)

        self.store.write_urgently(change)
        self.changes.publish(job_id)

    # -- parts of larger transactions --------------------------------------------------------

    def require(self, connection: Connection, job_id: str, *, lock: bool = False) -> JobRecord:
        """A job, within a transaction.

        Args:
            connection: transaction.
            job_id: id of the job.
            lock: whether nobody else may change it until the transaction ends.

        Raises:
            UnknownJob: it does not exist.
        """
        query = select(jobs).where(jobs.c.id == job_id, jobs.c.deleted.is_(False))
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            raise UnknownJob(job_id)
        return job_record(row)

    def _creating(self, connection: Connection, job_id: str, *, lock: bool = False) -> JobRecord:
        record = self.require(connection, job_id, lock=lock)
        if record.status != lifecycle.CREATING:
            raise DataAlreadyAccepted(job_id)
        return record

    def _unfinished(self, connection: Connection, request: JobRequest) -> int:
        count = connection.execute(
            select(func.count()).where(
                *_of_project(request.user_id, request.dialect, request.instance),
                jobs.c.backend_name == request.backend_name,
                jobs.c.final.is_(False),
            )
        ).scalar_one()
        return int(count)

    def advance(
        self, connection: Connection, record: JobRecord, *statuses: str, **values: Any
    ) -> JobRecord:
        """Move a job through statuses, within a transaction that holds its lock.

        Args:
            connection: transaction.
            record: job.
            statuses: what it enters, in order.
            values: further columns to set.

        Raises:
            ValueError: a status may not follow the one before.
        """
        steps = lifecycle.extend_steps(record.steps, statuses, self.now())
        status, last = steps[-1]
        final = status in lifecycle.FINAL
        if final:
            values = {**values, "end_ms": last, "lease_owner": None, "lease_until_ms": None}
        connection.execute(
            update(jobs)
            .where(jobs.c.id == record.id)
            .values(
                status=status,
                final=final,
                steps=steps,
                last_step_ms=last,
                revision=record.revision + 1,
                **values,
            )
        )
        advanced = self.require(connection, record.id)
        self.log(connection, advanced, count=len(statuses))
        return advanced

    def log(self, connection: Connection, record: JobRecord, count: int = 1) -> None:
        """Write the last ``count`` steps of a job into its history."""
        for status, at in record.steps[-count:]:
            connection.execute(
                insert(events).values(
                    job_id=record.id,
                    at_ms=at,
                    status=status,
                    owner=record.lease_owner,
                    attempt=record.attempts,
                )
            )

    def _task_seed(self, sequence: int) -> int:
        digest = hashlib.sha256(f"{self._seed}:{sequence}".encode()).digest()
        return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def _of_project(user_id: str, dialect: str, instance: Instance) -> tuple[ColumnElement[bool], ...]:
    row = jobs.c
    return (
        row.user_id == user_id,
        row.dialect == dialect,
        row.hub == instance.hub,
        row.group_name == instance.group,
        row.project == instance.project,
    )
