"""Reservations: time slots in which a device runs only the jobs of one user."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from ibmq_backend.emulator.core.clock import Clock, milliseconds, moment_of
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import reservations
from ibmq_backend.emulator.store.statements import Statement

MODE: Final = "dedicated"
_BOOKED: Final = Statement(
    select(reservations.c.backend_name).where(
        reservations.c.start_ms <= bindparam("now"), reservations.c.end_ms > bindparam("now")
    )
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A booked time slot; times are in milliseconds since 1970, UTC."""

    id: str
    user_id: str
    instance: Instance
    backend_name: str
    start_ms: int
    end_ms: int
    creation_ms: int
    mode: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A time slot to book; times are in milliseconds since 1970, UTC."""

    user_id: str
    instance: Instance
    backend_name: str
    start_ms: int
    end_ms: int


class Reservations:
    """The bookings of all users.

    Args:
        store: database.
        clock: clock of the service.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def add(
        self,
        user_id: str,
        instance: Instance,
        backend_name: str,
        start: datetime,
        end: datetime,
    ) -> Reservation:
        """Book a backend; booking the same slot for the same user again has no effect.

        Raises:
            EmulatorError: the slot ends before it starts, or overlaps another one.
        """
        slot = Slot(user_id, instance, backend_name, milliseconds(start), milliseconds(end))
        with self._store.write() as connection:
            # The lock on the counter serializes bookings.
            creation = self._next_creation(connection)
            return self._add(connection, slot, secrets.token_hex(12), creation)

    def set_listed(self, slots: Iterable[Slot]) -> None:
        """Make the bookings of a list the only ones that come from a list.

        Bookings of :meth:`add` stay. Servers with the same database need the same list.

        Raises:
            EmulatorError: a slot ends before it starts, or overlaps another one; nothing has
                changed then.
        """
        wanted = {self._listed_id(slot): slot for slot in slots}
        with self._store.write() as connection:
            creation = self._next_creation(connection)
            for row in connection.execute(select(reservations)).all():
                found = _reservation(row)
                if found.id not in wanted and found.id == self._listed_id(_slot(found)):
                    connection.execute(delete(reservations).where(reservations.c.id == found.id))
            for reservation_id, slot in wanted.items():
                self._add(connection, slot, reservation_id, creation)

    def _next_creation(self, connection: Connection) -> int:
        return self._store.next_number(connection, "reservation", milliseconds(self._clock.now()))

    def _listed_id(self, slot: Slot) -> str:
        """Return the id of a listed booking, which shows where it comes from."""
        text = f"{slot.user_id} {slot.instance} {slot.backend_name} {slot.start_ms} {slot.end_ms}"
        return self._store.keyed_digest("listed booking", text)[:24]

    def _add(
        self, connection: Connection, slot: Slot, reservation_id: str, creation: int
    ) -> Reservation:
        start, end = moment_of(slot.start_ms), moment_of(slot.end_ms)
        if start >= end:
            raise EmulatorError(f"a booking must end after it starts: {start} to {end}")
        row = reservations.c
        overlapping = connection.execute(
            select(reservations).where(
                row.backend_name == slot.backend_name,
                row.start_ms < slot.end_ms,
                row.end_ms > slot.start_ms,
            )
        ).all()
        for found in map(_reservation, overlapping):
            if _slot(found) == slot:
                return found
            raise EmulatorError(f"{slot.backend_name} is already booked between {start} and {end}")
        values = {
            "id": reservation_id,
            "user_id": slot.user_id,
            "hub": slot.instance.hub,
            "group_name": slot.instance.group,
            "project": slot.instance.project,
            "backend_name": slot.backend_name,
            "start_ms": slot.start_ms,
            "end_ms": slot.end_ms,
            "creation_ms": creation,
            "mode": MODE,
        }
        connection.execute(insert(reservations).values(**values))
        made = connection.execute(select(reservations).where(row.id == reservation_id)).one()
        return _reservation(made)

    def remove(self, reservation_id: str) -> bool:
        """Remove a reservation and return whether it existed."""
        with self._store.write() as connection:
            done = connection.execute(
                delete(reservations).where(reservations.c.id == reservation_id)
            )
        return bool(done.rowcount)

    def list_for_backend(
        self, backend_name: str, start_ms: int | None, end_ms: int | None
    ) -> list[Reservation]:
        """Return the slots of a backend that overlap a window, ordered by start.

        Args:
            backend_name: name of the backend.
            start_ms: start of the window in milliseconds since 1970; None for no bound. Without
                both bounds the window starts now.
            end_ms: end of the window in milliseconds since 1970; None for no bound.
        """
        if start_ms is None and end_ms is None:
            start_ms = milliseconds(self._clock.now())
        row = reservations.c
        query = select(reservations).where(row.backend_name == backend_name)
        if start_ms is not None:
            query = query.where(row.end_ms > start_ms)
        if end_ms is not None:
            query = query.where(row.start_ms < end_ms)
        with self._store.read() as connection:
            found = connection.execute(query.order_by(row.start_ms)).all()
        return [_reservation(one) for one in found]

    def upcoming(self, user_id: str) -> list[Reservation]:
        """Return the slots of a user that have not ended, ordered by start."""
        row = reservations.c
        query = select(reservations).where(
            row.user_id == user_id, row.end_ms > milliseconds(self._clock.now())
        )
        with self._store.read() as connection:
            found = connection.execute(query.order_by(row.start_ms)).all()
        return [_reservation(one) for one in found]

    def upcoming_of_all(self) -> list[Reservation]:
        """Return the slots of all users that have not ended, ordered by start."""
        row = reservations.c
        query = select(reservations).where(row.end_ms > milliseconds(self._clock.now()))
        with self._store.read() as connection:
            found = connection.execute(query.order_by(row.start_ms)).all()
        return [_reservation(one) for one in found]

    def booked_now(self) -> set[str]:
        """Return the names of the backends that are booked now."""
        with self._store.read() as connection:
            rows = _BOOKED.rows(connection, {"now": milliseconds(self._clock.now())})
        return {name for (name,) in rows}


def _reservation(row: Row[Any]) -> Reservation:
    return Reservation(
        id=row.id,
        user_id=row.user_id,
        instance=Instance(row.hub, row.group_name, row.project),
        backend_name=row.backend_name,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        creation_ms=row.creation_ms,
        mode=row.mode,
    )


def _slot(booked: Reservation) -> Slot:
    return Slot(
        booked.user_id, booked.instance, booked.backend_name, booked.start_ms, booked.end_ms
    )
