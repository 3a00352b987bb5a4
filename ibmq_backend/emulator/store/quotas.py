"""Quotas: limits of the jobs, sessions and bytes of each user."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, bindparam, case, delete, func, literal, not_, select

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.errors import (
    DataQuotaExceeded,
    JobQuotaExceeded,
    SessionQuotaExceeded,
    TooManyJobs,
)
from ibmq_backend.emulator.core.records import JobRequest
from ibmq_backend.emulator.store.job_data import JobData
from ibmq_backend.emulator.store.schema import job_sessions, jobs
from ibmq_backend.emulator.store.statements import Statement
from ibmq_backend.emulator.store.totals import KEPT_JOBS, read_total

_UNFINISHED: Final = select(func.count()).where(
    jobs.c.status.in_([literal(status) for status in lifecycle.NEXT]),
    jobs.c.backend_name == bindparam("device"),
    jobs.c.user_id == bindparam("owner"),
)
_IN_ALL: Final = Statement(_UNFINISHED)
_IN_PROJECT: Final = Statement(
    _UNFINISHED.where(
        jobs.c.dialect == bindparam("spoken"),
        # Without the concatenation, SQLite would read all jobs of the project.
        jobs.c.hub.concat("") == bindparam("hub"),
        jobs.c.group_name.concat("") == bindparam("group"),
        jobs.c.project.concat("") == bindparam("project"),
    )
)


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of one user; ``sys.maxsize`` of jobs or bytes is no limit.

    Attributes:
        jobs: number of jobs that are not deleted.
        stored_bytes: size of their data and results.
        open_sessions: number of open sessions and batches.
        sessions: number of all sessions and batches.
    """

    jobs: int
    stored_bytes: int
    open_sessions: int = 1_000
    sessions: int = 5_000


NO_QUOTA: Final = Quota(sys.maxsize, sys.maxsize, sys.maxsize, sys.maxsize)


class Quotas:
    """Checks the quota of a user, within the transaction that stores something.

    Args:
        data: data of all jobs.
        quota: limits of each user.
    """

    def __init__(self, data: JobData, quota: Quota) -> None:
        self._data = data
        self._quota = quota

    def check_jobs(self, connection: Connection, user_id: str) -> None:
        """Check that a user may have one more job.

        Raises:
            JobQuotaExceeded: if the user has reached the limit.
        """
        if self._quota.jobs == sys.maxsize:
            return
        row = jobs.c
        count = select(func.count()).where(row.user_id == user_id, row.deleted.is_(False))
        if read_total(self._data.store, connection, KEPT_JOBS, user_id, count) >= self._quota.jobs:
            raise JobQuotaExceeded(self._quota.jobs)

    def check_unfinished(
        self, connection: Connection, request: JobRequest, limit: int, *, in_all: bool = False
    ) -> None:
        """Check that a user may have one more unfinished job on a backend.

        Args:
            connection: transaction.
            request: the new job.
            limit: largest number of such jobs; -1 for no limit.
            in_all: whether it counts jobs in all projects of both dialects, and not only in that of
                the new job.

        Raises:
            TooManyJobs: if the limit is reached.
        """
        if 0 <= limit <= self.count_unfinished(connection, request, in_all=in_all):
            raise TooManyJobs(limit)

    def count_unfinished(
        self, connection: Connection, request: JobRequest, *, in_all: bool = False
    ) -> int:
        """Return the number of unfinished jobs of a user on a backend, in one project or in all."""
        instance = request.instance
        values = {"owner": request.user_id, "device": request.backend_name}
        if not in_all:
            values |= {"spoken": request.dialect, "hub": instance.hub}
            values |= {"group": instance.group, "project": instance.project}
        ((count,),) = (_IN_ALL if in_all else _IN_PROJECT).rows(connection, values)
        return int(count)

    def check_sessions(self, connection: Connection, user_id: str, now: int) -> None:
        """Check that a user may open one more session; delete the oldest closed ones if necessary.

        Args:
            connection: transaction.
            user_id: id of the user.
            now: current time, in milliseconds since 1970. An expired session may still be stored
                as open; it does not count as such.

        Raises:
            SessionQuotaExceeded: if the user has reached the limit of open sessions.
        """
        row = job_sessions.c
        expires_ms = func.coalesce(row.activated_ms, row.created_ms) + row.max_ttl * 1000
        is_open = and_(row.closed_ms.is_(None), expires_ms > now)
        count = select(func.count(), func.count(case((is_open, 1)))).where(row.user_id == user_id)
        in_all, open_sessions = connection.execute(count).one()
        if open_sessions >= self._quota.open_sessions:
            raise SessionQuotaExceeded(open_sessions)
        if in_all >= self._quota.sessions:
            oldest = select(row.id).where(row.user_id == user_id, not_(is_open))
            oldest = oldest.order_by(row.created_ms).limit(in_all - self._quota.sessions + 1)
            chosen = [one.id for one in connection.execute(oldest)]
            connection.execute(delete(job_sessions).where(row.id.in_(chosen)))

    def check_bytes(
        self, connection: Connection, user_id: str, more: int = 0, *, keep: bool = True
    ) -> None:
        """Check that a user may store ``more`` bytes in addition.

        Args:
            connection: transaction.
            user_id: id of the user.
            more: number of bytes.
            keep: whether the transaction may write.

        Raises:
            DataQuotaExceeded: if the data would exceed the limit.
        """
        if self._quota.stored_bytes == sys.maxsize:
            return
        if self._data.of_user(connection, user_id, keep=keep) + more > self._quota.stored_bytes:
            raise DataQuotaExceeded(self._quota.stored_bytes)
