"""Jobs and sessions in one list."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.requests import (
    PlatformHandler,
    PlatformReply,
    PlatformRequest,
)
from ibmq_backend.emulator.platform.documents import workloads
from ibmq_backend.emulator.platform.documents.workloads import MODES, STATUSES, Wanted, Workload
from ibmq_backend.emulator.service_state import ServiceState

_PAGE: Final = 10
_LARGEST_PAGE: Final = 50


def list_workloads(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``listWorkloads``: oldest first unless ``sort`` says otherwise.

    Raises:
        PlatformError: 400/1208, a parameter is not as described.
    """
    sort = request.text("sort") or "createdAt"
    if sort not in ("createdAt", "-createdAt"):
        raise errors.invalid("'sort' must be createdAt or -createdAt.")
    if request.text("user") not in (None, "me"):
        raise errors.invalid("'user' must be me.")
    limit = request.number("limit", _PAGE, 1, _LARGEST_PAGE)
    wanted = _wanted(request)
    fitting = [one for one in _all(service_state, request) if wanted.fits(one)]
    page, earlier, later = workloads.page_of(
        fitting,
        descending=sort.startswith("-"),
        limit=limit,
        after=request.text("next"),
        before=request.text("previous"),
    )
    reply: dict[str, Any] = {
        "workloads": [one.document for one in page],
        "total_count": len(fitting),
        "limit": limit,
    }
    if earlier is not None:
        reply["previous"] = {"href": _link(request, "previous", earlier)}
    if later is not None:
        reply["next"] = {"href": _link(request, "next", later)}
    return PlatformReply(reply)


def _wanted(request: PlatformRequest) -> Wanted:
    statuses = tuple(request.texts("status"))
    if not set(statuses) <= set(STATUSES.values()):
        raise errors.invalid(f"'status' must be of {', '.join(STATUSES.values())}.")
    mode = request.text("mode")
    if mode is not None and mode not in MODES:
        raise errors.invalid(f"'mode' must be of {', '.join(MODES)}.")
    return Wanted(
        backend=request.text("backend"),
        search=request.text("search"),
        statuses=statuses,
        mode=mode,
        earliest=request.moment("created_after"),
        latest=request.moment("created_before"),
        tags=tuple(request.texts("tags")),
    )


def _all(service_state: ServiceState, request: PlatformRequest) -> list[Workload]:
    instance = request.instance
    user_id = request.account.user_id if request.text("user") == "me" else None
    runs = service_state.platform.runs.all(instance, user_id)
    found = [workloads.of_job(record, run, instance) for record, run in runs]
    for session in service_state.platform.sessions.all(instance, user_id):
        own = [(record, run) for record, run in runs if run.session_id == session.id]
        found.append(workloads.of_session(session, own, instance))
    return found


def _link(request: PlatformRequest, name: str, cursor: str) -> str:
    kept = [
        (key, value)
        for key, values in request.query.items()
        if key not in ("next", "previous")
        for value in values
    ]
    return f"{request.base_url}/v1/workloads?{urlencode([*kept, (name, cursor)])}"


HANDLERS: Final[dict[str, PlatformHandler]] = {"listWorkloads": list_workloads}
