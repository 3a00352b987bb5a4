"""Handler for the common list of jobs and sessions."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents import workloads
from ibmq_backend.emulator.platform.documents.workloads import Workload
from ibmq_backend.emulator.platform.filters.workload_lists import paginate, read_filter
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.state import PlatformState

_DEFAULT_PAGE_SIZE: Final = 10
_MAX_PAGE_SIZE: Final = 50


def list_workloads(state: PlatformState, request: Request) -> Reply:
    """Handle ``listWorkloads``; the default order is oldest first.

    Raises:
        PlatformError: 400/1208, a parameter is invalid.
    """
    sort = request.text("sort") or "createdAt"
    if sort not in ("createdAt", "-createdAt"):
        raise errors.invalid("'sort' must be createdAt or -createdAt.")
    if request.text("user") not in (None, "me"):
        raise errors.invalid("'user' must be me.")
    limit = request.number("limit", _DEFAULT_PAGE_SIZE, 1, _MAX_PAGE_SIZE)
    workload_filter = read_filter(request)
    matching = [one for one in _all(state, request) if workload_filter.matches(one)]
    page, earlier, later = paginate(
        matching,
        descending=sort.startswith("-"),
        limit=limit,
        after=request.text("next"),
        before=request.text("previous"),
    )
    reply: dict[str, Any] = {
        "workloads": [one.document for one in page],
        "total_count": len(matching),
        "limit": limit,
    }
    if earlier is not None:
        reply["previous"] = {"href": _link(request, "previous", earlier)}
    if later is not None:
        reply["next"] = {"href": _link(request, "next", later)}
    return Reply(reply)


def _all(state: PlatformState, request: Request) -> list[Workload]:
    instance = request.instance
    user_id = request.account.user_id if request.text("user") == "me" else None
    runs = state.runs.all(instance, user_id)
    found = [workloads.make_job_entry(record, run, instance) for record, run in runs]
    for session in state.sessions.all(instance, user_id):
        own = [(record, run) for record, run in runs if run.session_id == session.id]
        found.append(workloads.make_session_entry(session, own, instance))
    return found


def _link(request: Request, name: str, cursor: str) -> str:
    kept = [
        (key, value)
        for key, values in request.query.items()
        if key not in ("next", "previous")
        for value in values
    ]
    return f"{request.base_url}/v1/workloads?{urlencode([*kept, (name, cursor)])}"


HANDLERS: Final[dict[str, Handler]] = {"listWorkloads": list_workloads}
