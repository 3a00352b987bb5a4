"""Handlers for jobs."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any, Final

from ibmq_backend.emulator.core.errors import ServiceUnavailable
from ibmq_backend.emulator.core.raw_json import raw_json
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.engine.engine import PROGRAM_TASK, EngineError, JobRefused, Task
from ibmq_backend.emulator.engine.inspectors import inspect_program
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents.devices import calibration_id
from ibmq_backend.emulator.platform.documents.jobs import (
    FAILED,
    created_document,
    get_state,
    job_document,
    metrics_document,
)
from ibmq_backend.emulator.platform.documents.versions import TRANSPILED_CIRCUITS_UNTIL
from ibmq_backend.emulator.platform.filters.job_lists import read_listing
from ibmq_backend.emulator.platform.jobs.submission import read_submission, read_tags
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.instances import OPEN_PLAN
from ibmq_backend.emulator.platform.state.runs import Run
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.store.jobs import RESULT
from ibmq_backend.emulator.wire.body import SMALL_BODY_BYTES

_MIN_SEARCH_CHARACTERS: Final = 3
_MAX_SEARCH_CHARACTERS: Final = 100
_MAX_LISTED_TAGS: Final = 8


def create_job(state: PlatformState, request: Request) -> Reply:
    """Handle ``createJob``: check the form of the body and the limits of the plan.

    Raises:
        PlatformError: 400, the body is invalid; 403, 409 or 429, a limit is reached; 404, the
            device or the session is unknown.
        ClassEnded: 403, the last day of the class is over.
    """
    state.service.accounts.check_open()
    submission = read_submission(_inspected_body(state, request))
    instance = request.instance
    device = state.device(instance, submission.backend)
    if submission.calibration_id is not None:
        if instance.plan.name == OPEN_PLAN.name:
            raise errors.plan_without("the choice of a calibration")
        if submission.calibration_id != calibration_id(device):
            raise errors.invalid("The calibration is unknown.")
    if submission.session_id is not None:
        state.sessions.check_open(submission.session_id, request.account, instance, device.name)
    run = state.runs.create(
        submission,
        account=request.account,
        instance=instance,
        device=device,
        calibration_id=calibration_id(device),
        caller=_caller(request),
        parent_job_id=(request.headers.get("parent-job-id") or "")[:1000] or None,
    )
    return Reply(created_document(run, device.name, request.version))


def list_jobs(state: PlatformState, request: Request) -> Reply:
    """Handle ``listJobs``: return a page of the user's jobs in the instance, newest first.

    Raises:
        PlatformError: 400/1208, a parameter is invalid.
    """
    listing, page = read_listing(request)
    runs = state.runs
    found, count = runs.page(request.account, request.instance, listing, page.limit, page.offset)
    full = not request.flag("exclude_params", default=True)
    listed = [
        job_document(record, run, request.version, runs.params(record.id) if full else None)
        for record, run in found
    ]
    reply = {"jobs": listed, "count": count, **asdict(page)}
    return Reply(raw_json(reply) if full else reply)


def get_job(state: PlatformState, request: Request) -> Reply:
    """Handle ``getJob``.

    Raises:
        PlatformError: 404/1291, the job is unknown.
    """
    record, run = _get_job(state, request)
    excluded = request.flag("exclude_params", default=False)
    params = None if excluded else state.runs.params(record.id)
    document = job_document(record, run, request.version, params)
    return Reply(document if excluded else raw_json(document))


def delete_job(state: PlatformState, request: Request) -> Reply:
    """Handle ``deleteJob``.

    Raises:
        PlatformError: 400, the job is not final; 404/1291, the job is unknown.
    """
    record, _ = _get_job(state, request)
    if not record.final:
        raise errors.job_not_final()
    state.service.jobs.delete(record.id)
    return Reply()


def get_job_results(state: PlatformState, request: Request) -> Reply:
    """Handle ``getJobResults``; the result of a private job can only be read once.

    The status is 204 for a job without result.

    Raises:
        PlatformError: 400/1234, the job is not final; 404/1291, the job is unknown.
    """
    record, run = _get_job(state, request)
    if not record.final:
        raise errors.results_not_ready()
    if run.private:
        kept = state.runs.take_private_result(record.id)
        return Reply(status=204) if kept is None else Reply(kept)
    content = state.service.jobs.data.read(record.id, RESULT)
    return Reply(status=204) if content is None else Reply(content)


def get_interim_results(state: PlatformState, request: Request) -> Reply:
    """Handle ``getInterimResults``; the emulated programs have none.

    Raises:
        PlatformError: 404, the API version has no interim results, or the job is unknown.
    """
    _check_old_version(request)
    _get_job(state, request)
    return Reply(status=204)


def get_transpiled_circuits(state: PlatformState, request: Request) -> Reply:
    """Handle ``getTranspiledCircuits``; programs no longer store them.

    Raises:
        PlatformError: 404, always.
    """
    _check_old_version(request)
    record, _ = _get_job(state, request)
    raise errors.PlatformError(404, None, f"Job '{record.id}' has no transpiled circuits.")


def get_job_logs(state: PlatformState, request: Request) -> Reply:
    """Handle ``getJobLogs``: return the reason of a failure, or an empty text.

    Raises:
        PlatformError: 404, the job is not final or is unknown.
    """
    record, _ = _get_job(state, request)
    if not record.final:
        raise errors.PlatformError(404, None, f"Job '{record.id}' has no log.")
    if get_state(record) != FAILED:
        return Reply("")
    error = record.error or {}
    return Reply(f"{errors.format_reason(str(error['message']), int(error['code']))}\n")


def get_job_metrics(state: PlatformState, request: Request) -> Reply:
    """Handle ``getJobMetrics``.

    Raises:
        PlatformError: 404/1291, the job is unknown.
    """
    record, run = _get_job(state, request)
    position = state.service.queue_position(record)
    return Reply(metrics_document(record, run, request.version, position))


def cancel_job(state: PlatformState, request: Request) -> Reply:
    """Handle ``cancelJob``.

    Raises:
        PlatformError: 404/1291, the job is unknown; 409, the job is final.
    """
    record, _ = _get_job(state, request)
    if not state.runs.end(record):
        raise errors.job_final()
    return Reply()


def replace_job_tags(state: PlatformState, request: Request) -> Reply:
    """Handle ``replaceJobTags``; an empty array removes all tags.

    Raises:
        PlatformError: 400, there are too many tags, or a tag is too long or not a string; 404/1291,
            the job is unknown.
    """
    record, _ = _get_job(state, request)
    body = request.json_object()
    if "tags" not in body:
        raise errors.invalid("'tags' is missing.")
    state.service.jobs.update(record.id, {"tags": list(read_tags(body["tags"]))})
    return Reply()


def list_tags(state: PlatformState, request: Request) -> Reply:
    """Handle ``listTags``: return tags that contain a string, ignoring case.

    Raises:
        PlatformError: 400, the type or the search text is invalid.
    """
    search = request.text("search") or ""
    if request.text("type") != "job":
        raise errors.invalid("'type' must be job.")
    if not _MIN_SEARCH_CHARACTERS <= len(search) <= _MAX_SEARCH_CHARACTERS:
        raise errors.PlatformError(400, None, "'search' must have 3 to 100 characters.")
    found = state.runs.tags(request.account, request.instance)
    matching = [tag for tag in found if search.lower() in tag.lower()]
    return Reply({"tags": matching[:_MAX_LISTED_TAGS]})


def _inspected_body(state: PlatformState, request: Request) -> dict[str, Any]:
    """Return the result of ``inspect_program``; the engine parses a large body."""
    try:
        if request.body.size <= SMALL_BODY_BYTES:
            return inspect_program(None, None, request.json_object())
        task_id = f"request {secrets.token_hex(8)}"
        return state.engine.inspect(Task(task_id, "", request.body.raw(), kind=PROGRAM_TASK))
    except JobRefused as refusal:
        raise errors.invalid(f"{refusal.message}.") from refusal
    except EngineError as error:
        raise ServiceUnavailable from error


def _get_job(state: PlatformState, request: Request) -> tuple[JobRecord, Run]:
    return state.runs.get(request.path["job_id"], request.account, request.instance)


def _check_old_version(request: Request) -> None:
    if request.version > TRANSPILED_CIRCUITS_UNTIL:
        raise errors.no_such_path("GET", "this path in this version of the API")


def _caller(request: Request) -> str | None:
    header = request.headers.get("x-qx-client-application", "")
    return header.rpartition("/")[2][:200] or None


HANDLERS: Final[dict[str, Handler]] = {
    "createJob": create_job,
    "listJobs": list_jobs,
    "getJob": get_job,
    "deleteJob": delete_job,
    "getJobResults": get_job_results,
    "getInterimResults": get_interim_results,
    "getTranspiledCircuits": get_transpiled_circuits,
    "getJobLogs": get_job_logs,
    "getJobMetrics": get_job_metrics,
    "cancelJob": cancel_job,
    "replaceJobTags": replace_job_tags,
    "listTags": list_tags,
}
