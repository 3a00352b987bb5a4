"""Handlers for bookings of devices."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.documents.reservations import reservation_document
from ibmq_backend.emulator.classic.requests import Handler, Reply, Request
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment
from ibmq_backend.emulator.core.errors import UnknownBackend
from ibmq_backend.emulator.devices.catalog import UnknownDevice


def list_backend_bookings(state: ClassicState, request: Request) -> Reply:
    """Handle ``listBackendBookings``: return the slots of all users that overlap the window.

    Raises:
        ServiceError: 400/2400, the window is invalid.
        UnknownBackend: 404/2620, no project of the user has the device.
    """
    name = request.path["backend_name"]
    start, end = _bound(request, "initialDate"), _bound(request, "endDate")
    if start is not None and end is not None and start > end:
        raise errors.wrong_data("'initialDate' is after 'endDate'.")
    try:
        device = state.service.catalog.get(name)
    except UnknownDevice as error:
        raise UnknownBackend(name, tuple(error.nearest)) from error
    projects = state.service.network.projects(request.account)
    if not any(device in state.service.network.devices(project) for project in projects):
        raise UnknownBackend(name)
    slots = state.service.reservations.list_for_backend(device.name, start, end)
    return Reply([reservation_document(slot, request.account.user_id) for slot in slots])


def list_my_bookings(state: ClassicState, request: Request) -> Reply:
    """Handle ``listMyBookings``: return the slots of the user that have not ended."""
    user_id = request.account.user_id
    slots = state.service.reservations.upcoming(user_id)
    return Reply([reservation_document(slot, user_id) for slot in slots])


def _bound(request: Request, name: str) -> int | None:
    text = request.query.get(name)
    if not text:
        return None
    # An unescaped "+" of an offset arrives as a space.
    moment = parse_moment(text.replace(" ", "+") if "T" in text else text)
    if moment is None:
        raise errors.wrong_data(f"'{name}' is not a date.")
    return milliseconds(moment)


HANDLERS: Final[dict[str, Handler]] = {
    "listBackendBookings": list_backend_bookings,
    "listMyBookings": list_my_bookings,
}
