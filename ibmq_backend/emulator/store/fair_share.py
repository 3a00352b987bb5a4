"""The order in which waiting jobs run.

The next job of a device is one of the user whose last job on the device started longest ago. Users
without an earlier job there come first; of these, the one whose job was created first. Jobs of one
user run in the order of their creation. A new job therefore waits for at most one job of each
other user, however many jobs the others have in the queue. During a reservation the jobs of its
user come first.

A free worker takes the device on which the user waits whose last job on any device started longest
ago; of several such devices, the one whose last job started longest ago. Neither a long queue of
one device nor jobs of one user on many devices hold up the others.

Starts are numbered, so that the order does not depend on clocks. The numbers are stored in the
table ``turns``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.store.schema import jobs, reservations, turns
from ibmq_backend.emulator.store.statements import Statement

_CANDIDATES: Final = 8
"""Some may be locked, because their users are cancelling them."""


class Place(NamedTuple):
    """The place of a waiting job in the order of its device.

    Attributes:
        ahead: number of waiting jobs that run before it.
        ahead_ms: estimated run time of these jobs in milliseconds; without those in a reservation
            of another user.
        run_ms: its own estimated run time in milliseconds.
    """

    ahead: int
    ahead_ms: int
    run_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The waiting jobs of a device.

    Attributes:
        places: their places, by creation time, which is unique.
        busy_until_ms: planned end of the running job, in milliseconds since 1970; None if no
            job with a planned end runs.
    """

    places: Mapping[int, Place]
    busy_until_ms: int | None


