"""Sessions, which the classic service does not have."""

from __future__ import annotations

from typing import NoReturn

from ibmq_backend.exceptions import ApiNotSupported
from ibmq_backend.records import SessionRecord


class ClassicSessions:
    """The part of ``AccountClient`` about sessions.

    Every method raises :class:`~ibmq_backend.exceptions.ApiNotSupported`, without a request.
    """

    def open_session(
        self, backend_name: str, mode: str, max_seconds: int | None = None
    ) -> SessionRecord:
        """Raise an error, since the service has no sessions."""
        del backend_name, mode, max_seconds
        _refuse()

    def session(self, session_id: str) -> SessionRecord:
        """Raise an error, since the service has no sessions."""
        del session_id
        _refuse()

    def close_session(self, session_id: str, *, cancel: bool = False) -> None:
        """Raise an error, since the service has no sessions."""
        del session_id, cancel
        _refuse()


def _refuse() -> NoReturn:
    raise ApiNotSupported(
        "This service has no sessions. Call run() on the backend itself, without a session."
    )
