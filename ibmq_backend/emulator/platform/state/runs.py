"""Runs: the platform part of a job in the database."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.errors import UnknownJob
from ibmq_backend.emulator.core.job_events import Work
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.core.records import JobRecord, JobRequest, job_record
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.instances import (
    OPEN_PLAN,
    USAGE_PERIOD_SECONDS,
    ServiceInstance,
)
from ibmq_backend.emulator.store.jobs import RESULT, JobStore
from ibmq_backend.emulator.store.schema import jobs, program_runs

DIALECT: Final = "platform"
PARAMS: Final = "params"
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True)
class Submission:
    """A new job as submitted by its owner.

    Attributes:
        program: ``sampler`` or another listed program.
        backend: name of the device.
        params: input of the program.
        circuits: number of circuits in it.
        shots: largest number of shots of one of them.
        estimate_ms: estimated device time.
        tags: tags without duplicates.
        cost: maximum run time in seconds; None for the default of the plan.
        log_level: log level in lower case.
        session_id: id of the session of the job.
        private: whether the input is hidden and the result can only be read once.
        calibration_id: id of the requested calibration.
    """

    program: str
    backend: str
    params: RawJson
    circuits: int
    shots: int
    estimate_ms: int
    tags: tuple[str, ...] = ()
    cost: int | None = None
    log_level: str | None = None
    session_id: str | None = None
    private: bool = False
    calibration_id: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A row of the table of runs; times are in milliseconds."""

    job_id: str
    creation_ms: int
    user_id: str
    instance_id: str
    program: str
    session_id: str | None
    private: bool
    results_read: bool
    cost: int
    calibration_id: str | None
    log_level: str | None
    caller: str | None
    parent_job_id: str | None
    estimate_ms: int
    charged_ms: int
    charged_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A filter and an order of jobs; None matches everything.

    Attributes:
        pending: True for unfinished jobs, False for final jobs.
        program: name of the program.
        backend: name of the device.
        session_id: id of the session.
        earliest: earliest time of creation, in milliseconds since 1970.
        latest: latest time of creation, in milliseconds since 1970.
        tags: tags that a job must have.
        ascending: whether the oldest jobs come first.
    """

    pending: bool | None = None
    program: str | None = None
    backend: str | None = None
    session_id: str | None = None
    earliest: int | None = None
    latest: int | None = None
    tags: tuple[str, ...] = ()
    ascending: bool = False


_FIELDS: Final = tuple(field.name for field in fields(Run))


class Runs:
    """The jobs of the platform dialect.

    Args:
        store: the jobs of all dialects.
    """

    def __init__(self, store: JobStore) -> None:
        self._jobs = store
        self._store = store.store

    def create(
        self,
        submission: Submission,
        *,
        account: Account,
        instance: ServiceInstance,
        device: Device,
        calibration_id: str,
        caller: str | None,
        parent_job_id: str | None,
    ) -> Run:
        """Create a job together with its input.

        Raises:
            PlatformError: 429/1202, 409/3458, 403/4317 or 409, a limit of the plan is reached.
            TooManyJobs: 409/3458, the job limit of the user on the device is reached.
        """
        request = JobRequest(
            user_id=account.user_id,
            dialect=DIALECT,
            instance=instance.stored_instance,
            backend_name=device.name,
            backend_version=device.version,
            tags=submission.tags,
        )
        content = submission.params
        with self._store.write() as connection:
            # Draw the numbers first: their lock serializes creations, so the counts are exact.
            numbers = self._jobs.draw_numbers(connection)
            self._jobs.quotas.check_jobs(connection, account.user_id)
            self._jobs.quotas.check_bytes(connection, account.user_id, content.size)
            limit = account.job_limit(device)
            if limit is not None:
                self._jobs.quotas.check_unfinished(connection, request, limit, in_all=True)
            self._check_limits(connection, account, instance)
            job_id = _new_id(numbers[0])
            record = self._jobs.add(connection, request, job_id, numbers)
            self._jobs.data.write(connection, job_id, PARAMS, content)
            connection.execute(
                insert(program_runs).values(
                    job_id=job_id,
                    creation_ms=record.creation_ms,
                    user_id=account.user_id,
                    instance_id=instance.guid,
                    program=submission.program,
                    session_id=submission.session_id,
                    private=submission.private,
                    results_read=False,
                    cost=_cost(submission, instance),
                    calibration_id=submission.calibration_id or calibration_id,
                    log_level=submission.log_level,
                    caller=caller,
                    parent_job_id=parent_job_id,
                    estimate_ms=submission.estimate_ms,
                    charged_ms=0,
                    charged_at_ms=None,
                )
            )
            record = self._jobs.advance(
                connection,
                record,
                lifecycle.CREATED,
                input_bytes=content.size,
                summary={"circuits": submission.circuits, "shots": submission.shots},
            )
            run = self._require(connection, job_id)
        self._jobs.publish_accepted(record)
        return run

    def get(
        self, job_id: str, account: Account, instance: ServiceInstance
    ) -> tuple[JobRecord, Run]:
        """Return a job of a user in an instance.

        Raises:
            PlatformError: 404/1291, the job is unknown.
        """
        found = self.load([job_id])
        if not found:
            raise errors.job_not_found(job_id)
        record, run = found[0]
        if run.user_id != account.user_id or run.instance_id != instance.guid:
            raise errors.job_not_found(job_id)
        return record, run

    def load(self, job_ids: Sequence[str]) -> list[tuple[JobRecord, Run]]:
        """Return jobs with their runs in the order of the ids, without unknown ones."""
        if not job_ids:
            return []
        with self._store.read() as connection:
            records = {
                row.id: job_record(row)
                for row in connection.execute(
                    select(jobs).where(jobs.c.id.in_(job_ids), jobs.c.deleted.is_(False))
                )
            }
            runs = {
                row.job_id: _run(row._mapping)
                for row in connection.execute(
                    select(program_runs).where(program_runs.c.job_id.in_(job_ids))
                )
            }
        return [(records[one], runs[one]) for one in job_ids if one in records and one in runs]

    def run(self, job_id: str) -> Run:
        """Return the run of a job.

        Raises:
            PlatformError: 404/1291, the job is unknown.
        """
        with self._store.read() as connection:
            return self._require(connection, job_id)

    def page(
        self, account: Account, instance: ServiceInstance, listing: Listing, limit: int, offset: int
    ) -> tuple[list[tuple[JobRecord, Run]], int]:
        """Return a page of a user's jobs in an instance, and the number of all matching jobs."""
        conditions = self._conditions(account, instance, listing)
        joined = jobs.join(program_runs, jobs.c.id == program_runs.c.job_id)
        order = jobs.c.creation_ms.asc() if listing.ascending else jobs.c.creation_ms.desc()
        with self._store.read() as connection:
            if listing.tags:
                rows = connection.execute(
                    select(jobs.c.id, jobs.c.tags)
                    .select_from(joined)
                    .where(*conditions)
                    .order_by(order)
                )
                matching = [row.id for row in rows if set(listing.tags) <= set(row.tags)]
                count, ids = len(matching), matching[offset : offset + limit]
            else:
                count = connection.execute(
                    select(func.count()).select_from(joined).where(*conditions)
                ).scalar_one()
                query = select(jobs.c.id).select_from(joined).where(*conditions)
                rows = connection.execute(query.order_by(order).limit(limit).offset(offset))
                ids = [row.id for row in rows]
        return self.load(ids), int(count)

    def all(
        self, instance: ServiceInstance, user_id: str | None = None
    ) -> list[tuple[JobRecord, Run]]:
        """Return the jobs of an instance, of one user or of all users, oldest first."""
        run = program_runs.c
        conditions = [run.instance_id == instance.guid, jobs.c.deleted.is_(False)]
        if user_id is not None:
            conditions.append(run.user_id == user_id)
        with self._store.read() as connection:
            records = [
                job_record(row)
                for row in connection.execute(
                    select(jobs)
                    .select_from(jobs.join(program_runs, jobs.c.id == run.job_id))
                    .where(*conditions)
                    .order_by(jobs.c.creation_ms)
                )
            ]
            rows = connection.execute(select(program_runs).where(run.instance_id == instance.guid))
            runs = {row.job_id: _run(row._mapping) for row in rows}
        return [(record, runs[record.id]) for record in records if record.id in runs]

    def list_session_jobs(self, session_id: str) -> list[JobRecord]:
        """Return the jobs of a session, oldest first."""
        with self._store.read() as connection:
            rows = connection.execute(
                select(jobs)
                .select_from(jobs.join(program_runs, jobs.c.id == program_runs.c.job_id))
                .where(program_runs.c.session_id == session_id)
                .order_by(jobs.c.creation_ms)
            )
            return [job_record(row) for row in rows]

    def tags(self, account: Account, instance: ServiceInstance) -> list[str]:
        """Return all tags of a user's jobs in an instance, sorted."""
        conditions = self._conditions(account, instance, Listing())
        with self._store.read() as connection:
            rows = connection.execute(
                select(jobs.c.tags)
                .select_from(jobs.join(program_runs, jobs.c.id == program_runs.c.job_id))
                .where(*conditions)
            )
            return sorted({tag for row in rows for tag in row.tags})

    def params(self, job_id: str) -> Any:
        """Return the unchanged input of a job; an empty object if it was deleted."""
        content = self._jobs.data.read(job_id, PARAMS)
        return {} if content is None else content

    def consumed_ms(self, instance: ServiceInstance, now: int) -> int:
        """Return the device time that the jobs of an instance used in the current period."""
        with self._store.read() as connection:
            return self._consumed_ms(connection, instance, now)

    def charge(self, connection: Connection, job_id: str, charged_ms: int, now: int) -> None:
        """Charge an ended run within a transaction, and delete its input if it is private."""
        run = self._require(connection, job_id)
        connection.execute(
            update(program_runs)
            .where(program_runs.c.job_id == job_id, program_runs.c.charged_at_ms.is_(None))
            .values(charged_ms=charged_ms, charged_at_ms=now)
        )
        if run.private:
            self._jobs.data.delete(connection, job_id, PARAMS)

    def end(self, record: JobRecord, error: Mapping[str, Any] | None = None) -> bool:
        """End an unfinished job and charge its run time so far.

        Args:
            record: the job.
            error: ``message`` and ``code`` of the failure of a job that waits, which a running job
                does not get; None to cancel the job.

        Returns:
            Whether this call ended the job.
        """

        def change(connection: Connection) -> bool:
            try:
                current = self._jobs.require(connection, record.id, lock=True)
            except UnknownJob:
                return False  # the job has been deleted
            if current.final or (error and current.status == lifecycle.RUNNING):
                return False
            now = self._jobs.now()
            ran = now - current.last_step_ms if current.status == lifecycle.RUNNING else 0
            values = {} if error is None else {"error": dict(error)}
            self._jobs.advance(connection, current, lifecycle.CANCELLED, **values)
            self.charge(connection, record.id, ran, now)
            return True

        ended = self._store.write_urgently(change)
        if ended:
            self._jobs.changes.publish(record.id, Work.STOP)
        return ended

    def take_private_result(self, job_id: str) -> RawJson | None:
        """Return the result of a private job, which is deleted after it has been read completely.

        Later calls return None.
        """
        content = self._jobs.data.read(job_id, RESULT)
        if content is None:
            return None

        def pieces() -> Iterator[bytes]:
            last = b""
            for piece in content.pieces():
                if last:
                    yield last
                last = piece
            with self._store.write() as connection:
                connection.execute(
                    update(program_runs)
                    .where(program_runs.c.job_id == job_id)
                    .values(results_read=True)
                )
                self._jobs.data.delete(connection, job_id, RESULT)
            yield last

        return RawJson(pieces, content.size)

    # -- internals --------------------------------------------------------------------------

    def _check_limits(
        self, connection: Connection, account: Account, instance: ServiceInstance
    ) -> None:
        plan, now, row = instance.plan, self._jobs.now(), program_runs.c
        own = (row.user_id == account.user_id, row.instance_id == instance.guid)
        if plan.creations_per_minute is not None:
            recent = connection.execute(
                select(row.creation_ms)
                .where(*own, row.creation_ms > now - _MINUTE_MS)
                .order_by(row.creation_ms.desc())
                .limit(plan.creations_per_minute)
            ).all()
            if len(recent) >= plan.creations_per_minute:
                left = recent[-1].creation_ms + _MINUTE_MS - now
                raise errors.too_many_requests(max(1, -(-left // 1000)))
        if plan.pending_jobs is not None:
            joined = jobs.join(program_runs, jobs.c.id == row.job_id)
            pending = connection.execute(
                select(func.count()).select_from(joined).where(*own, jobs.c.final.is_(False))
            ).scalar_one()
            if pending >= plan.pending_jobs:
                raise errors.too_many_pending(plan.pending_jobs)
        limit = usage_limit(instance)
        if limit is not None and self._consumed_ms(connection, instance, now) >= limit * 1000:
            if plan.name == OPEN_PLAN.name:
                raise errors.open_plan_used_up()
            raise errors.usage_exceeded()

    def _consumed_ms(self, connection: Connection, instance: ServiceInstance, now: int) -> int:
        row = program_runs.c
        used = connection.execute(
            select(func.sum(row.charged_ms)).where(
                row.instance_id == instance.guid,
                row.charged_at_ms > now - USAGE_PERIOD_SECONDS * 1000,
            )
        ).scalar()
        return int(used or 0)

    @staticmethod
    def _conditions(
        account: Account, instance: ServiceInstance, listing: Listing
    ) -> list[ColumnElement[bool]]:
        row, run = jobs.c, program_runs.c
        conditions = [
            run.user_id == account.user_id,
            run.instance_id == instance.guid,
            row.deleted.is_(False),
        ]
        if listing.pending is not None:
            conditions.append(row.final.is_(not listing.pending))
        if listing.program is not None:
            conditions.append(run.program == listing.program)
        if listing.backend is not None:
            conditions.append(row.backend_name == listing.backend)
        if listing.session_id is not None:
            conditions.append(run.session_id == listing.session_id)
        if listing.earliest is not None:
            conditions.append(row.creation_ms >= listing.earliest)
        if listing.latest is not None:
            conditions.append(row.creation_ms <= listing.latest)
        return conditions

    @staticmethod
    def _require(connection: Connection, job_id: str) -> Run:
        row = connection.execute(
            select(program_runs).where(program_runs.c.job_id == job_id)
        ).first()
        if row is None:
            raise errors.job_not_found(job_id)
        return _run(row._mapping)


def usage_limit(instance: ServiceInstance) -> int | None:
    """Return the device time of an instance per period, in seconds; None for no limit."""
    limits = [
        limit
        for limit in (instance.usage_limit_seconds, instance.plan.usage_seconds)
        if limit is not None
    ]
    return min(limits, default=None)


def _cost(submission: Submission, instance: ServiceInstance) -> int:
    limit = instance.plan.max_execution_seconds
    return limit if not submission.cost else min(submission.cost, limit)


def _run(values: Mapping[Any, Any]) -> Run:
    return Run(**{name: values[name] for name in _FIELDS})


def _new_id(creation_ms: int) -> str:
    """Return an id of 20 characters ``0-9a-v``, made from the time and random bytes."""
    content = (creation_ms // 1000 & 0xFFFFFFFF).to_bytes(4, "big") + secrets.token_bytes(8)
    return base64.b32hexencode(content).decode().rstrip("=").lower()
