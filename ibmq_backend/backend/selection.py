"""Selection of the backend that runs a job soonest, and reading facts of several backends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from qiskit.providers.models import BackendStatus

from ibmq_backend._errors.suggestions import suggests_keywords
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.backend.backend import IBMQBackend
from ibmq_backend.exceptions import ApiAuthError, ApiConnectionError, ApiError, IBMQError

__all__ = ["least_busy"]

logger = get_logger(__name__)

Item = TypeVar("Item")
Fact = TypeVar("Fact")

_MAX_LOOKAHEAD_MINUTES: Final = 100 * 365 * 24 * 60  # more may end beyond the calendar


@suggests_keywords
def least_busy(
    backends: Iterable[IBMQBackend], reservation_lookahead: int | None = 60
) -> IBMQBackend:
    """Return the backend with the fewest pending jobs.

    >>> from ibmq_backend import IBMQ, least_busy
    >>> provider = IBMQ.enable_local()
    >>> least_busy(provider.backends(n_qubits=20, simulator=False))
    <IBMQBackend('ibmq_20_tokyo') from IBMQ(hub='ibm-q', group='open', project='main'), ...>

    Args:
        backends: candidates; those that are offline, paused or reserved soon are ignored.
        reservation_lookahead: minutes ahead in which a reservation excludes a backend; ``None`` to
            ignore reservations.

    Raises:
        IBMQError: there is no candidate, none is available, or one is not a backend.
        ApiError: there is no connection, the token is refused, or no status could be read. One of
            several is left out with a line in the log.

    Wire: getBackendStatus for each backend; listBackendBookings for those that are available, the
    least busy first, until one is free. Source: ``least_busy`` of qiskit-ibmq-provider 0.20.2,
    which requests the bookings of all backends and each status twice.
    """
    candidates = list(backends)
    if not candidates:
        raise IBMQError("The list of backends is empty. Use provider.backends().")
    try:
        states = states_of(candidates)
    except AttributeError as error:
        raise IBMQError(f"An item of the list is not a backend: {error}.") from error
    found = least_busy_of(states, reservation_lookahead)
    if found is not None:
        return found
    names = ", ".join(str(backend) for backend in candidates)
    raise IBMQError(f"No backend can run a job now: {names}. Try again later.")


def states_of(backends: Iterable[IBMQBackend]) -> list[tuple[IBMQBackend, BackendStatus]]:
    """Return backends with their states, as :func:`read_each` does. Wire: getBackendStatus."""
    return list(read_each(backends, lambda backend: backend.status()))


def read_each(items: Iterable[Item], read: Callable[[Item], Fact]) -> list[tuple[Item, Fact]]:
    """Return items with what was read of each.

    An item that cannot be read is left out with a line in the log.

    Args:
        items: backends or their names.
        read: reads one of them.

    Raises:
        ApiError: there is no connection, or the token is refused.
        IBMQError: no item can be read; the error of the first.
    """
    found: list[tuple[Item, Fact]] = []
    failures: list[tuple[Item, IBMQError]] = []
    for item in items:
        try:
            found.append((item, read(item)))
        except (ApiConnectionError, ApiAuthError):
            raise
        except IBMQError as error:
            failures.append((item, error))
    if failures and not found:
        first = failures[0][1]
        if first.hint and first.hint not in first.message:
            first.add_note(first.hint)
        raise first
    for item, failure in failures:
        logger.warning("%s is left out: %s", item, failure.message)
    return found


def least_busy_of(
    states: Iterable[tuple[IBMQBackend, BackendStatus]], reservation_lookahead: int | None = 60
) -> IBMQBackend | None:
    """Return the first available backend with the fewest pending jobs, ``None`` if there is none.

    Args:
        states: backends with their states.
        reservation_lookahead: as in :func:`least_busy`.

    Wire: listBackendBookings for those that are available, the least busy first, until one is free.
    """
    ready = [
        (backend, state.pending_jobs)
        for backend, state in states
        if state.operational and state.status_msg == "active"
    ]
    for backend, _ in sorted(ready, key=lambda item: item[1]):
        if reservation_lookahead is None or not _is_reserved(backend, reservation_lookahead):
            return backend
    return None


def _is_reserved(backend: IBMQBackend, minutes: int) -> bool:
    if not isinstance(backend, IBMQBackend):
        return False
    now = datetime.now(UTC)
    ahead = timedelta(minutes=min(float(minutes), _MAX_LOOKAHEAD_MINUTES))
    try:
        return bool(backend.reservations(now, now + ahead))
    except ApiError as error:
        logger.warning("The reservations of %s cannot be read: %s", backend, error.message)
        return False
