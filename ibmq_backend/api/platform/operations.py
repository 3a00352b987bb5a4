"""The operations of the platform and of the account services around it, from the bindings."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

import httpx
from attrs import evolve
from ibmq_api_cloud.operations import OPERATIONS as _CLOUD
from ibmq_api_cloud.operations import Operation as _CloudOperation
from ibmq_api_platform.operations import OPERATIONS as _PLATFORM
from ibmq_api_platform.operations import Operation as _PlatformOperation

from ibmq_backend._http.operations import Content, Operation, OperationTable

_NOT_RESENT: Final = frozenset({"createJob", "createSession"})
# After a refusal for the token these are looked up before they are sent again.
_PACED: Final = frozenset({"createJob"})  # a submission waits for a place in the minute
_TEXTS: Final = frozenset({"getJobResults", "getInterimResults", "getJobLogs"})
_TRANSFERS: Final = frozenset(
    {"createJob", "getJobResults", "getInterimResults", "getTranspiledCircuits"}
)


def _content(operation_id: str, success_status: int) -> Content:
    if success_status == HTTPStatus.NO_CONTENT:
        return Content.NOTHING
    return Content.TEXT if operation_id in _TEXTS else Content.JSON


def _table(listed: Iterable[_CloudOperation | _PlatformOperation]) -> OperationTable:
    return OperationTable.of(
        Operation(
            each.operation_id,
            each.method,
            each.path,
            retry_safe=each.retry_safe,
            authenticated=each.authenticated,
            resend_after_renewal=each.operation_id not in _NOT_RESENT,
            paced=each.operation_id in _PACED,
            content=_content(each.operation_id, each.success_status),
            is_transfer=each.operation_id in _TRANSFERS,
        )
        for each in listed
    )


PLATFORM_OPERATIONS: Final = _table(_PLATFORM)
CLOUD_OPERATIONS: Final = _table(_CLOUD)

_BY_ID: Final = {
    operation.id: operation
    for table in (PLATFORM_OPERATIONS, CLOUD_OPERATIONS)
    for operation in table.operations
}

EXCHANGE_TOKEN: Final = _BY_ID["exchangeToken"]
SEARCH_INSTANCES: Final = _BY_ID["searchInstances"]
GET_CATALOG_ENTRY: Final = _BY_ID["getCatalogEntry"]

LIST_BACKENDS: Final = _BY_ID["listBackends"]
GET_BACKEND_CONFIGURATION: Final = _BY_ID["getBackendConfiguration"]
GET_BACKEND_PROPERTIES: Final = _BY_ID["getBackendProperties"]
GET_BACKEND_STATUS: Final = _BY_ID["getBackendStatus"]
GET_BACKEND_DEFAULTS: Final = _BY_ID["getBackendDefaults"]

CREATE_JOB: Final = _BY_ID["createJob"]
LIST_JOBS: Final = _BY_ID["listJobs"]
GET_JOB: Final = _BY_ID["getJob"]
DELETE_JOB: Final = _BY_ID["deleteJob"]
GET_JOB_RESULTS: Final = _BY_ID["getJobResults"]
GET_JOB_METRICS: Final = _BY_ID["getJobMetrics"]
CANCEL_JOB: Final = _BY_ID["cancelJob"]
REPLACE_JOB_TAGS: Final = _BY_ID["replaceJobTags"]
GET_SESSION: Final = _BY_ID["getSession"]

_GET_JOB_WITH_PARAMS: Final = evolve(GET_JOB, is_transfer=True)


def operation_of(request: httpx.Request) -> Operation | None:
    """Return the operation of a request to the quantum service, ``None`` if not described.

    A job with its parameters, which hold the circuits, is a transfer.
    """
    found = PLATFORM_OPERATIONS.find(request)
    if found is GET_JOB and request.url.params.get("exclude_params") != "true":
        return _GET_JOB_WITH_PARAMS
    return found
