"""Which backend will run a job soonest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.backend.backend import IBMQBackend
from ibmq_backend.exceptions import ApiError, IBMQError

__all__ = ["least_busy"]

logger = get_logger(__name__)


def least_busy(
    backends: Iterable[IBMQBackend], reservation_lookahead: int | None = 60
) -> IBMQBackend:
    """Return the backend with the fewest pending jobs.

    Args:
        backends: candidates; those out of order, paused or reserved soon are left out.
        reservation_lookahead: minutes ahead in which a reservation rules a backend out; ``None``
            does not look.

    Raises:
        IBMQError: there is no candidate, none is left, or one has no status.
        ApiError: a status could not be read.

    Wire: getBackendStatus per backend; listBackendBookings for those that are left, the least
    busy first, until one is free. Source: ``least_busy`` of qiskit-ibmq-provider 0.20.2, which asks
    for the bookings of every backend and twice for the status.
    """
    candidates = list(backends)
    if not candidates:
        raise IBMQError("There is no backend to choose from: the list is empty.")
    try:
        states = [(backend, backend.status()) for backend in candidates]
    except AttributeError as error:
        raise IBMQError(f"Not everything in the list is a backend: {error}.") from error
    ready = [
        (state.pending_jobs, index, backend)
        for index, (backend, state) in enumerate(states)
        if state.operational and state.status_msg == "active"
    ]
    for _, _, backend in sorted(ready, key=lambda item: item[:2]):
        if reservation_lookahead is None or not _is_reserved(backend, reservation_lookahead):
            return backend
    names = ", ".join(str(backend) for backend in candidates)
    raise IBMQError(f"None of these backends is free to run a job now: {names}.")


def _is_reserved(backend: IBMQBackend, minutes: int) -> bool:
    if not isinstance(backend, IBMQBackend):
        return False
    now = datetime.now(UTC)
    try:
        return bool(backend.reservations(now, now + timedelta(minutes=minutes)))
    except ApiError as error:
        logger.warning("The reservations of %s cannot be read: %s", backend, error.message)
        return False
