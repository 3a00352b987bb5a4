"""The page of one job: its states, its circuits, its result, and cancelling it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response

from ibmq_backend.emulator.core.clock import moment_of
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.engine.engine import JobRefused
from ibmq_backend.emulator.engine.task import DRAWINGS, RESULT_TASK, Task
from ibmq_backend.emulator.pages.job_rows import duration, find_job, user_name
from ibmq_backend.emulator.pages.job_states import STEPS, state_of
from ibmq_backend.emulator.pages.next_steps import next_step
from ibmq_backend.emulator.pages.site import Page, PageError, PageRequest, Site
from ibmq_backend.emulator.store.jobs import RESULT

__all__ = ["PAGES"]

MAX_DRAWN_BYTES: Final = 10_000_000
MAX_SHOWN_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """A status on the time line of a job.

    Attributes:
        text: the status in words.
        start: when the job entered it.
        lasted: how long it stayed there; empty for a final status and for the present one.
    """

    text: str
    start: datetime
    lasted: str


def show_job(site: Site, request: PageRequest) -> Response:
    """Show a job.

    Raises:
        UnknownJob: the viewer sees no such job.
    """
    http, viewer = request.http, request.known_viewer
    record = find_job(site, viewer, http.path_params["job_id"])
    circuits = _circuits_of(record)
    index = min(_index_in(http), max(circuits - 1, 0))
    return site.render(
        http,
        "job.html",
        record=record,
        state=state_of(record.status),
        user=user_name(site, record.user_id) if viewer.is_teacher else None,
        steps=_time_line(record),
        circuits=circuits,
        index=index,
        **_waiting(site, record),
        error=record.error,
        next_step=next_step((record.error or {}).get("code")),
        has_result=record.final and site.service.jobs.has_blob(record.id, RESULT),
    )


def show_circuit(site: Site, request: PageRequest) -> Response:
    """Show the drawing of one circuit of a job, which an inspector process makes.

    Raises:
        UnknownJob: the viewer sees no such job.
    """
    http, viewer = request.http, request.known_viewer
    record = find_job(site, viewer, http.path_params["job_id"])
    problem, task = "", None
    try:
        task = _dialect_of(site, record).job_kind.task(record)
        task = Task(
            record.id, task.device, task.content, None, DRAWINGS[task.kind], _index_in(http)
        )
        problem = _too_large("The circuits of this job take", task, MAX_DRAWN_BYTES)
        if not task.content.size:
            problem = "The circuits of this job have not arrived."
    except JobRefused as refusal:
        problem = f"{refusal.message}."
    return _view(site, request, "_job_circuit.html", record, task, problem)


def show_counts(site: Site, request: PageRequest) -> Response:
    """Show the counts of one circuit of a job, which an inspector process reads.

    Raises:
        UnknownJob: the viewer sees no such job.
        PageError: it has no result.
    """
    http, viewer = request.http, request.known_viewer
    record = find_job(site, viewer, http.path_params["job_id"])
    content = site.service.jobs.data.read(record.id, RESULT)
    if content is None:
        raise _no_result()
    task = Task(record.id, record.backend_name, content, None, RESULT_TASK, _index_in(http))
    problem = _too_large("The result takes", task, MAX_SHOWN_BYTES)
    return _view(site, request, "_job_counts.html", record, task, problem)


def download_result(site: Site, request: PageRequest) -> Response:
    """Return the result of a job as a JSON file.

    Raises:
        UnknownJob: the viewer sees no such job.
        PageError: it has no result.
    """
    record = find_job(site, request.known_viewer, request.http.path_params["job_id"])
    content = site.service.jobs.data.read(record.id, RESULT)
    if content is None:
        raise _no_result()
    name = {"Content-Disposition": f'attachment; filename="{record.id}.json"'}
    return site.exchanges.stream(request.http, content, HTTPStatus.OK, name)


def cancel_job(site: Site, request: PageRequest) -> Response:
    """Cancel a job unless it has ended, and lead back to its page.

    Raises:
        UnknownJob: the viewer sees no such job.
    """
    record = find_job(site, request.known_viewer, request.http.path_params["job_id"])
    _dialect_of(site, record).cancel(record)
    return RedirectResponse(f"/web/jobs/{record.id}", HTTPStatus.SEE_OTHER)


def _view(
    site: Site,
    request: PageRequest,
    template: str,
    record: JobRecord,
    task: Task | None,
    problem: str,
) -> Response:
    """Return a page about the data of a job; with ``part`` in the query the part alone."""
    whole = "job_part.html" if "part" not in request.http.query_params else template

    def render(found: dict[str, Any], reason: str) -> bytes:
        page = site.render(
            request.http, whole, record=record, part=template, found=found, problem=reason
        )
        return bytes(page.body)

    return site.views.reply(request.known_viewer.user_id, render, task, problem)


def _time_line(record: JobRecord) -> list[Step]:
    ends = [at for _, at in record.steps[1:]]
    return [
        Step(
            STEPS[status],
            moment_of(at),
            duration(ends[number] - at) if number < len(ends) else "",
        )
        for number, (status, at) in enumerate(record.steps)
    ]


def _waiting(site: Site, record: JobRecord) -> dict[str, Any]:
    """Return what is known of a job in the queue: its position, its start, what it waits for."""
    position = site.service.queue_position(record)
    state = site.service.device_state(record.backend_name)
    return {
        "position": position,
        "start": None if position is None else moment_of(position.start_ms),
        "device_state": state,
    }


def _circuits_of(record: JobRecord) -> int:
    summary = record.summary or {}
    stated = summary.get("summary") or {}
    return int(stated.get("num_circuits") or summary.get("circuits") or 1)


def _index_in(http: HttpRequest) -> int:
    """Return the index of the circuit that a request names by its number, from 1."""
    number = http.query_params.get("circuit", "")
    return max(int(number) - 1, 0) if number.isdecimal() and len(number) < 9 else 0


def _too_large(what: str, task: Task, limit: int) -> str:
    if task.content.size <= limit:
        return ""
    return (
        f"{what} {task.content.size / 1e6:.1f} MB. At most {limit / 1e6:g} MB are shown on this "
        "page."
    )


def _dialect_of(site: Site, record: JobRecord) -> Dialect:
    return next(dialect for dialect in site.dialects if dialect.name == record.dialect)


def _no_result() -> PageError:
    return PageError(
        404, "No result", "This job has no result. Its page says in which state it is."
    )


PAGES: Final = (
    Page("/web/jobs/{job_id}", show_job),
    Page("/web/jobs/{job_id}/circuit", show_circuit),
    Page("/web/jobs/{job_id}/counts", show_counts),
    Page("/web/jobs/{job_id}/result", download_result),
    Page("/web/jobs/{job_id}/cancel", cancel_job, "POST"),
)
