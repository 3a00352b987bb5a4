"""Sessions and batches."""

from __future__ import annotations

from typing import Any, Final

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.requests import (
    PlatformHandler,
    PlatformReply,
    PlatformRequest,
)
from ibmq_backend.emulator.platform.state.sessions import (
    BATCH,
    DEDICATED,
    Session,
    session_document,
)
from ibmq_backend.emulator.service_state import ServiceState


def create_session(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``createSession``.

    Raises:
        PlatformError: 400/1208, the body does not have its form; 403/1352, the plan does not
            include sessions; 404, no such device; 500, the mode is unknown, as measured.
    """
    body = request.json_object()
    name = body.get("backend") or body.get("backend_name")
    if not isinstance(name, str | None):
        raise errors.invalid("'backend' must be a text.")
    if "mode" not in body:
        raise errors.invalid("'mode' is missing.")
    if body["mode"] not in (BATCH, DEDICATED):
        raise errors.internal()
    device = None if name is None else service_state.platform.device(request.instance, name)
    session = service_state.platform.sessions.create(
        account=request.account,
        instance=request.instance,
        backend_name=None if device is None else device.name,
        mode=body["mode"],
        max_ttl=_seconds(body.get("max_ttl")),
    )
    return PlatformReply(session_document(session, []))


def get_session(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getSession``.

    Raises:
        PlatformError: 404, there is none.
    """
    session = _session(service_state, request)
    return PlatformReply(
        session_document(session, service_state.platform.sessions.jobs_of(session))
    )


def update_session(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``updateSession``: no more jobs; a closed session is not opened again.

    Raises:
        PlatformError: 400/1208, the body does not have its form; 404, no such session.
    """
    session = _session(service_state, request)
    accepting = request.json_object().get("accepting_jobs")
    if not isinstance(accepting, bool):
        raise errors.invalid("'accepting_jobs' must be true or false.")
    if not accepting:
        service_state.platform.sessions.stop_accepting(session)
    return PlatformReply()


def close_session(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``closeSession``: now; jobs that wait fail.

    Raises:
        PlatformError: 404, no such session.
    """
    service_state.platform.sessions.close(_session(service_state, request))
    return PlatformReply()


def _session(service_state: ServiceState, request: PlatformRequest) -> Session:
    session_id = request.path["session_id"]
    return service_state.platform.sessions.get(session_id, request.account, request.instance)


def _seconds(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise errors.invalid("'max_ttl' must be a whole number of seconds above 0.")
    return value


HANDLERS: Final[dict[str, PlatformHandler]] = {
    "createSession": create_session,
    "getSession": get_session,
    "updateSession": update_session,
    "closeSession": close_session,
}
