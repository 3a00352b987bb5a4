"""Handlers for jobs."""

from __future__ import annotations

from typing import Any, Final

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.documents.jobs import (
    created_document,
    queued_job_document,
    queued_status_document,
    uploaded_document,
)
from ibmq_backend.emulator.classic.filters.job_lists import job_page
from ibmq_backend.emulator.classic.filters.loopback import parse_filter
from ibmq_backend.emulator.classic.requests import (
    Handler,
    Reply,
    Request,
    clean_text,
    tags_field,
    text_field,
    typed_field,
)
from ibmq_backend.emulator.classic.state.state import DIALECT, ClassicState
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.records import JobRecord, JobRequest
from ibmq_backend.emulator.store.jobs import QOBJ, RESULT

CLIENT_HEADER: Final = "x-qx-client-application"


def create_job(state: ClassicState, request: Request) -> Reply:
    """Handle ``createJob``.

    Raises:
        ServiceError: 400, the body is invalid.
        UnknownBackend: 404/2620, the project has no such backend.
        TooManyJobs: 400/3458, the job limit is reached.
        ClassEnded: 403/2409, the last day of the class is over.
    """
    state.service.accounts.check_open()
    project = state.service.network.project(request.account, request.instance)
    body = request.json_object()
    backend = typed_field(body, "backend", dict, "an object") or {}
    name = text_field(backend, "name")
    if name is None:
        raise errors.missing_data("The name of the backend is missing.")
    device = state.service.network.device(project, name)
    if body.get("allowObjectStorage") is False or "qObject" in body:
        raise errors.ServiceError(
            400,
            ErrorCode.STORAGE_NOT_ALLOWED,
            "The data of a job must be uploaded to the object storage.",
        )
    client_name, client_version = _client_info(request.headers.get(CLIENT_HEADER))
    record = state.service.jobs.create(
        JobRequest(
            user_id=request.account.user_id,
            dialect=DIALECT,
            instance=request.instance,
            backend_name=device.name,
            backend_version=device.version,
            name=text_field(body, "name"),
            tags=tags_field(body) or (),
            experiment_tag=text_field(body, "experimentTag"),
            share_level=text_field(body, "shareLevel"),
            live_data=typed_field(body, "liveDataEnabled", bool, "true or false"),
            client_name=client_name,
            client_version=client_version,
            address=request.client_address,
        ),
        state.job_limit(request.account, device),
        in_all=request.account.job_limit(device) is not None,
    )
    upload = state.signer.url(request.base_url, "PUT", QOBJ, record.id)
    return Reply(created_document(record, upload, state.service.settings.max_job_bytes))


def mark_job_data_uploaded(state: ClassicState, request: Request) -> Reply:
    """Handle ``markJobDataUploaded``; repeating it has no effect.

    Raises:
        DataNotUploaded: 400/3251, the job has no data.
    """
    return Reply(uploaded_document(state.service.jobs.accept(_job(state, request).id)))


def get_job(state: ClassicState, request: Request) -> Reply:
    """Handle ``getJob``."""
    record = _job(state, request)
    return Reply(queued_job_document(record, state.service.queue_position(record)))


def get_job_status(state: ClassicState, request: Request) -> Reply:
    """Handle ``getJobStatus``."""
    record = _job(state, request)
    return Reply(queued_status_document(record, state.service.queue_position(record)))


def list_job_statuses(state: ClassicState, request: Request) -> Reply:
    """Handle ``listJobStatuses``; the documents have no ``timePerStep``."""
    return _listing(state, request, details=False)


def list_jobs(state: ClassicState, request: Request) -> Reply:
    """Handle ``listJobs``: return full documents or the fields that the filter names."""
    return _listing(state, request, details=True)


def get_job_download_url(state: ClassicState, request: Request) -> Reply:
    """Handle ``getJobDownloadUrl``.

    Raises:
        ServiceError: 404/3302, the job has no data.
    """
    record = _job(state, request)
    if not state.service.jobs.has_blob(record.id, QOBJ):
        raise errors.ServiceError(404, ErrorCode.NO_JOB_DATA, "The job has no data.")
    return Reply({"url": state.signer.url(request.base_url, "GET", QOBJ, record.id)})


