"""A reserved time slot of a backend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import ApiNotSupported
from ibmq_backend.job.query import check_order
from ibmq_backend.records import ReservationRecord
from ibmq_backend.units import required_datetime, to_local

__all__ = ["BackendReservation"]


class BackendReservation:
    """A reservation; for other users' slots only backend and times are known.

    Attributes:
        backend_name: name of the backend.
        start_datetime: start in local time.
        end_datetime: end in local time.
        duration: length in whole minutes.
        creation_datetime: creation time in local time, or ``None``.
        mode: for example ``dedicated``, or ``None``.
        reservation_id: id, or ``None``.
        hub: hub of the reservation, or ``None``.
        group: group of the reservation, or ``None``.
        project: project of the reservation, or ``None``.

    The argument ``hub_info`` has the form of the service: ``{'hub': {'name': ...}, 'group': ...,
    'project': ...}``.

    Source: ``BackendReservation`` of qiskit-ibmq-provider 0.20.2.
    """

    def __init__(
        self,
        backend_name: str,
        start_datetime: datetime,
        end_datetime: datetime,
        creation_datetime: datetime | None = None,
        mode: str | None = None,
        reservation_id: str | None = None,
        hub_info: Mapping[str, Any] | None = None,
    ) -> None:
        self.backend_name = backend_name
        self.start_datetime = to_local(start_datetime)
        self.end_datetime = to_local(end_datetime)
        self.duration = int((end_datetime - start_datetime).total_seconds() // 60)
        self.creation_datetime = None if creation_datetime is None else to_local(creation_datetime)
        self.mode = mode
        self.reservation_id = reservation_id
        parts = hub_info or {}
        self.hub = _name(parts.get("hub"))
        self.group = _name(parts.get("group"))
        self.project = _name(parts.get("project"))

    @classmethod
    def from_record(cls, record: ReservationRecord, backend_name: str) -> BackendReservation:
        """Create the reservation from a record; ``backend_name`` if it has none."""
        return cls(
            backend_name=record.backend_name or backend_name,
            start_datetime=record.start,
            end_datetime=record.end,
            creation_datetime=record.created,
            mode=record.mode,
            reservation_id=record.reservation_id,
            hub_info={
                "hub": {"name": record.hub},
                "group": {"name": record.group},
                "project": {"name": record.project},
            },
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BackendReservation) or self.backend_name != other.backend_name:
            return False
        if self.reservation_id is not None and self.reservation_id == other.reservation_id:
            return True
        return (self.start_datetime, self.end_datetime) == (
            other.start_datetime,
            other.end_datetime,
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        known = {
            "backend_name": self.backend_name,
            "start_datetime": self.start_datetime.isoformat(),
            "end_datetime": self.end_datetime.isoformat(),
            "duration": f"{self.duration} minutes",
            "mode": self.mode,
            "reservation_id": self.reservation_id,
            "hub": self.hub,
            "group": self.group,
            "project": self.project,
        }
        fields = ", ".join(f"{name}={value}" for name, value in known.items() if value is not None)
        return f"<BackendReservation({fields})>"


def reservations_between(
    api_client: AccountClient, name: str, start: datetime | None, end: datetime | None
) -> list[BackendReservation]:
    """Return the reservations of a backend in a time window, none where there are none.

    Raises:
        TypeError: start or end is not a datetime.
        IBMQBackendValueError: the end is before the start.
        ApiError: the call failed.
    """
    since = None if start is None else required_datetime(start)
    until = None if end is None else required_datetime(end)
    check_order(since, until)
    try:
        records = api_client.reservations(name, since, until)
    except ApiNotSupported:
        return []
    return [BackendReservation.from_record(record, name) for record in records]


def _name(part: Any) -> str | None:
    return part.get("name") if isinstance(part, Mapping) else None
