"""The operations of the platform and of the account services around it, from the bindings."""

from __future__ import annotations

from typing import Final

from ibmq_api_cloud.operations import OPERATIONS as _CLOUD
from ibmq_api_platform.operations import OPERATIONS as _PLATFORM

from ibmq_backend._http.operations import Operation, OperationTable

_NOT_RESENT: Final = frozenset({"createJob", "createSession"})
# After a refusal for the token these are looked up before they are sent again.
_PACED: Final = frozenset({"createJob"})  # a submission waits for a place in the minute


def _table(*listed: tuple[str, str, str, bool, bool]) -> OperationTable:
    return OperationTable.of(
        Operation(
            operation_id,
            method,
            path,
            retry_safe=retry_safe,
            authenticated=authenticated,
            resend_after_renewal=operation_id not in _NOT_RESENT,
            paced=operation_id in _PACED,
        )
        for operation_id, method, path, retry_safe, authenticated in listed
    )


PLATFORM_OPERATIONS: Final = _table(
    *((o.operation_id, o.method, o.path, o.retry_safe, o.authenticated) for o in _PLATFORM)
)
CLOUD_OPERATIONS: Final = _table(
    *((o.operation_id, o.method, o.path, o.retry_safe, o.authenticated) for o in _CLOUD)
)

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