def get_result_download_url(state: ClassicState, request: Request) -> Reply:
    """Handle ``getResultDownloadUrl``.

    Raises:
        ServiceError: 400/3211, the job is not final or has no result.
    """
    record = _job(state, request)
    if not record.final:
        raise errors.invalid_state(f"The job has no result yet: its status is {record.status}.")
    if not state.service.jobs.has_blob(record.id, RESULT):
        raise errors.invalid_state(f"The job has no result: its status is {record.status}.")
    return Reply({"url": state.signer.url(request.base_url, "GET", RESULT, record.id)})


def mark_result_downloaded(state: ClassicState, request: Request) -> Reply:
    """Handle ``markResultDownloaded``; the result is kept."""
    return Reply({"terminated": _job(state, request).final})


def cancel_job(state: ClassicState, request: Request) -> Reply:
    """Handle ``cancelJob``; ``cancelled`` is also true when an earlier call cancelled the job."""
    record = _job(state, request)
    if state.service.jobs.cancel(record.id):
        return Reply({"cancelled": True})
    status = _job(state, request).status
    if status == lifecycle.CANCELLED:
        return Reply({"cancelled": True})
    message = f"The job cannot be cancelled: its status is {status}."
    return Reply({"cancelled": False, "error": {"message": message, "code": ErrorCode.NOT_RUNNING}})


def update_job(state: ClassicState, request: Request) -> Reply:
    """Handle ``updateJob``: return the changed fields.

    Raises:
        ServiceError: 400, the body has nothing to change, or a value is invalid.
    """
    record, body = _job(state, request), request.json_object()
    changed: dict[str, Any] = {}
    if "name" in body:
        changed["name"] = clean_text(body["name"], "name")
    if "tags" in body:
        changed["tags"] = list(tags_field(body) or ())
    if not changed:
        raise errors.missing_data("There is nothing to change. Send 'name' or 'tags'.")
    state.service.jobs.update(record.id, changed)
    return Reply(changed)


def delete_job(state: ClassicState, request: Request) -> Reply:
    """Handle ``deleteJob``: cancel an unfinished job and delete it."""
    state.service.jobs.delete(_job(state, request).id)
    return Reply({})


def get_job_properties(state: ClassicState, request: Request) -> Reply:
    """Handle ``getJobProperties``: return the calibration that the run used, or an empty object.

    For a waiting job it is the current calibration.
    """
    record = _job(state, request)
    if record.properties_digest is not None:
        document = state.service.jobs.snapshot(record.properties_digest)
        return Reply({} if document is None else document.encode())
    if record.status in lifecycle.FINAL:
        return Reply({})
    return Reply(state.service.properties_json(record.backend_name) or {})


def get_job_upload_url(state: ClassicState, request: Request) -> Reply:
    """Handle ``getJobUploadUrl``.

    Raises:
        ServiceError: 400/3211, the job already has data.
    """
    record = _job(state, request)
    if record.status != lifecycle.CREATING:
        raise errors.invalid_state("The data of the job has been accepted already.")
    return Reply({"url": state.signer.url(request.base_url, "PUT", QOBJ, record.id)})


def _job(state: ClassicState, request: Request) -> JobRecord:
    state.service.network.project(request.account, request.instance)
    return state.job(request.account, request.instance, request.path["job_id"])


def _listing(state: ClassicState, request: Request, *, details: bool) -> Reply:
    state.service.network.project(request.account, request.instance)
    job_filter = parse_filter(request.query.get("filter"))
    return Reply(job_page(state, request.account, request.instance, job_filter, details=details))


def _client_info(header: str | None) -> tuple[str | None, str | None]:
    """Split the client header at its first slash, as the real service did."""
    if not header:
        return None, None
    printable = "".join(letter for letter in header[:500] if letter.isprintable())
    name, _, version = printable.partition("/")
    return name, version


HANDLERS: Final[dict[str, Handler]] = {
    "createJob": create_job,
    "markJobDataUploaded": mark_job_data_uploaded,
    "getJob": get_job,
    "getJobStatus": get_job_status,
    "listJobStatuses": list_job_statuses,
    "listJobs": list_jobs,
    "getJobDownloadUrl": get_job_download_url,
    "getResultDownloadUrl": get_result_download_url,
    "markResultDownloaded": mark_result_downloaded,
    "cancelJob": cancel_job,
    "updateJob": update_job,
    "deleteJob": delete_job,
    "getJobProperties": get_job_properties,
    "getJobUploadUrl": get_job_upload_url,
}
