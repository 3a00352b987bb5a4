"""Quotas: how many jobs, sessions and bytes a user may keep."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, case, delete, func, not_, select

from ibmq_backend.emulator.core.errors import (
    DataQuotaExceeded,
    JobQuotaExceeded,
    SessionQuotaExceeded,
)
from ibmq_backend.emulator.store.job_data import JobData
from ibmq_backend.emulator.store.schema import job_sessions, jobs


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one user may keep.

    Attributes:
        jobs: number of jobs that are not deleted.
        stored_bytes: bytes of their data and results.
        open_sessions: number of sessions and batches that are not over.
        sessions: number of sessions and batches in all.
    """

    jobs: int
    stored_bytes: int
    open_sessions: int = 1_000
    sessions: int = 5_000


NO_QUOTA: Final = Quota(sys.maxsize, sys.maxsize, sys.maxsize, sys.maxsize)


class Quotas:
    """Checks the quota of every user; within the transaction that stores something more.

    Args:
        data: data of all jobs.
        quota: how much each user may keep.
    """

    def __init__(self, data: JobData, quota: Quota) -> None:
        self._data = data
        self._quota = quota

    def check_jobs(self, connection: Connection, user_id: str) -> None:
        """Check that a user may have one more job.

        Raises:
            JobQuotaExceeded: there are too many.
        """
        row = jobs.c
        count = select(func.count()).where(row.user_id == user_id, row.deleted.is_(False))
        if connection.execute(count).scalar_one() >= self._quota.jobs:
            raise JobQuotaExceeded(self._quota.jobs)

    def check_sessions(self, connection: Connection, user_id: str, now: int) -> None:
        """Check that a user may open one more session; the oldest one that is over makes room.

        Args:
            connection: transaction.
            user_id: id of the user.
            now: milliseconds since 1970. A session that lapsed and that nobody has looked at since
                is still kept as open; it does not count as such.

        Raises:
            SessionQuotaExceeded: there are too many.
        """
        row = job_sessions.c
        lapses = func.coalesce(row.activated_ms, row.created_ms) + row.max_ttl * 1000
        is_open = and_(row.closed_ms.is_(None), lapses > now)
        count = select(func.count(), func.count(case((is_open, 1)))).where(row.user_id == user_id)
        in_all, not_over = connection.execute(count).one()
        if not_over >= self._quota.open_sessions:
            raise SessionQuotaExceeded(not_over)
        if in_all >= self._quota.sessions:
            oldest = select(row.id).where(row.user_id == user_id, not_(is_open))
            oldest = oldest.order_by(row.created_ms).limit(in_all - self._quota.sessions + 1)
            chosen = [one.id for one in connection.execute(oldest)]
            connection.execute(delete(job_sessions).where(row.id.in_(chosen)))

    def check_bytes(self, connection: Connection, user_id: str, more: int = 0) -> None:
        """Check that a user may store so many bytes more.

        Raises:
            DataQuotaExceeded: there would be too much data.
        """
        if self._data.of_user(connection, user_id) + more > self._quota.stored_bytes:
            raise DataQuotaExceeded(self._quota.stored_bytes)
