"""The operations of the classic service: how each may be treated by the transport.

The same facts as in ``spec/classic.yaml`` (a test compares them): the generated bindings do not
carry them.
"""

from __future__ import annotations

from typing import Final

from ibmq_backend._http.operations import Content, Operation, OperationTable

_TRIPLE: Final = "/Network/{hub}/Groups/{group}/Projects/{project}"
_BACKEND: Final = _TRIPLE + "/devices/{backend_name}"
_JOB: Final = _TRIPLE + "/Jobs/{job_id}"


def _get(operation_id: str, path: str, *, authenticated: bool = True) -> Operation:
    return Operation(operation_id, "GET", path, retry_safe=True, authenticated=authenticated)


GET_VERSION: Final = _get("getVersion", "/version", authenticated=False)
LOGIN: Final = Operation(
    "loginWithToken", "POST", "/users/loginWithToken", retry_safe=True, authenticated=False
)
GET_CURRENT_USER: Final = _get("getCurrentUser", "/users/me")
LIST_HUBS: Final = _get("listHubs", "/Network")

LIST_BACKENDS: Final = _get("listBackends", _TRIPLE + "/devices/v/1")
GET_BACKEND_STATUS: Final = _get("getBackendStatus", _BACKEND + "/queue/status")
GET_BACKEND_PROPERTIES: Final = _get("getBackendProperties", _BACKEND + "/properties")
GET_BACKEND_DEFAULTS: Final = _get("getBackendDefaults", _BACKEND + "/defaults")
GET_JOBS_LIMIT: Final = _get("getJobsLimit", _BACKEND + "/jobsLimit")

LIST_BACKEND_BOOKINGS: Final = _get(
    "listBackendBookings", "/Network/devices/{backend_name}/bookings/v2"
)
LIST_MY_BOOKINGS: Final = _get("listMyBookings", "/Network/bookings/v2")

CREATE_JOB: Final = Operation(
    "createJob",
    "POST",
    _TRIPLE + "/Jobs",
    retry_safe=False,
    resend_after_renewal=False,  # jobs were seen to appear although the reply was 401
)
MARK_UPLOADED: Final = Operation(
    "markJobDataUploaded", "POST", _JOB + "/jobDataUploaded", retry_safe=True
)
GET_JOB: Final = _get("getJob", _JOB + "/v/1")
GET_JOB_STATUS: Final = _get("getJobStatus", _JOB + "/status/v/1")
LIST_JOB_STATUSES: Final = _get("listJobStatuses", _TRIPLE + "/Jobs/status/v/1")
LIST_JOBS: Final = _get("listJobs", _TRIPLE + "/Jobs/v/1")
GET_JOB_DOWNLOAD_URL: Final = _get("getJobDownloadUrl", _JOB + "/jobDownloadUrl")
GET_RESULT_DOWNLOAD_URL: Final = _get("getResultDownloadUrl", _JOB + "/resultDownloadUrl")
MARK_RESULT_DOWNLOADED: Final = Operation(
    "markResultDownloaded", "POST", _JOB + "/resultDownloaded", retry_safe=True
)
CANCEL_JOB: Final = Operation("cancelJob", "POST", _JOB + "/cancel", retry_safe=True)
UPDATE_JOB: Final = Operation("updateJob", "PUT", _JOB, retry_safe=True)
DELETE_JOB: Final = Operation("deleteJob", "DELETE", _JOB, retry_safe=True)
GET_JOB_PROPERTIES: Final = _get("getJobProperties", _JOB + "/properties")
GET_JOB_UPLOAD_URL: Final = _get("getJobUploadUrl", _JOB + "/jobUploadUrl")

PUT_STORED_OBJECT: Final = Operation(
    "putStoredObject",
    "PUT",
    "/storage/{object_name}",
    retry_safe=True,
    authenticated=False,
    content=Content.NOTHING,
    is_transfer=True,
)
GET_STORED_OBJECT: Final = Operation(
    "getStoredObject",
    "GET",
    "/storage/{object_name}",
    retry_safe=True,
    authenticated=False,
    is_transfer=True,
)

STORED_OBJECTS: Final = {each.method: each for each in (PUT_STORED_OBJECT, GET_STORED_OBJECT)}
"""By method: presigned addresses have any path."""

JOB_DOCUMENTS: Final = frozenset(
    {CREATE_JOB, MARK_UPLOADED, GET_JOB, GET_JOB_STATUS, LIST_JOB_STATUSES, LIST_JOBS}
)
"""Operations whose replies are descriptions of jobs."""

OPERATIONS: Final = OperationTable.of(
    [value for value in list(globals().values()) if isinstance(value, Operation)]
)
