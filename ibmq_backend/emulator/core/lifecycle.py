"""The statuses of a job, their order, and the times at which the job entered them."""

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
"""Final statuses: the status of a job does not change after one of these."""

WAITING: Final = (CREATED, VALIDATING, VALIDATED, QUEUED)
"""Statuses of accepted jobs that do not run yet; the length of a queue counts these jobs."""

NEXT: Final[dict[str, frozenset[str]]] = {
    CREATING: frozenset((CREATED, CANCELLED, ERROR_CREATING)),
    CREATED: frozenset((VALIDATING, CANCELLED)),
    VALIDATING: frozenset((VALIDATED, CANCELLED, ERROR_VALIDATING)),
    VALIDATED: frozenset((QUEUED, CANCELLED)),
    QUEUED: frozenset((RUNNING, CANCELLED)),
    RUNNING: frozenset((COMPLETED, CANCELLED, ERROR_RUNNING)),
}
"""The possible next statuses of every status that is not final."""

Steps = list[tuple[str, int]]
"""The statuses entered so far, in order, each with its time in milliseconds since 1970."""


def extend_steps(steps: Iterable[Sequence[str | int]], statuses: Iterable[str], now: int) -> Steps:
    """Add statuses to the steps of a job.

    Args:
        steps: steps so far, pairs of status and milliseconds.
        statuses: new statuses, in order.
        now: current time, in milliseconds since 1970.

    Returns:
        All steps. Their times increase strictly, even if the clock stops.

    Raises:
        ValueError: if a status may not follow the previous one.
    """
    extended: Steps = [(str(status), int(at)) for status, at in steps]
    for status in statuses:
        if extended and status not in NEXT.get(extended[-1][0], frozenset()):
            raise ValueError(f"a job cannot go from {extended[-1][0]} to {status}")
        at = max(now, extended[-1][1] + 1) if extended else now
        extended.append((status, at))
    return extended


def wait_and_run_seconds(steps: Iterable[Sequence[str | int]]) -> tuple[float | None, float | None]:
    """Return how long a job waited after its acceptance, and how long it ran.

    Args:
        steps: steps of the job, pairs of status and milliseconds.

    Returns:
        Seconds; None for what the job did not do, or does still.
    """
    at = {str(status): int(moment) for status, moment in steps}
    ended = max((moment for status, moment in at.items() if status in FINAL), default=None)
    accepted, begun = at.get(CREATED), at.get(RUNNING)
    if ended is None or accepted is None:
        return None, None
    if begun is None:
        return (ended - accepted) / 1000, None
    return (begun - accepted) / 1000, (ended - begun) / 1000
