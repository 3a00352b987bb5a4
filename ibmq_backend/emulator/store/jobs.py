"""Jobs in the database, as their owners see and change them.

Every method is one transaction. The operations of the service itself (validate, queue, run) are in
:mod:`ibmq_backend.emulator.store.queue`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import Clock, milliseconds
from ibmq_backend.emulator.core.errors import (
    DataAlreadyAccepted,
    DataNotUploaded,
    UnknownJob,
)
from ibmq_backend.emulator.core.job_events import Changes, Work
from ibmq_backend.emulator.core.observer import Observer
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.core.records import (
    JOB_COLUMNS,
    LARGE_JOB_BYTES,
    Instance,
    JobRecord,
    JobRequest,
    new_job_record,
)
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.job_changes import (
    UPDATE_JOB,
    UPDATE_LEASED_JOB,
    advanced_job,
    log_steps,
)
from ibmq_backend.emulator.store.job_data import JobData
from ibmq_backend.emulator.store.leases import Leases
from ibmq_backend.emulator.store.quotas import NO_QUOTA, Quota, Quotas
from ibmq_backend.emulator.store.schema import events, jobs, program_runs, snapshots
from ibmq_backend.emulator.store.seeds import JobSeeds
from ibmq_backend.emulator.store.statements import Statement
from ibmq_backend.emulator.store.totals import add_jobs

QOBJ: Final = "qobj"
RESULT: Final = "result"
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

_CHOSEN: Final = select(*(jobs.c[name] for name in JOB_COLUMNS)).where(
    jobs.c.id == bindparam("job_id"), jobs.c.deleted.is_(False)
)
_READ: Final = Statement(_CHOSEN)
_LOCK: Final = Statement(_CHOSEN.with_for_update())
_INSERT_JOB: Final = Statement(insert(jobs))


class JobStore:
    """The jobs of all users.

    Args:
        store: database.
        clock: clock of the service.
        changes: notified of every change after its commit.
        seeds: seeds of the simulations.
        leases: leases of the service.
        quota: limits of each user.
        searched: what errors say about an unknown job; see :class:`UnknownJob`.

    Attributes:
        observer: receives every job that is created or advanced, after its commit.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        changes: Changes,
        seeds: JobSeeds,
        leases: Leases,
        quota: Quota = NO_QUOTA,
        searched: str = "",
    ) -> None:
        self.store = store
        self.data = JobData(store)
        self.quotas = Quotas(self.data, quota)
        self.clock = clock
        self.changes = changes
        self.leases = leases
        self.observer = Observer()
        self._seeds = seeds
        self._searched = searched

    def now(self) -> int:
        """Return the time of the service's clock, in milliseconds since 1970."""
        return milliseconds(self.clock.now())

    # -- creating ---------------------------------------------------------------------------

    def create(self, request: JobRequest, limit: int, *, in_all: bool = False) -> JobRecord:
        """Create a job in the state CREATING.

        Args:
            request: parameters of the job.
            limit: largest number of unfinished jobs of the user on this backend; -1 for any number.
            in_all: whether it counts jobs in all projects, and not only in that of the request.

        Raises:
            TooManyJobs: if the limit is reached.
            JobQuotaExceeded: if the user has too many jobs.
            DataQuotaExceeded: if they have too much data.
        """
        with self.store.write() as connection:
            numbers = self.draw_numbers(connection)
            self.quotas.check_jobs(connection, request.user_id)
            # The total exists then before uploads, which are not serialized, change it.
            self.quotas.check_bytes(connection, request.user_id)
            self.quotas.check_unfinished(connection, request, limit, in_all=in_all)
            job_id = f"{numbers[0] // 1000 & 0xFFFFFFFF:08x}{secrets.token_hex(8)}"
            record = self.add(connection, request, job_id, numbers)
        self.changes.publish(record.id)
        return record

    def draw_numbers(self, connection: Connection) -> tuple[int, int]:
        """Return the creation time and the number of a new job, both unique.

        This serializes creations, so the counts that follow in the same transaction are exact.
        """
        creation = self.store.next_number(connection, "job creation", self.now())
        return creation, self.store.next_number(connection, "job")

    def add(
        self, connection: Connection, request: JobRequest, job_id: str, numbers: tuple[int, int]
    ) -> JobRecord:
        """Insert a job in the state CREATING, within a transaction.

        Args:
            connection: transaction.
            request: parameters of the job.
            job_id: id of the job.
            numbers: result of :meth:`draw_numbers`.
        """
        creation, sequence = numbers
        values = {
            **request.columns(),
            "id": job_id,
            "sequence": sequence,
            "creation_ms": creation,
            "status": lifecycle.CREATING,
            "final": False,
            "steps": [(lifecycle.CREATING, creation)],
            "last_step_ms": creation,
            "revision": 1,
            "seed": self._seeds.of_new_job(sequence),
            "deleted": False,
            "attempts": 0,
            "run_ms": 0,
            **self.leases.waiting(),
        }
        _INSERT_JOB.execute(connection, values)
        add_jobs(connection, request.user_id, 1)
        record = new_job_record(values)
        log_steps(connection, record)
        return record

    def check_upload(self, job_id: str, size: int) -> str:
        """Check that a Qobj may be uploaded, before the upload.

        Args:
            job_id: id of the job.
            size: announced number of bytes.

        Returns:
            The id of its user.

        Raises:
            UnknownJob: if the job does not exist.
            DataAlreadyAccepted: if the job has been accepted.
            DataQuotaExceeded: if the user would have too much data.
        """
        with self.store.read() as connection:
            record = self._creating(connection, job_id)
            self.quotas.check_bytes(connection, record.user_id, size, keep=False)
        return record.user_id

    def put_qobj(self, job_id: str, content: RawJson) -> None:
        """Store the uploaded Qobj; a second upload before the job is accepted replaces it.

        Raises:
            UnknownJob: if the job does not exist.
            DataAlreadyAccepted: if the job has been accepted.
            DataQuotaExceeded: if the user would have too much data.
        """
        with self.store.write() as connection:
            record = self._creating(connection, job_id, lock=True)
            self.data.write(connection, job_id, QOBJ, content)
            self.quotas.check_bytes(connection, record.user_id)

    def accept(self, job_id: str) -> JobRecord:
        """Accept a job whose data has been uploaded (``markJobDataUploaded``).

        A repeated call changes nothing and returns the job as it is.

        Raises:
            UnknownJob: if the job does not exist.
            DataNotUploaded: if there is no data.
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
        self.publish_accepted(record)
        return record

    # -- reading ----------------------------------------------------------------------------

    def get(
        self,
        job_id: str,
        user_id: str | None,
        instance: Instance | None,
        dialect: str | None = None,
    ) -> JobRecord:
        """Return one job.

        Args:
            job_id: id of the job.
            user_id: its owner; None for any.
            instance: its project; None for any.
            dialect: its dialect; None for any.

        Raises:
            UnknownJob: if there is no such job of this owner, project and dialect.
        """
        if not _JOB_ID.fullmatch(job_id):
            raise UnknownJob(job_id, self._searched)
        with self.store.read() as connection:
            record = self.require(connection, job_id)
        if user_id not in (None, record.user_id) or dialect not in (None, record.dialect):
            raise UnknownJob(job_id, self._searched)
        if instance not in (None, record.instance):
            other = f" in {instance}: it was run in {record.instance}"
            raise UnknownJob(job_id, self._searched and other)
        return record

    def unfinished(
        self,
        user_id: str,
        dialect: str,
        instance: Instance,
        backend_name: str,
        *,
        in_all: bool = False,
    ) -> int:
        """Return the number of unfinished jobs of a user on a backend, in one project or in all."""
        request = JobRequest(user_id, dialect, instance, backend_name, backend_version="")
        with self.store.read() as connection:
            return self.quotas.count_unfinished(connection, request, in_all=in_all)

    def blob(self, job_id: str, kind: str) -> bytes | None:
        """Return data of a job byte for byte; None if there is none."""
        content = self.data.read(job_id, kind)
        return None if content is None else b"".join(content.pieces())

    def has_blob(self, job_id: str, kind: str) -> bool:
        """Return whether a job has data of a kind."""
        with self.store.read() as connection:
            return self.data.size(connection, job_id, kind) is not None

    def snapshot(self, digest: str) -> str | None:
        """Return the JSON text of the device properties with a digest; None if there are none."""
        with self.store.read() as connection:
            return connection.execute(
                select(snapshots.c.document).where(snapshots.c.digest == digest)
            ).scalar()

    def ended(self, job_ids: Sequence[str]) -> list[str]:
        """Return the ids of those jobs that are final."""
        if not job_ids:
            return []
        with self.store.read() as connection:
            found = connection.execute(
                select(jobs.c.id).where(jobs.c.id.in_(job_ids), jobs.c.final.is_(True))
            )
            return [row.id for row in found]

    def history(self, job_id: str) -> list[dict[str, Any]]:
        """Return the log of a job: each entry has ``status``, ``at_ms``, ``owner``, ``attempt``."""
        with self.store.read() as connection:
            found = connection.execute(
                select(events).where(events.c.job_id == job_id).order_by(events.c.sequence)
            )
            return [dict(row._mapping) for row in found]

    # -- changing ---------------------------------------------------------------------------

    def cancel(self, job_id: str) -> bool:
        """Cancel a job unless it is final (``cancelJob``).

        Returns:
            Whether this call cancelled it. If True, the job never gets a result, even if it was
            running; if False, it was already final.
        """

        def change(connection: Connection) -> bool:
            record = self.require(connection, job_id, lock=True)
            if not record.final:
                self.advance(connection, record, lifecycle.CANCELLED)
            return not record.final

        cancelled = self.store.write_urgently(change)
        if cancelled:
            self.changes.publish(job_id, Work.STOP)
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

        Its row remains, without the columns whose size the client determines.
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
            # In the order of creations, which change the same totals.
            add_jobs(connection, record.user_id, -1)
            self.data.delete(connection, job_id)

        self.store.write_urgently(change)
        self.changes.publish(job_id, Work.STOP)

    # -- parts of larger transactions --------------------------------------------------------

    def require(self, connection: Connection, job_id: str, *, lock: bool = False) -> JobRecord:
        """Return a job, within a transaction.

        Args:
            connection: transaction.
            job_id: id of the job.
            lock: whether to lock the job until the transaction ends.

        Raises:
            UnknownJob: if the job does not exist.
        """
        rows = (_LOCK if lock else _READ).rows(connection, {"job_id": job_id})
        if not rows:
            raise UnknownJob(job_id, self._searched)
        return JobRecord(*rows[0])

    def _creating(self, connection: Connection, job_id: str, *, lock: bool = False) -> JobRecord:
        record = self.require(connection, job_id, lock=lock)
        if record.status != lifecycle.CREATING:
            raise DataAlreadyAccepted(job_id)
        return record

    def advance(
        self, connection: Connection, record: JobRecord, *statuses: str, **values: Any
    ) -> JobRecord:
        """Add statuses to a job, within a transaction that has locked it.

        Args:
            connection: transaction.
            record: job.
            statuses: new statuses, in order.
            values: further columns to set.

        Raises:
            ValueError: if a status may not follow the previous one.
        """
        return self.advance_all(connection, (record,), *statuses, **values)[0]

    def advance_all(
        self, connection: Connection, records: Sequence[JobRecord], *statuses: str, **values: Any
    ) -> list[JobRecord]:
        """Add the same statuses to several jobs; see :meth:`advance`."""
        if not records:
            return []
        changes = [advanced_job(record, statuses, self.now(), values) for record in records]
        UPDATE_JOB.execute(
            connection, *({"job_id": record.id, **changed} for record, changed in changes)
        )
        advanced = [record for record, _ in changes]
        self._report(connection, advanced, len(statuses))
        return advanced

    def advance_leased(
        self, connection: Connection, record: JobRecord, *statuses: str, **values: Any
    ) -> JobRecord | None:
        """Add statuses to a job that this service has claimed, within a transaction.

        Args:
            connection: transaction.
            record: job as it was claimed.
            statuses: new statuses, in order.
            values: further columns to set.

        Returns:
            None if the job was cancelled, deleted or claimed by another service; nothing changes
            then.

        Raises:
            ValueError: if a status may not follow the previous one.
        """
        advanced, changed = advanced_job(record, statuses, self.now(), values)
        held = {"was": record.status, "owner": self.leases.owner, "attempt": record.attempts}
        chosen = {"job_id": record.id, **held, **changed}
        if not UPDATE_LEASED_JOB.execute(connection, chosen):
            return None
        self._report(connection, [advanced], len(statuses))
        return advanced

    def _report(self, connection: Connection, advanced: Sequence[JobRecord], count: int) -> None:
        log_steps(connection, *advanced, count=count)

        def tell() -> None:
            for record in advanced:
                self.observer.job(record)

        self.store.after_commit(connection, tell)

    def publish_accepted(self, record: JobRecord) -> None:
        """Tell the other threads, after the transaction, that a job must be validated."""
        large = (record.input_bytes or 0) > LARGE_JOB_BYTES
        self.changes.publish(record.id, Work.VALIDATE_LARGE if large else Work.VALIDATE)
