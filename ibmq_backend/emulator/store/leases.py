"""Leases: which service works on a job, and until when others leave the job to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, or_

from ibmq_backend.emulator.store.schema import jobs

_LONGEST_SECONDS: Final = 600.0


def read_when_executed(milliseconds: Callable[[], int]) -> BindParameter[int]:
    """Return a value of a statement that is read each time the statement is executed."""
    return bindparam("ms", callable_=milliseconds, type_=BigInteger(), unique=True)


class Leases:
    """The leases of one service.

    Args:
        owner: unique name of the service.
        seconds: duration of a lease that is not renewed.
        from_creation: whether the service has a lease of each job that it creates until the job
            ends, so that other services run it only after this one has stopped. Otherwise jobs
            that wait are free.
        wall_time: returns seconds since 1970; not the clock of the service, which may stop or jump.
    """

    def __init__(
        self,
        owner: str,
        seconds: float = 10.0,
        *,
        from_creation: bool = False,
        wall_time: Callable[[], float] = time.time,
    ) -> None:
        self.owner = owner
        self.seconds = seconds
        self.from_creation = from_creation
        self._wall_time = wall_time

    def wall_ms(self) -> int:
        """Return the time of the leases, in milliseconds since 1970."""
        return int(self._wall_time() * 1000)

    def taken(self) -> dict[str, Any]:
        """Return the columns of a job on which this service works."""
        until = self.wall_ms() + int(self.seconds * 1000)
        return {"lease_owner": self.owner, "lease_until_ms": until}

    def waiting(self) -> dict[str, Any]:
        """Return the columns of a job of this service that waits."""
        if self.from_creation:
            return self.taken()
        return {"lease_owner": None, "lease_until_ms": None}

    def expired(self) -> ColumnElement[bool]:
        """Return the condition that the service that worked on a job has stopped."""
        until = jobs.c.lease_until_ms
        # One that ends much later was taken before the clock was set back.
        longest = int(1000 * max(_LONGEST_SECONDS, self.seconds))
        return or_(
            until < read_when_executed(self.wall_ms),
            until > read_when_executed(lambda: self.wall_ms() + longest),
        )

    def claimable(self) -> ColumnElement[bool]:
        """Return the condition that this service may claim a job that waits."""
        row = jobs.c
        return or_(row.lease_owner.is_(None), row.lease_owner == self.owner, self.expired())
