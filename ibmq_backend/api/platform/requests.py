"""The requests for one instance: what is sent, and the replies as plain documents and records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from ibmq_api_platform.api.backends import (
    get_backend_configuration,
    get_backend_defaults,
    get_backend_properties,
    get_backend_status,
    list_backends,
)
from ibmq_api_platform.api.jobs import (
    cancel_job,
    create_job,
    delete_job,
    get_job,
    get_job_metrics,
    get_job_results,
    list_jobs,
    replace_job_tags,
)
from ibmq_api_platform.api.sessions import get_session
from ibmq_api_platform.models import (
    BackendList,
    BackendStatus,
    CreatedJob,
    Job,
    JobList,
    JobMetrics,
    JobRequest,
    JobTags,
    Session,
)
from ibmq_api_platform.types import UNSET

from ibmq_backend._http.errors import TRACE_HEADERS, unexpected_reply
from ibmq_backend._http.malformed import is_html
from ibmq_backend._http.operations import Operation
from ibmq_backend.api.calls import path_part, wire_text
from ibmq_backend.api.platform import mapping
from ibmq_backend.api.platform import operations as ops
from ibmq_backend.api.platform.calls import PlatformCalls
from ibmq_backend.api.platform.filters import Page, ServerQuery
from ibmq_backend.api.replies import Reply, expect, expect_any
from ibmq_backend.exceptions import ApiNotFound
from ibmq_backend.records import Document, JobRecord, StatusRecord
from ibmq_backend.units import format_time

_DONE: Final = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})


class InstanceRequests:
    """Sends requests for one instance; each method is one request.

    Every method raises :class:`~ibmq_backend.exceptions.ApiError` and nothing else.

    Args:
        calls: the instance's connection.
    """

    def __init__(self, calls: PlatformCalls) -> None:
        self._calls = calls
        self._client = calls.client

    # -- backends -------------------------------------------------------------------------

    def backend_names(self) -> list[tuple[str, bool]]:
        """Names of all backends, and whether each is a simulator. Wire: listBackends."""

        def send() -> list[tuple[str, bool]]:
            reply = list_backends.sync_detailed(client=self._client)
            document = expect(ops.LIST_BACKENDS, reply, BackendList).to_dict()
            return mapping.backend_names(document["devices"])

        return self._calls.run(ops.LIST_BACKENDS, send)

    def configuration(self, backend_name: str) -> Document:
        """Configuration as it comes. Wire: getBackendConfiguration."""
        name = path_part("backend name", backend_name)

        def send() -> Document:
            reply = get_backend_configuration.sync_detailed(name, client=self._client)
            document = expect_any(ops.GET_BACKEND_CONFIGURATION, reply)
            if not isinstance(document, dict):
                raise TypeError(f"the configuration is {type(document).__name__}")
            return document

        return self._calls.run(ops.GET_BACKEND_CONFIGURATION, send)

    def properties(self, backend_name: str, before: datetime | None) -> Any:
        """Calibration as it comes. Wire: getBackendProperties."""
        name = path_part("backend name", backend_name)

        def send() -> Any:
            reply = get_backend_properties.sync_detailed(
                name,
                client=self._client,
                updated_before=UNSET if before is None else format_time(before),
            )
            return expect_any(ops.GET_BACKEND_PROPERTIES, reply)

        return self._calls.run(ops.GET_BACKEND_PROPERTIES, send)

    def status(self, backend_name: str) -> StatusRecord:
        """State of a backend. Wire: getBackendStatus."""
        name = path_part("backend name", backend_name)

        def send() -> StatusRecord:
            reply = get_backend_status.sync_detailed(name, client=self._client)
            model = expect(ops.GET_BACKEND_STATUS, reply, BackendStatus)
            return mapping.status_record(model.to_dict(), name)

        return self._calls.run(ops.GET_BACKEND_STATUS, send)

    def defaults(self, backend_name: str) -> Any:
        """Pulse defaults as they come. Wire: getBackendDefaults."""
        name = path_part("backend name", backend_name)

        def send() -> Any:
            reply = get_backend_defaults.sync_detailed(name, client=self._client)
            return expect_any(ops.GET_BACKEND_DEFAULTS, reply)

        return self._calls.run(ops.GET_BACKEND_DEFAULTS, send)

    # -- jobs -----------------------------------------------------------------------------

    def create(self, program: str, backend_name: str, params: Document, tags: Sequence[str]) -> str:
        """Make a job; return its id. Wire: createJob."""
        body = JobRequest(
            program_id=program, backend=backend_name, params=params, tags=list(tags) or UNSET
        )

        def send() -> str:
            reply = create_job.sync_detailed(client=self._client, body=body)
            return wire_text(expect(ops.CREATE_JOB, reply, CreatedJob).to_dict()["id"])

        return self._calls.run(ops.CREATE_JOB, send)

    def page(self, query: ServerQuery, limit: int, offset: int) -> Page:
        """One page of jobs. Wire: listJobs."""

        def send() -> Page:
            reply = list_jobs.sync_detailed(
                client=self._client,
                limit=limit,
                offset=offset,
                pending=UNSET if query.pending is None else query.pending,
                backend=query.backend_name or UNSET,
                created_after=_moment(query.created_from),
                created_before=_moment(query.created_to),
                sort="DESC" if query.descending else "ASC",
                tags=list(query.tags) or UNSET,
                exclude_params=True,
            )
            document = expect(ops.LIST_JOBS, reply, JobList).to_dict()
            count = document.get("count")
            return Page(
                [mapping.job_record(job) for job in document["jobs"]],
                count if isinstance(count, int) and not isinstance(count, bool) else None,
            )

        return self._calls.run(ops.LIST_JOBS, send)

    def job(self, job_id: str, *, with_params: bool = False) -> tuple[JobRecord, Document]:
        """A job and its document. Wire: getJob."""
        job = path_part("job id", job_id)

        def send() -> tuple[JobRecord, Document]:
            reply = get_job.sync_detailed(job, client=self._client, exclude_params=not with_params)
            document = expect(ops.GET_JOB, reply, Job).to_dict()
            return mapping.job_record(document), document

        return self._calls.run(ops.GET_JOB, send)

    def metrics(self, job_id: str) -> mapping.Metrics:
        """What was measured of a job. Wire: getJobMetrics."""
        job = path_part("job id", job_id)

        def send() -> mapping.Metrics:
            reply = get_job_metrics.sync_detailed(job, client=self._client)
            return mapping.metrics_of(expect(ops.GET_JOB_METRICS, reply, JobMetrics).to_dict())

        return self._calls.run(ops.GET_JOB_METRICS, send)

    def results(self, job_id: str) -> str:
        """The text of the results.

        Raises:
            ApiNotFound: none are stored.

        Wire: getJobResults.
        """
        job = path_part("job id", job_id)

        def send() -> str:
            reply = get_job_results.sync_detailed(job, client=self._client)
            is_empty = reply.status_code == HTTPStatus.NO_CONTENT
            text = "" if is_empty else expect_any(ops.GET_JOB_RESULTS, reply)
            if isinstance(text, str) and text.strip():
                return text
            raise ApiNotFound(
                f"The service stores no result of job {job_id}. That of a private job can be read "
                "only once; a cancelled job has none.",
                operation=ops.GET_JOB_RESULTS.id,
                method=ops.GET_JOB_RESULTS.method,
                path=ops.GET_JOB_RESULTS.path,
                status_code=reply.status_code,
                trace_id=next(
                    (reply.headers[name] for name in TRACE_HEADERS if name in reply.headers), None
                ),
            )

        return self._calls.run(ops.GET_JOB_RESULTS, send)

    def session_mode(self, session_id: str) -> str:
        """``batch`` or ``dedicated``. Wire: getSession."""
        session = path_part("session id", session_id)

        def send() -> str:
            reply = get_session.sync_detailed(session, client=self._client)
            return wire_text(expect(ops.GET_SESSION, reply, Session).to_dict()["mode"])

        return self._calls.run(ops.GET_SESSION, send)

    def cancel(self, job_id: str) -> None:
        """Ask for the end of a job. Wire: cancelJob."""
        job = path_part("job id", job_id)
        self._calls.run(
            ops.CANCEL_JOB,
            lambda: _confirmed(ops.CANCEL_JOB, cancel_job.sync_detailed(job, client=self._client)),
        )

    def replace_tags(self, job_id: str, tags: Sequence[str]) -> None:
        """Give a job these tags and no others. Wire: replaceJobTags."""
        job = path_part("job id", job_id)
        body = JobTags(tags=list(tags))
        self._calls.run(
            ops.REPLACE_JOB_TAGS,
            lambda: _confirmed(
                ops.REPLACE_JOB_TAGS,
                replace_job_tags.sync_detailed(job, client=self._client, body=body),
            ),
        )

    def delete(self, job_id: str) -> None:
        """Remove a job. Wire: deleteJob."""
        job = path_part("job id", job_id)
        self._calls.run(
            ops.DELETE_JOB,
            lambda: _confirmed(ops.DELETE_JOB, delete_job.sync_detailed(job, client=self._client)),
        )


def _moment(moment: datetime | None) -> Any:
    return UNSET if moment is None else format_time(moment)


def _confirmed(operation: Operation, reply: Reply[Any]) -> None:
    if reply.status_code not in _DONE:
        raise unexpected_reply(operation, f"has the status {reply.status_code}, not described.")
    if is_html(reply.content):
        raise unexpected_reply(operation, "is an HTML page, which confirms nothing.")
