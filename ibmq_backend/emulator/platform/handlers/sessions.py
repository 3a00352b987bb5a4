"""Handlers for sessions and batches."""

from __future__ import annotations

from typing import Any, Final

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents.sessions import session_document
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.sessions import (
    BATCH,
    DEDICATED,
    Session,
)
from ibmq_backend.emulator.platform.state.state import PlatformState


def create_session(state: PlatformState, request: Request) -> Reply:
    """Handle ``createSession``.

    Raises:
        PlatformError: 400/1208, the body is invalid; 403/1352, the plan does not include sessions;
            404, the device is unknown; 500, the mode is unknown, as in the real service.
    """
    body = request.json_object()
    name = body.get("backend") or body.get("backend_name")
    if not isinstance(name, str | None):
        raise errors.invalid("'backend' must be a string.")
    if "mode" not in body:
        raise errors.invalid("'mode' is missing.")
    if body["mode"] not in (BATCH, DEDICATED):
        raise errors.internal()
    device = None if name is None else state.device(request.instance, name)
    session = state.sessions.create(
        account=request.account,
        instance=request.instance,
        backend_name=None if device is None else device.name,
        mode=body["mode"],
        max_ttl=_seconds(body.get("max_ttl")),
    )
    return Reply(session_document(session, []))


def get_session(state: PlatformState, request: Request) -> Reply:
    """Handle ``getSession``.

    Raises:
        PlatformError: 404, the session is unknown.
    """
    session = _session(state, request)
    return Reply(session_document(session, state.sessions.list_jobs(session)))


def update_session(state: PlatformState, request: Request) -> Reply:
    """Handle ``updateSession``: stop accepting jobs; a closed session cannot be opened again.

    Raises:
        PlatformError: 400/1208, the body is invalid; 404, the session is unknown.
    """
    session = _session(state, request)
    accepting = request.json_object().get("accepting_jobs")
    if not isinstance(accepting, bool):
        raise errors.invalid("'accepting_jobs' must be true or false.")
    if not accepting:
        state.sessions.stop_accepting(session)
    return Reply()


def close_session(state: PlatformState, request: Request) -> Reply:
    """Handle ``closeSession``: close the session; its waiting jobs fail.

    Raises:
        PlatformError: 404, the session is unknown.
    """
    state.sessions.close(_session(state, request))
    return Reply()


def _session(state: PlatformState, request: Request) -> Session:
    session_id = request.path["session_id"]
    return state.sessions.get(session_id, request.account, request.instance)


def _seconds(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise errors.invalid("'max_ttl' must be a whole number of seconds above 0.")
    return value


HANDLERS: Final[dict[str, Handler]] = {
    "createSession": create_session,
    "getSession": get_session,
    "updateSession": update_session,
    "closeSession": close_session,
}
