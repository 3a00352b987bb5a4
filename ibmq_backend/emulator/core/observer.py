"""What a service reports about its work, for a log or for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ibmq_backend.emulator.core.records import JobRecord

LOGGED_IN: Final = "ok"
REFUSED: Final = "refused"
THROTTLED: Final = "throttled"
"""Outcome of a login whose token was not checked, after too many wrong ones."""

UNKNOWN_OPERATION: Final = "unknown"


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login.

    Attributes:
        dialect: ``classic`` or ``platform``, ``page`` for people or ``admin`` for the
            administration.
        address: IP address of the client; None if it is not known.
        outcome: :data:`LOGGED_IN`, :data:`REFUSED` or :data:`THROTTLED`.
        user_id: id of the user; None unless the login succeeded.
    """

    dialect: str
    address: str | None
    outcome: str
    user_id: str | None = None


class Observer:
    """Receives the reports of a service; this base class ignores them.

    The methods are called in the threads that do the work. They must be quick and must not raise.
    """

    def login(self, attempt: LoginAttempt) -> None:
        """Receive a login, successful or not."""

    def job(self, record: JobRecord) -> None:
        """Receive a job that this server created or advanced, after the change was stored."""

    def request(self, operation: str, status: int, seconds: float) -> None:
        """Receive a request that was answered.

        Args:
            operation: operation id, or :data:`UNKNOWN_OPERATION`.
            status: HTTP status of the reply.
            seconds: time from the head of the request to the head of the reply.
        """

    def simulation(self, device: str, seconds: float) -> None:
        """Receive the time that one attempt to run a job has taken in the engine."""
