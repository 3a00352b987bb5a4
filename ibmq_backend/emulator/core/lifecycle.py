"""The life of a job: its statuses, their order, and the times at which it entered them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

CREATING: Final = "CREATING"
CREATED: Final = "CREATED"
VALIDATING: Final = "VALIDATING"
VALIDATED: Final = "VALIDATED"
QUEUED: Final = "QUEUED"
RUNNING: Final = "RUNNING"
COMPLETED: Final = "COMPLETED"
CANCELLED: Final = "CANCELLED"
ERROR_CREATING: Final = "ERROR_CREATING_JOB"
ERROR_VALIDATING: Final = "ERROR_VALIDATING_JOB"
ERROR_RUNNING: Final = "ERROR_RUNNING_JOB"

FINAL: Final = frozenset((COMPLETED, CANCELLED, ERROR_CREATING, ERROR_VALIDATING, ERROR_RUNNING))
"""A job in one of these never changes its status again."""

WAITING: Final = (CREATED, VALIDATING, VALIDATED, QUEUED)
"""Accepted, and not yet on the device: what the length of a queue counts."""

NEXT: Final[dict[str, frozenset[str]]] = {
    CREATING: frozenset((CREATED, CANCELLED, ERROR_CREATING)),
    CREATED: frozenset((VALIDATING, CANCELLED)),
    VALIDATING: frozenset((VALIDATED, CANCELLED, ERROR_VALIDATING)),
    VALIDATED: frozenset((QUEUED, CANCELLED)),
    QUEUED: frozenset((RUNNING, CANCELLED)),
    RUNNING: frozenset((COMPLETED, CANCELLED, ERROR_RUNNING)),
}
"""For every status that is not final: the statuses that may follow."""

Steps = list[tuple[str, int]]
"""The statuses entered so far, in order, each with its time in milliseconds since 1970."""


def extend_steps(steps: Iterable[Sequence[str | int]], statuses: Iterable[str], now: int) -> Steps:
    """Add statuses to the steps of a job.

    Args:
        steps: steps so far; each a pair of status and milliseconds.
        statuses: what the job enters now, in order.
        now: time of the clock, in milliseconds.

    Returns:
        All steps. Times increase strictly, even when the clock stands still.

    Raises:
        ValueError: a status may not follow the one before it.
    """
    extended: Steps = [(str(status), int(at)) for status, at in steps]
    for status in statuses:
        if extended and status not in NEXT.get(extended[-1][0], frozenset()):
            raise ValueError(f"a job cannot go from {extended[-1][0]} to {status}")
        at = max(now, extended[-1][1] + 1) if extended else now
        extended.append((status, at))
    return extended
