"""Documents of reservations."""

from __future__ import annotations

from typing import Any

from ibmq_backend.emulator.accounts.reservations import Reservation
from ibmq_backend.emulator.core.clock import wire_time


def reservation_document(slot: Reservation, viewer: str) -> dict[str, Any]:
    """Return the document of a reservation, without details for other users.

    Args:
        slot: the reservation.
        viewer: id of the user who sends the request.
    """
    times = {"initialDate": wire_time(slot.start_ms), "endDate": wire_time(slot.end_ms)}
    if viewer != slot.user_id:
        return {**times, "backendName": slot.backend_name}
    return {
        "id": slot.id,
        **times,
        "creationDate": wire_time(slot.creation_ms),
        "mode": slot.mode,
        "backendName": slot.backend_name,
        "hubInfo": {
            "hub": {"name": slot.instance.hub},
            "group": {"name": slot.instance.group},
            "project": {"name": slot.instance.project},
        },
    }
