"""What the jobs of one user may occupy."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from ibmq_backend.emulator.errors import QuotaExceeded
from ibmq_backend.emulator.job_data import JobData
from ibmq_backend.emulator.schema import jobs


@dataclass(frozen=True, slots=True)
class Quota:
    """What the jobs of one user may occupy.

    Attributes:
        jobs: The number of jobs that are not deleted.
        stored_bytes: The bytes of their data and results.
    """

    jobs: int
    stored_bytes: int


NO_QUOTA: Final = Quota(sys.maxsize, sys.maxsize)


class Quotas:
    """Checks the quota of every user; within the transaction that stores something more.

    Args:
        data: The data of all jobs.
        quota: The quota, the same for everybody.
    """

    def __init__(self, data: JobData, quota: Quota) -> None:
        self._data = data
        self._quota = quota

    def check_jobs(self, connection: Connection, user_id: str) -> None:
        """Check that a user may have one more job.

        Raises:
            QuotaExceeded: There are too many.
        """
        row = jobs.c
        count = select(func.count()).where(row.user_id == user_id, row.deleted.is_(False))
        if connection.execute(count).scalar_one() >= self._quota.jobs:
            raise QuotaExceeded(f"You have {self._quota.jobs} jobs, which is the limit")

    def check_bytes(self, connection: Connection, user_id: str, more: int = 0) -> None:
        """Check that a user may store so many bytes more.

        Raises:
            QuotaExceeded: There is too much.
        """
        if self._data.of_user(connection, user_id) + more > self._quota.stored_bytes:
            raise QuotaExceeded(
                f"Your jobs would occupy more than {self._quota.stored_bytes} bytes, the limit"
            )
