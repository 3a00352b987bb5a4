"""The list of jobs, with search and filters, and the latest jobs for the overview."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from ibmq_backend.emulator.pages.job_rows import JobRow, job_rows, user_name
from ibmq_backend.emulator.pages.job_states import STATES
from ibmq_backend.emulator.pages.site import Page, PageRequest, Site, Viewer
from ibmq_backend.emulator.pages.visible import list_devices
from ibmq_backend.emulator.store.job_lists import PAGE_JOBS, JobFilter, JobLists

__all__ = ["PAGES", "latest_jobs"]

_LATEST: Final = 10
_MAX_SEARCH: Final = 200
_FIELDS: Final = ("text", "state", "device", "user")


def latest_jobs(site: Site, viewer: Viewer) -> list[JobRow]:
    """Return the latest jobs that the viewer may see, newest first."""
    lists = JobLists(site.service.store)
    return job_rows(site, lists.page(JobFilter(viewer.user_id), limit=_LATEST))


def show_jobs(site: Site, request: PageRequest) -> Response:
    """Show a page of the list; the query holds the search, the filters and where it begins."""
    viewer, query = request.known_viewer, request.http.query_params
    chosen = {name: query.get(name, "").strip()[:_MAX_SEARCH] for name in _FIELDS}
    lists = JobLists(site.service.store)
    users: dict[str, str] = {}
    if viewer.is_teacher:
        users = {user_id: user_name(site, user_id) for user_id in lists.owners()}
    wanted = JobFilter(
        viewer.user_id or chosen["user"] or None,
        chosen["device"] or None,
        STATES.get(chosen["state"], ()),
        chosen["text"],
    )
    before = query.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 16 else None
    records = lists.page(wanted, start, PAGE_JOBS + 1)
    shown, more = records[:PAGE_JOBS], len(records) > PAGE_JOBS
    kept = {name: value for name, value in chosen.items() if value}
    return site.render(
        request.http,
        "jobs.html",
        rows=job_rows(site, shown),
        chosen=chosen,
        states=[(state, state) for state in STATES],
        devices=[(device.name, device.name) for device in list_devices(site, viewer)],
        users=sorted(users.items(), key=lambda user: user[1]),
        first_page=_link(kept) if start is not None else None,
        next_page=_link({**kept, "before": str(shown[-1].creation_ms)}) if more else None,
        filtered=bool(kept),
    )


def show_events(site: Site, request: PageRequest) -> Response:
    """Return the stream of changes that keeps open pages up to date."""
    user_id = request.known_viewer.user_id
    return site.live.reply(request.http, user_id, site.find_viewer)


def _link(query: dict[str, str]) -> str:
    return f"/web/jobs?{urlencode(query)}" if query else "/web/jobs"


PAGES: Final = (
    Page("/web/jobs", show_jobs),
    Page("/web/events", show_events),
)