class Orders:
    """The orders of the devices, each computed again when its queue has changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, Mapping[int, Place]]] = {}

    def waiting(
        self,
        connection: Connection,
        backend_name: str,
        *,
        booked_by: str | None,
        unknown_run_ms: int,
    ) -> Waiting:
        """Return the waiting jobs of a device.

        Args:
            connection: transaction.
            backend_name: name of the device.
            booked_by: id of the user with the current reservation of the device.
            unknown_run_ms: estimated run time of a job of which nothing is known.
        """
        name = {"backend_name": backend_name}
        *queue, busy_until_ms = connection.execute(_STATE, name).one()
        state = (*queue, booked_by)
        known = self._known.get(backend_name)
        if known is None or known[0] != state:
            known = state, _places(connection, backend_name, booked_by, unknown_run_ms)
            self._known[backend_name] = known
        return Waiting(known[1], busy_until_ms)


def next_job(ready: ColumnElement[bool], now: ColumnElement[int]) -> Select[Any]:
    """Return the query of waiting jobs whose first row is the next job to run.

    The column ``unbooked`` is 0 if the job is in a reservation of its user, else 1.

    Args:
        ready: condition on the jobs that may run now, apart from reservations.
        now: time of the service's clock, in milliseconds since 1970.
    """
    heads = (
        select(
            jobs.c.backend_name, jobs.c.user_id, func.min(jobs.c.creation_ms).label("creation_ms")
        )
        .where(ready)
        .group_by(jobs.c.backend_name, jobs.c.user_id)
        .subquery("heads")
    )
    booking = reservations.c
    booked = and_(
        booking.backend_name == heads.c.backend_name,
        booking.start_ms <= now,
        booking.end_ms > now,
    )
    own = exists().where(booked, booking.user_id == heads.c.user_id)
    foreign = exists().where(booked, booking.user_id != heads.c.user_id)
    of_user = _last_turn(turns.c.user_id == heads.c.user_id)
    of_user_on_device = and_(
        turns.c.backend_name == heads.c.backend_name, turns.c.user_id == heads.c.user_id
    )
    order = (
        case((own, 0), else_=1).label("unbooked"),
        func.min(of_user).over(partition_by=heads.c.backend_name).label("of_users"),
        _last_turn(turns.c.backend_name == heads.c.backend_name).label("of_device"),
        _last_turn(of_user_on_device).label("of_user_on_device"),
        heads.c.creation_ms,
    )
    first = select(*order).where(or_(~foreign, own)).order_by(*order).limit(_CANDIDATES).subquery()
    return (
        select(jobs, first.c.unbooked)
        .join(first, jobs.c.creation_ms == first.c.creation_ms)
        # PostgreSQL checks only this again when it locks a job that has just been cancelled.
        .where(jobs.c.status == lifecycle.QUEUED)
        .order_by(*first.c)
    )


def record_start(connection: Connection, record: JobRecord, number: int) -> None:
    """Store that a job is the last one that its user started on its device.

    Args:
        connection: transaction.
        record: the job.
        number: number of the start, above all earlier ones.
    """
    if not _STARTED.execute(connection, {**_turn_of(record), "start": number}):
        turn = {"backend_name": record.backend_name, "user_id": record.user_id}
        _FIRST_TURN.execute(connection, {**turn, "number": number, "run_ms": 0})


def record_run_time(connection: Connection, record: JobRecord) -> None:
    """Store how long a finished job ran, to estimate the next ones of its user on its device."""
    started, ended = record.steps[-2][1], record.steps[-1][1]
    _ENDED.execute(connection, {**_turn_of(record), "spent": ended - started})


def _turn_of(record: JobRecord) -> dict[str, Any]:
    return {"device": record.backend_name, "user": record.user_id}


_TURN: Final = update(turns).where(
    turns.c.backend_name == bindparam("device"), turns.c.user_id == bindparam("user")
)
_STARTED: Final = Statement(_TURN.values(number=bindparam("start")))
_ENDED: Final = Statement(_TURN.values(run_ms=bindparam("spent")))
_FIRST_TURN: Final = Statement(insert(turns))


def _last_turn(chosen: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(select(func.max(turns.c.number)).where(chosen).scalar_subquery(), 0)


_QUEUED: Final = and_(
    jobs.c.status == lifecycle.QUEUED, jobs.c.backend_name == bindparam("backend_name")
)
# A change of these numbers is a change of the queue: jobs enter, leave or start.
_STATE: Final = select(
    func.count(),
    func.sum(jobs.c.creation_ms),
    _last_turn(turns.c.backend_name == bindparam("backend_name")),
    select(func.max(jobs.c.planned_end_ms))
    .where(jobs.c.status == lifecycle.RUNNING, jobs.c.backend_name == bindparam("backend_name"))
    .scalar_subquery(),
).where(_QUEUED)
_JOBS: Final = (
    select(jobs.c.user_id, jobs.c.creation_ms, jobs.c.planned_end_ms - jobs.c.planned_start_ms)
    .where(_QUEUED)
    .order_by(jobs.c.user_id, jobs.c.creation_ms)
)
_TURNS: Final = select(turns.c.user_id, turns.c.number, turns.c.run_ms).where(
    turns.c.backend_name == bindparam("backend_name")
)


def _places(
    connection: Connection, backend_name: str, booked_by: str | None, unknown_run_ms: int
) -> dict[int, Place]:
    """Return the places of all waiting jobs of a device, by creation time.

    Since users take turns, the n-th jobs of all of them run before the (n+1)-th ones.
    """
    name = {"backend_name": backend_name}
    last = {user_id: turn for user_id, *turn in connection.execute(_TURNS, name)}
    order: list[tuple[bool, int, int, int, int, int]] = []
    for user_id, found in groupby(connection.execute(_JOBS, name).all(), itemgetter(0)):
        number, last_run_ms = last.get(user_id, (0, 0))
        own, unbooked = list(found), user_id != booked_by
        oldest = own[0][1]
        for nth, (_, creation_ms, planned_ms) in enumerate(own):
            run_ms = planned_ms if planned_ms is not None else last_run_ms or unknown_run_ms
            order.append((unbooked, nth, number, oldest, creation_ms, run_ms))
    order.sort()
    places, total_ms = {}, {True: 0, False: 0}
    for ahead, (unbooked, _, _, _, creation_ms, run_ms) in enumerate(order):
        places[creation_ms] = Place(ahead, total_ms[unbooked], run_ms)
        total_ms[unbooked] += run_ms
    return places
