"""Jobs: from creation to the result."""

from __future__ import annotations

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
from ibmq_backend.emulator.platform.jobs.submission import read_submission, read_tags
from ibmq_backend.emulator.platform.requests import (
    PlatformHandler,
    PlatformReply,
    PlatformRequest,
)
from ibmq_backend.emulator.platform.state.instances import OPEN_PLAN
from ibmq_backend.emulator.platform.state.runs import Listing, Run
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.jobs import RESULT

_PAGE: Final = 200
_LARGEST_OFFSET: Final = 2_147_483_647
_SHORTEST_SEARCH: Final = 3
_LONGEST_SEARCH: Final = 100
_TAGS_FOUND: Final = 8


def create_job(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``createJob``: checks the form of the body and the limits of the plan, nothing else.

    Raises:
        PlatformError: 400, the body does not have its form; 403, 409 or 429, a limit is
            reached; 404, no such device or session.
    """
    submission = read_submission(request.json_object())
    instance = request.instance
    device = service_state.platform.device(instance, submission.backend)
    if submission.calibration_id is not None:
        if instance.plan.name == OPEN_PLAN.name:
            raise errors.plan_without("calibrations of one's choice")
        if submission.calibration_id != calibration_id(device):
            raise errors.invalid("There is no such calibration.")
    if submission.session_id is not None:
        service_state.platform.sessions.check_open(
            submission.session_id, request.account, instance, device.name
        )
    run = service_state.platform.runs.create(
        submission,
        account=request.account,
        instance=instance,
        device=device,
        calibration_id=calibration_id(device),
        caller=_caller(request),
        parent_job_id=(request.headers.get("parent-job-id") or "")[:1000] or None,
    )
    return PlatformReply(created_document(run, device.name, request.version))


def list_jobs(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``listJobs``: one page of the user's jobs in the instance, newest first.

    Raises:
        PlatformError: 400/1208, a parameter cannot be read.
    """
    sort = (request.text("sort") or "DESC").upper()
    if sort not in ("ASC", "DESC"):
        raise errors.invalid("'sort' must be ASC or DESC.")
    limit = request.number("limit", _PAGE, 1, _PAGE)
    offset = request.number("offset", 0, 0, _LARGEST_OFFSET)
    wanted = Listing(
        pending=request.flag("pending"),
        program=request.text("program"),
        backend=request.text("backend"),
        session_id=request.text("session_id"),
        earliest=request.moment("created_after"),
        latest=request.moment("created_before"),
        tags=tuple(request.texts("tags")),
        ascending=sort == "ASC",
    )
    runs = service_state.platform.runs
    found, count = runs.page(request.account, request.instance, wanted, limit, offset)
    full = not request.flag("exclude_params", default=True)
    listed = [
        job_document(record, run, request.version, runs.params(record.id) if full else None)
        for record, run in found
    ]
    page = {"jobs": listed, "count": count, "limit": limit, "offset": offset}
    return PlatformReply(raw_json(page) if full else page)


def get_job(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getJob``.

    Raises:
        PlatformError: 404/1291, there is no such job.
    """
    record, run = _found(service_state, request)
    excluded = request.flag("exclude_params", default=False)
    params = None if excluded else service_state.platform.runs.params(record.id)
    document = job_document(record, run, request.version, params)
    return PlatformReply(document if excluded else raw_json(document))


def delete_job(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``deleteJob``, for final jobs.

    Raises:
        PlatformError: 400, the job is not final; 404/1291, there is no such job.
    """
    record, _ = _found(service_state, request)
    if not record.final:
        raise errors.job_not_final()
    service_state.jobs.delete(record.id)
    return PlatformReply()


def get_job_results(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getJobResults``: 204 where nothing is stored; that of a private job is given once.

    Raises:
        PlatformError: 400/1234, the job is not final; 404/1291, there is no such job.
    """
    record, run = _found(service_state, request)
    if not record.final:
        raise errors.results_not_ready()
    if run.private:
        kept = service_state.platform.runs.take_private_result(record.id)
        return PlatformReply(status=204) if kept is None else PlatformReply(kept)
    content = service_state.jobs.data.read(record.id, RESULT)
    return PlatformReply(status=204) if content is None else PlatformReply(content)


def get_interim_results(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getInterimResults``: no program here reports any.

    Raises:
        PlatformError: 404, the version of the API does not have them, or no such job.
    """
    _check_old(request)
    _found(service_state, request)
    return PlatformReply(status=204)


def get_transpiled_circuits(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getTranspiledCircuits``: programs have stopped to store them.

    Raises:
        PlatformError: 404.
    """
    _check_old(request)
    record, _ = _found(service_state, request)
    raise errors.PlatformError(404, None, f"Job '{record.id}' has no transpiled circuits.")


def get_job_logs(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getJobLogs``: empty, or why a job failed.

    Raises:
        PlatformError: 404, the job has no log yet, or no such job.
    """
    record, _ = _found(service_state, request)
    if not record.final:
        raise errors.PlatformError(404, None, f"Job '{record.id}' has no log.")
    if state_of(record) != FAILED:
        return PlatformReply("")
    error = record.error or {}
    return PlatformReply(f"{errors.reason_of(str(error['message']), int(error['code']))}\n")


def get_job_metrics(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getJobMetrics``.

    Raises:
        PlatformError: 404/1291, there is no such job.
    """
    record, run = _found(service_state, request)
    return PlatformReply(metrics_document(record, run, request.version))


def cancel_job(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``cancelJob``.

    Raises:
        PlatformError: 404/1291, there is no such job; 409, it is final.
    """
    record, _ = _found(service_state, request)
    if not service_state.platform.runs.end(record):
        raise errors.job_final()
    return PlatformReply()


def replace_job_tags(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``replaceJobTags``; an empty array clears them.

    Raises:
        PlatformError: 400, the tags are too many, too long or no texts; 404/1291, no such job.
    """
    record, _ = _found(service_state, request)
    body = request.json_object()
    if "tags" not in body:
        raise errors.invalid("'tags' is missing.")
    service_state.jobs.update(record.id, {"tags": list(read_tags(body["tags"]))})
    return PlatformReply()


def list_tags(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``listTags``: tags that contain a text, in any case.

    Raises:
        PlatformError: 400, the type or the search is not as described.
    """
    search = request.text("search") or ""
    if request.text("type") != "job":
        raise errors.invalid("'type' must be job.")
    if not _SHORTEST_SEARCH <= len(search) <= _LONGEST_SEARCH:
        raise errors.PlatformError(400, None, "The search is too short or too long.")
    found = service_state.platform.runs.tags(request.account, request.instance)
    fitting = [tag for tag in found if search.lower() in tag.lower()]
    return PlatformReply({"tags": fitting[:_TAGS_FOUND]})


def _found(service_state: ServiceState, request: PlatformRequest) -> tuple[JobRecord, Run]:
    return service_state.platform.runs.get(
        request.path["job_id"], request.account, request.instance
    )


def _check_old(request: PlatformRequest) -> None:
    if request.version > TRANSPILED_CIRCUITS_UNTIL:
        raise errors.no_such_path("GET", "this path in this version of the API")


def _caller(request: PlatformRequest) -> str | None:
    header = request.headers.get("x-qx-client-application", "")
    return header.rpartition("/")[2][:200] or None


HANDLERS: Final[dict[str, PlatformHandler]] = {
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
