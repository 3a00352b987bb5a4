"""Jobs: from creation to the result."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from ibmq_backend.emulator.core.raw_json import raw_json
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents.devices import calibration_id
from ibmq_backend.emulator.platform.documents.jobs import (
    FAILED,
    created_document,
    job_document,
    metrics_document,
    state_of,
)
from ibmq_backend.emulator.platform.documents.versions import TRANSPILED_CIRCUITS_UNTIL
from ibmq_backend.emulator.platform.filters.job_lists import read_listing
from ibmq_backend.emulator.platform.jobs.submission import read_submission, read_tags
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.instances import OPEN_PLAN
from ibmq_backend.emulator.platform.state.runs import Run
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.store.jobs import RESULT

_SHORTEST_SEARCH: Final = 3
_LONGEST_SEARCH: Final = 100
_TAGS_FOUND: Final = 8


def create_job(state: PlatformState, request: Request) -> Reply:
    """``createJob``: checks the form of the body and the limits of the plan, nothing else.

    Raises:
        PlatformError: 400, the body does not have its form; 403, 409 or 429, a limit is
            reached; 404, no such device or session.
    """
    submission = read_submission(request.json_object())
    instance = request.instance
    device = state.device(instance, submission.backend)
    if submission.calibration_id is not None:
        if instance.plan.name == OPEN_PLAN.name:
            raise errors.plan_without("calibrations of one's choice")
        if submission.calibration_id != calibration_id(device):
            raise errors.invalid("There is no such calibration.")
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
    """``listJobs``: one page of the user's jobs in the instance, newest first.

    Raises:
        PlatformError: 400/1208, a parameter cannot be read.
    """
    wanted, page = read_listing(request)
    runs = state.runs
    found, count = runs.page(request.account, request.instance, wanted, page.limit, page.offset)
    full = not request.flag("exclude_params", default=True)
    listed = [
        job_document(record, run, request.version, runs.params(record.id) if full else None)
        for record, run in found
    ]
    reply = {"jobs": listed, "count": count, **asdict(page)}
    return Reply(raw_json(reply) if full else reply)


def get_job(state: PlatformState, request: Request) -> Reply:
    """``getJob``.

    Raises:
        PlatformError: 404/1291, there is no such job.
    """
    record, run = _found(state, request)
    excluded = request.flag("exclude_params", default=False)
    params = None if excluded else state.runs.params(record.id)
    document = job_document(record, run, request.version, params)
    return Reply(document if excluded else raw_json(document))


def delete_job(state: PlatformState, request: Request) -> Reply:
    """``deleteJob``, for final jobs.

    Raises:
        PlatformError: 400, the job is not final; 404/1291, there is no such job.
    """
    record, _ = _found(state, request)
    if not record.final:
        raise errors.job_not_final()
    state.service.jobs.delete(record.id)
    return Reply()


def get_job_results(state: PlatformState, request: Request) -> Reply:
    """``getJobResults``: 204 where nothing is stored; that of a private job is given once.

    Raises:
        PlatformError: 400/1234, the job is not final; 404/1291, there is no such job.
    """
    record, run = _found(state, request)
    if not record.final:
        raise errors.results_not_ready()
    if run.private:
        kept = state.runs.take_private_result(record.id)
        return Reply(status=204) if kept is None else Reply(kept)
    content = state.service.jobs.data.read(record.id, RESULT)
    return Reply(status=204) if content is None else Reply(content)


def get_interim_results(state: PlatformState, request: Request) -> Reply:
    """``getInterimResults``: no program here reports any.

    Raises:
        PlatformError: 404, the version of the API does not have them, or no such job.
    """
    _check_old(request)
    _found(state, request)
    return Reply(status=204)


def get_transpiled_circuits(state: PlatformState, request: Request) -> Reply:
    """``getTranspiledCircuits``: programs have stopped to store them.

    Raises:
        PlatformError: 404.
    """
    _check_old(request)
    record, _ = _found(state, request)
    raise errors.PlatformError(404, None, f"Job '{record.id}' has no transpiled circuits.")


def get_job_logs(state: PlatformState, request: Request) -> Reply:
    """``getJobLogs``: empty, or why a job failed.

    Raises:
        PlatformError: 404, the job has no log yet, or no such job.
    """
    record, _ = _found(state, request)
    if not record.final:
        raise errors.PlatformError(404, None, f"Job '{record.id}' has no log.")
    if state_of(record) != FAILED:
        return Reply("")
    error = record.error or {}
    return Reply(f"{errors.reason_of(str(error['message']), int(error['code']))}\n")


def get_job_metrics(state: PlatformState, request: Request) -> Reply:
    """``getJobMetrics``.

    Raises:
        PlatformError: 404/1291, there is no such job.
    """
    record, run = _found(state, request)
    return Reply(metrics_document(record, run, request.version))


def cancel_job(state: PlatformState, request: Request) -> Reply:
    """``cancelJob``.

    Raises:
        PlatformError: 404/1291, there is no such job; 409, it is final.
    """
    record, _ = _found(state, request)
    if not state.runs.end(record):
        raise errors.job_final()
    return Reply()


def replace_job_tags(state: PlatformState, request: Request) -> Reply:
    """``replaceJobTags``; an empty array clears them.

    Raises:
        PlatformError: 400, the tags are too many, too long or no texts; 404/1291, no such job.
    """
    record, _ = _found(state, request)
    body = request.json_object()
    if "tags" not in body:
        raise errors.invalid("'tags' is missing.")
    state.service.jobs.update(record.id, {"tags": list(read_tags(body["tags"]))})
    return Reply()


def list_tags(state: PlatformState, request: Request) -> Reply:
    """``listTags``: tags that contain a text, in any case.

    Raises:
        PlatformError: 400, the type or the search is not as described.
    """
    search = request.text("search") or ""
    if request.text("type") != "job":
        raise errors.invalid("'type' must be job.")
    if not _SHORTEST_SEARCH <= len(search) <= _LONGEST_SEARCH:
        raise errors.PlatformError(400, None, "The search is too short or too long.")
    found = state.runs.tags(request.account, request.instance)
    fitting = [tag for tag in found if search.lower() in tag.lower()]
    return Reply({"tags": fitting[:_TAGS_FOUND]})


def _found(state: PlatformState, request: Request) -> tuple[JobRecord, Run]:
    return state.runs.get(request.path["job_id"], request.account, request.instance)


def _check_old(request: Request) -> None:
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
