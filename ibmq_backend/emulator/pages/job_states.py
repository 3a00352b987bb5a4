"""The states of jobs in the words of the pages."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.core import lifecycle

__all__ = ["STATES", "STEPS", "state_of"]

STATES: Final[dict[str, tuple[str, ...]]] = {
    "waiting": (lifecycle.CREATING, *lifecycle.WAITING),
    "running": (lifecycle.RUNNING,),
    "done": (lifecycle.COMPLETED,),
    "failed": (lifecycle.ERROR_CREATING, lifecycle.ERROR_VALIDATING, lifecycle.ERROR_RUNNING),
    "cancelled": (lifecycle.CANCELLED,),
}
"""The states that people choose from, each with its statuses."""

_WORDS: Final = {status: state for state, statuses in STATES.items() for status in statuses}

STEPS: Final[dict[str, str]] = {
    lifecycle.CREATING: "Created",
    lifecycle.CREATED: "Circuits received",
    lifecycle.VALIDATING: "Checking the circuits",
    lifecycle.VALIDATED: "Circuits accepted",
    lifecycle.QUEUED: "Waiting in the queue",
    lifecycle.RUNNING: "Running",
    lifecycle.COMPLETED: "Done",
    lifecycle.CANCELLED: "Cancelled",
    lifecycle.ERROR_CREATING: "Failed: the circuits did not arrive",
    lifecycle.ERROR_VALIDATING: "Failed: the circuits were not accepted",
    lifecycle.ERROR_RUNNING: "Failed while running",
}
"""The statuses on the time line of a job."""


def state_of(status: str) -> str:
    """Return the state of ``STATES`` to which a status belongs."""
    return _WORDS[status]
