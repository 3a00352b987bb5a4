"""Searches for jobs that wait to be validated or run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
)

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.records import LARGE_JOB_BYTES
from ibmq_backend.emulator.store.fair_share import next_job
from ibmq_backend.emulator.store.leases import Leases, read_when_executed
from ibmq_backend.emulator.store.schema import jobs, reservations


class Search:
    """A search for jobs, built once.

    Args:
        query: the jobs, the first one first.
        one: whether only the first one is of interest.
    """

    def __init__(self, query: Select[Any], *, one: bool = True) -> None:
        self._plain = query.limit(1) if one else query
        self._locking = self._plain.with_for_update(skip_locked=True, of=jobs)

    def find(
        self, connection: Connection, given: Mapping[str, Any] | None = None
    ) -> Row[Any] | None:
        """Return the first job."""
        return connection.execute(self._plain, given).first()

    def claim(
        self, connection: Connection, given: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """Return the first jobs that no other transaction has locked, and lock them."""
        return connection.execute(self._locking, given).all()


def search_orphans(leases: Leases) -> Search:
    """Return the search for running jobs of dead servers.

    The parameter ``in_hand`` lists the ids of jobs to leave out.

    Args:
        leases: leases of the service.
    """
    return Search(
        select(jobs)
        .where(jobs.c.status == lifecycle.RUNNING, leases.expired(), _not_in_hand())
        .order_by(jobs.c.creation_ms)
    )


def search_next(leases: Leases, now_ms: Callable[[], int], *, one_at_a_time: bool) -> Search:
    """Return the search for the next job to run.

    The column ``unbooked`` is 0 if the job is in a reservation of its user, else 1. The parameter
    ``paused`` lists the backends that run no jobs.

    Args:
        leases: leases of the service.
        now_ms: returns the time of the service's clock, in milliseconds since 1970.
        one_at_a_time: whether a backend runs one job at a time.
    """
    row, now = jobs.c, read_when_executed(now_ms)
    booking = reservations.c
    booked = select(booking.backend_name, booking.user_id).where(
        booking.start_ms <= now, booking.end_ms > now
    )
    ready = and_(
        row.status == lifecycle.QUEUED,
        leases.claimable(),
        or_(row.planned_start_ms <= now, tuple_(row.backend_name, row.user_id).in_(booked)),
        row.backend_name.not_in(bindparam("paused", expanding=True)),
    )
    if one_at_a_time:
        busy = select(row.backend_name).where(row.status == lifecycle.RUNNING)
        ready = and_(ready, row.backend_name.not_in(busy))
    return Search(next_job(ready, now))


def search_to_validate(leases: Leases, *, large: bool) -> Search:
    """Return the search for jobs to validate.

    The parameters are ``in_hand``, the ids of jobs to leave out, ``served``, the ids of users who
    have had a turn, and ``most``, the number of jobs.

    Args:
        leases: leases of the service.
        large: whether the jobs have much data.
    """
    row = jobs.c
    size = func.coalesce(row.input_bytes, 0)
    waiting = or_(
        and_(row.status == lifecycle.CREATED, leases.claimable()),
        and_(row.status == lifecycle.VALIDATING, leases.expired(), _not_in_hand()),
    )
    chosen = size > LARGE_JOB_BYTES if large else size <= LARGE_JOB_BYTES
    had_turn = row.user_id.in_(bindparam("served", expanding=True))
    nth = func.row_number().over(partition_by=row.user_id, order_by=row.creation_ms)
    order = (nth.label("nth"), case((had_turn, 1), else_=0).label("had_turn"), row.creation_ms)
    first = (
        select(*order).where(waiting, chosen).order_by(*order).limit(bindparam("most")).subquery()
    )
    return Search(
        select(jobs)
        .join(first, row.creation_ms == first.c.creation_ms)
        # PostgreSQL checks only this again when it locks a job that has just been claimed.
        .where(waiting)
        .order_by(*first.c),
        one=False,
    )


def _not_in_hand() -> ColumnElement[bool]:
    return jobs.c.id.not_in(bindparam("in_hand", expanding=True))
