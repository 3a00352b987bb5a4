"""Opens, reads and closes sessions and batches."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from ibmq_api_platform import operations as ops
from ibmq_api_platform.api.sessions import (
    close_session,
    create_session,
    get_session,
    update_session,
)
from ibmq_api_platform.models import SessionRequest, SessionUpdate
from ibmq_api_platform.types import UNSET

from ibmq_backend.api.calls import path_part
from ibmq_backend.api.platform import mapping
from ibmq_backend.api.platform.calls import PlatformCalls
from ibmq_backend.exceptions import ApiError, ApiStatusError
from ibmq_backend.records import SessionRecord

_UNUSED: Final = (
    " The service may have opened a {} session that is not used. It costs nothing and ends by "
    "itself, so call again."
)


class PlatformSessions:
    """The part of ``AccountClient`` about sessions.

    Args:
        calls: sends the requests of the instance.
    """

    def __init__(self, calls: PlatformCalls) -> None:
        self._calls = calls
        self._client = calls.client

    def open_session(
        self, backend_name: str, mode: str, max_seconds: int | None = None
    ) -> SessionRecord:
        """Open a session.

        Raises:
            ApiError: the call failed. If the service may have opened the session, the message says
                so; such a session costs nothing and ends by itself.

        Wire: createSession.
        """
        body = SessionRequest(
            mode=mode,
            backend=backend_name,
            max_ttl=UNSET if max_seconds is None else max_seconds,
        )
        try:
            return self._calls.read(
                ops.CREATE_SESSION,
                mapping.session_record,
                create_session.sync_detailed,
                client=self._client,
                body=body,
            )
        except ApiError as error:
            if error.accepted and error.operation == ops.CREATE_SESSION.operation_id:
                error.message += _UNUSED.format(mode)
                error.args = (error.message,)
            raise

    def session(self, session_id: str) -> SessionRecord:
        """Return a session. Wire: getSession."""
        return self._calls.read(
            ops.GET_SESSION,
            mapping.session_record,
            get_session.sync_detailed,
            path_part("session id", session_id),
            client=self._client,
        )

    def close_session(self, session_id: str, *, cancel: bool = False) -> None:
        """Close a session; one that the service no longer knows is closed.

        Args:
            session_id: the session.
            cancel: whether its waiting jobs end without running; otherwise they still run.

        Wire: updateSession, or closeSession to cancel.
        """
        path = path_part("session id", session_id)
        try:
            if cancel:
                self._calls.confirm(
                    ops.CLOSE_SESSION, close_session.sync_detailed, path, client=self._client
                )
            else:
                self._calls.confirm(
                    ops.UPDATE_SESSION,
                    update_session.sync_detailed,
                    path,
                    client=self._client,
                    body=SessionUpdate(accepting_jobs=False),
                )
        except ApiStatusError as error:
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
