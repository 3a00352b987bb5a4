"""Handlers for the object storage, which need a presigned URL instead of a token."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.requests import Handler, HeadCheck, Reply, Request
from ibmq_backend.emulator.classic.state.state import DIALECT, ClassicState
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.store.jobs import QOBJ, RESULT


def put_stored_object(state: ClassicState, request: Request) -> Reply:
    """Handle ``putStoredObject``: store the data of a job that has not been accepted.

    Raises:
        ServiceError: 403/2409, the URL is not valid.
        DataAlreadyAccepted: 403/2409, the data of the job has been accepted.
        UnknownJob: 404/3250, the job has been deleted.
    """
    state.service.jobs.put_qobj(_job_to_upload(state, request), request.body.raw())
    return Reply(b"")


def get_stored_object(state: ClassicState, request: Request) -> Reply:
    """Handle ``getStoredObject``: return the unchanged bytes.

    Raises:
        ServiceError: 403/2409, the URL is not valid; 404/3302, the object does not exist.
    """
    kind, job_id = _checked(state, request, "GET")
    content = state.service.jobs.data.read(job_id, kind)
    if content is None or (
        kind == RESULT and not state.service.jobs.get(job_id, None, None, DIALECT).final
    ):
        raise errors.ServiceError(404, ErrorCode.NO_JOB_DATA, "Nothing is stored here.")
    return Reply(content)


def _check_upload(state: ClassicState, request: Request) -> str:
    size = int(request.headers.get("content-length", "0"))
    return state.service.jobs.check_upload(_job_to_upload(state, request), size)


def _check_download(state: ClassicState, request: Request) -> str:
    _checked(state, request, "GET")
    return ""


def _job_to_upload(state: ClassicState, request: Request) -> str:
    kind, job_id = _checked(state, request, "PUT")
    if kind != QOBJ:
        raise errors.forbidden("Results cannot be uploaded.")
    return job_id


def _checked(state: ClassicState, request: Request, method: str) -> tuple[str, str]:
    signature = request.query.get("signature", "")
    expires = request.query.get("expires", "")
    return state.signer.check(method, request.path["object_name"], signature, expires)


HANDLERS: Final[dict[str, Handler]] = {
    "putStoredObject": put_stored_object,
    "getStoredObject": get_stored_object,
}

HEAD_CHECKS: Final[dict[str, HeadCheck]] = {
    "putStoredObject": _check_upload,
    "getStoredObject": _check_download,
}
