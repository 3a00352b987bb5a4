"""One hub/group/project of a classic account behind the port."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import field, frozen
from ibmq_api_classic.api.backends import (
    get_backend_defaults,
    get_backend_properties,
    get_backend_status,
    get_jobs_limit,
    list_backends,
)
from ibmq_api_classic.api.jobs import (
    cancel_job,
    delete_job,
    get_job,
    get_job_download_url,
    get_job_properties,
    get_job_status,
    get_result_download_url,
    list_job_statuses,
    list_jobs,
    mark_result_downloaded,
    update_job,
)
from ibmq_api_classic.api.reservations import list_backend_bookings, list_my_bookings
from ibmq_api_classic.models import (
    BackendStatus,
    CancelReply,
    Job,
    JobsLimit,
    JobStatus,
    JobUpdate,
    PresignedUrl,
)
from ibmq_api_classic.types import UNSET

from ibmq_backend._http.errors import unexpected_reply
from ibmq_backend._http.timing import Timing
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api import status_stream
from ibmq_backend.api.calls import path_part
from ibmq_backend.api.classic import filters, mapping
from ibmq_backend.api.classic import operations as ops
from ibmq_backend.api.classic.calls import ApiCalls, StorageCalls, wire_url
from ibmq_backend.api.classic.submission_calls import SubmissionCalls
from ibmq_backend.api.classic.submit import submit
from ibmq_backend.api.port import Capability
from ibmq_backend.api.replies import expect, expect_any
from ibmq_backend.exceptions import (
    ApiError,
    ApiNotSupported,
    ApiStatusError,
)
from ibmq_backend.records import (
    BackendRecord,
    Document,
    InstanceId,
    JobQuery,
    JobRecord,
    JobSummary,
    LimitRecord,
    ReservationRecord,
    ServiceInfo,
    StatusRecord,
    Submission,
)
from ibmq_backend.units import format_time

_logger = get_logger(__name__)

_SUMMARY_FIELDS = ("id", "liveDataEnabled", "creationDate")
_REFUSALS = frozenset({400, 409})  # "not in a state in which this can be done"


@frozen
class Connection:
    """What all instances of an account share.

    Attributes:
        api: requests to the API base, with the token.
        storage: requests to presigned addresses, without it.
        stream: where and how to follow a job, ``None`` without websockets.
        info: the place.
        timing: clock and sleep.
    """

    api: ApiCalls
    storage: StorageCalls
    stream: status_stream.StatusStream | None
    info: ServiceInfo
    timing: Timing = field(factory=Timing)


class ClassicAccountClient:
    """The backends and jobs of one hub/group/project; implements ``AccountClient``.

    Every method raises :class:`~ibmq_backend.exceptions.ApiError` or a subclass, ``submit`` also
    :class:`~ibmq_backend.exceptions.IBMQJobSubmissionUncertain`.

    Args:
        connection: the account's connections.
        instance: a hub/group/project triple.
    """

    def __init__(self, connection: Connection, instance: InstanceId) -> None:
        if not (instance.hub and instance.group and instance.project):
            raise ApiNotSupported(
                f"{instance.label} is not a hub, group and project: this service has nothing else."
            )
        self._connection = connection
        self._api = connection.api
        self._client = connection.api.client
        self._instance = instance
        self._triple = (instance.hub, instance.group, instance.project)
        self.steps = SubmissionCalls(self, self._api, connection.storage, self._triple)

    @property
    def instance(self) -> InstanceId:
        """The triple every call goes to."""
        return self._instance

    @property
    def info(self) -> ServiceInfo:
        """The place behind this client."""
        return self._connection.info

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Everything; the status stream only where websockets can be used."""
        every = frozenset(Capability)
        return every if self._connection.stream else every - {Capability.STATUS_STREAM}

    # -- backends -------------------------------------------------------------------------

    def backends(self) -> Sequence[BackendRecord]:
        """All backends, in the service's order. Wire: listBackends."""

        def send() -> list[BackendRecord]:
            reply = list_backends.sync_detailed(*self._triple, client=self._client)
            return mapping.backend_records(expect(ops.LIST_BACKENDS, reply, list))

        return self._api.run(ops.LIST_BACKENDS, send)

    def status(self, backend_name: str) -> StatusRecord:
        """State of one backend. Wire: getBackendStatus."""
        name = path_part("backend name", backend_name)

        def send() -> StatusRecord:
            reply = get_backend_status.sync_detailed(*self._triple, name, client=self._client)
            model = expect(ops.GET_BACKEND_STATUS, reply, BackendStatus)
            return mapping.status_record(model.to_dict(), name)

        return self._api.run(ops.GET_BACKEND_STATUS, send)

    def properties(self, backend_name: str, before: datetime | None = None) -> Document | None:
        """Newest calibration, or the newest older than ``before``. Wire: getBackendProperties."""
        name = path_part("backend name", backend_name)
        older = None if before is None else {"lt": format_time(before)}
        condition = json.dumps({"where": {"last_update_date": older}}) if older else UNSET

        def send() -> Document | None:
            reply = get_backend_properties.sync_detailed(
                *self._triple, name, client=self._client, version=1, filter_=condition
            )
            document = expect_any(ops.GET_BACKEND_PROPERTIES, reply)
            return mapping.document_or_none(document, "the properties document")

        return self._api.run(ops.GET_BACKEND_PROPERTIES, send)

    def defaults(self, backend_name: str) -> Document | None:
        """Pulse defaults, ``None`` without pulse access. Wire: getBackendDefaults."""
        name = path_part("backend name", backend_name)

        def send() -> Document | None:
            reply = get_backend_defaults.sync_detailed(*self._triple, name, client=self._client)
            document = expect_any(ops.GET_BACKEND_DEFAULTS, reply)
            return mapping.document_or_none(document, "the defaults document")

        return self._api.run(ops.GET_BACKEND_DEFAULTS, send)

    def job_limit(self, backend_name: str) -> LimitRecord:
        """Limit of unfinished jobs. Wire: getJobsLimit."""
        name = path_part("backend name", backend_name)

        def send() -> LimitRecord:
            reply = get_jobs_limit.sync_detailed(*self._triple, name, client=self._client)
            return mapping.limit_record(expect(ops.GET_JOBS_LIMIT, reply, JobsLimit).to_dict())

        return self._api.run(ops.GET_JOBS_LIMIT, send)

    def reservations(
        self, backend_name: str, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[ReservationRecord]:
        """Slots that overlap the window. Wire: listBackendBookings."""
        name = path_part("backend name", backend_name)

        def send() -> list[ReservationRecord]:
            reply = list_backend_bookings.sync_detailed(
                name,
                client=self._client,
                initial_date=UNSET if start is None else format_time(start),
                end_date=UNSET if end is None else format_time(end),
            )
            models = expect(ops.LIST_BACKEND_BOOKINGS, reply, list)
            return [mapping.reservation_record(model.to_dict(), name) for model in models]

        return self._api.run(ops.LIST_BACKEND_BOOKINGS, send)

    def my_reservations(self) -> Sequence[ReservationRecord]:
        """Own upcoming slots. Wire: listMyBookings."""

        def send() -> list[ReservationRecord]:
            reply = list_my_bookings.sync_detailed(client=self._client)
            models = expect(ops.LIST_MY_BOOKINGS, reply, list)
            return [mapping.reservation_record(model.to_dict()) for model in models]

        return self._api.run(ops.LIST_MY_BOOKINGS, send)

    # -- submission -----------------------------------------------------------------------

    def submit(self, submission: Submission) -> JobRecord:
        """Make exactly one job of it.

        Raises:
            IBMQJobSubmissionUncertain: whether there is a job could not be found out.

        Wire: createJob, putStoredObject, markJobDataUploaded; after a failure listJobStatuses,
        getJobUploadUrl, getJobStatus, cancelJob, deleteJob.
        """
        return submit(self.steps, submission, sleep=self._connection.timing.sleep)

    # -- reading jobs ---------------------------------------------------------------------

    def job(self, job_id: str) -> JobRecord:
        """The whole job document. Wire: getJob."""
        job = path_part("job id", job_id)

        def send() -> JobRecord:
            reply = get_job.sync_detailed(*self._triple, job, client=self._client)
            return mapping.job_record(expect(ops.GET_JOB, reply, Job).to_dict())

        return self._api.run(ops.GET_JOB, send)

    def job_status(self, job_id: str) -> JobRecord:
        """Status and queue of a job. Wire: getJobStatus."""
        job = path_part("job id", job_id)

        def send() -> JobRecord:
            reply = get_job_status.sync_detailed(*self._triple, job, client=self._client)
            model = expect(ops.GET_JOB_STATUS, reply, JobStatus)
            return mapping.job_record(model.to_dict(), job)

        return self._api.run(ops.GET_JOB_STATUS, send)

    def watch_job(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Status replies as the service pushes them, the last one final.

        The iterator ends without a final status when the time is over or the service has no
        more to say.

        Raises:
            ApiNotSupported: websockets cannot be used here.
            ApiConnectionError: the stream failed; polling asks the same.

        Wire: the websocket jobStatusStream.
        """
        if self._connection.stream is None:
            raise ApiNotSupported("The status of a job cannot be streamed here; poll it.")
        return self._connection.stream.watch(path_part("job id", job_id), timeout)

    def jobs(self, query: JobQuery, limit: int | None, skip: int = 0) -> Iterator[JobRecord]:
        """Matching jobs, each once, fetched page by page as they are read.

        Wire: listJobStatuses.
        """
        return filters.pages(self.status_page, query, limit, skip)

    def job_summaries(
        self, query: JobQuery, limit: int | None, skip: int = 0
    ) -> Iterator[JobSummary]:
        """As :meth:`jobs`, ids and times only. Wire: listJobs."""
        return filters.pages(self._summary_page, query, limit, skip, _SUMMARY_FIELDS)

    def status_page(self, filter_text: str) -> list[JobRecord]:
        """One page of :meth:`jobs`, for the text of a LoopBack filter. Wire: listJobStatuses."""

        def send() -> list[JobRecord]:
            reply = list_job_statuses.sync_detailed(
                *self._triple, client=self._client, filter_=filter_text
            )
            models = expect(ops.LIST_JOB_STATUSES, reply, list)
            return [mapping.job_record(model.to_dict()) for model in models]

        return self._api.run(ops.LIST_JOB_STATUSES, send)

    def _summary_page(self, filter_text: str) -> list[JobSummary]:
        def send() -> list[JobSummary]:
            reply = list_jobs.sync_detailed(*self._triple, client=self._client, filter_=filter_text)
            models = expect(ops.LIST_JOBS, reply, list)
            return [mapping.job_summary(model.to_dict()) for model in models]

        return self._api.run(ops.LIST_JOBS, send)

    def job_input(self, job_id: str) -> Document:
        """The Qobj as submitted. Wire: getJobDownloadUrl, getStoredObject."""
        job = path_part("job id", job_id)

        def send() -> str:
            reply = get_job_download_url.sync_detailed(*self._triple, job, client=self._client)
            return wire_url(expect(ops.GET_JOB_DOWNLOAD_URL, reply, PresignedUrl).url)

        return self._connection.storage.download(self._api.run(ops.GET_JOB_DOWNLOAD_URL, send), job)

    def job_result(self, job_id: str) -> Document:
        """The result document; telling the service that it came may fail without harm.

        Wire: getResultDownloadUrl, getStoredObject, markResultDownloaded.
        """
        job = path_part("job id", job_id)

        def send() -> str:
            reply = get_result_download_url.sync_detailed(*self._triple, job, client=self._client)
            return wire_url(expect(ops.GET_RESULT_DOWNLOAD_URL, reply, PresignedUrl).url)

        url = self._api.run(ops.GET_RESULT_DOWNLOAD_URL, send)
        result = self._connection.storage.download(url, job)
        try:
            self._api.run(
                ops.MARK_RESULT_DOWNLOADED,
                lambda: mark_result_downloaded.sync_detailed(
                    *self._triple, job, client=self._client
                ),
            )
        except ApiError as error:
            _logger.info("The service was not told of the download: %s", error.message)
        return result

    def job_properties(self, job_id: str) -> Document | None:
        """Calibration at the time of the run. Wire: getJobProperties."""
        job = path_part("job id", job_id)

        def send() -> Document | None:
            reply = get_job_properties.sync_detailed(*self._triple, job, client=self._client)
            document = expect_any(ops.GET_JOB_PROPERTIES, reply)
            return mapping.document_or_none(document, "the properties document")

        return self._api.run(ops.GET_JOB_PROPERTIES, send)

    # -- changing jobs --------------------------------------------------------------------

    def cancel(self, job_id: str) -> bool:
        """Ask for the end of a job; False when it goes on or has ended otherwise.

        A refusal is checked against the job's status: a second request for a cancelled job is
        refused although the job is cancelled.

        Wire: cancelJob; after a refusal getJobStatus.
        """
        job = path_part("job id", job_id)

        def send() -> bool:
            reply = cancel_job.sync_detailed(*self._triple, job, client=self._client)
            document = expect(ops.CANCEL_JOB, reply, CancelReply).to_dict()
            return document.get("cancelled") is True and not document.get("error")

        try:
            if self._api.run(ops.CANCEL_JOB, send):
                return True
        except ApiStatusError as error:
            if error.status_code not in _REFUSALS:
                raise
        return self.job_status(job).status == "CANCELLED"

    def relabel(
        self, job_id: str, *, name: str | None = None, tags: Sequence[str] | None = None
    ) -> JobRecord | None:
        """Change name or the whole list of tags.

        Returns:
            ``None``: the reply repeats the change and nothing else.

        Raises:
            ApiProtocolError: the service answered, but not with what was asked for.

        Wire: updateJob.
        """
        job = path_part("job id", job_id)
        body = JobUpdate(
            name=UNSET if name is None else name, tags=UNSET if tags is None else list(tags)
        )

        def send() -> None:
            reply = update_job.sync_detailed(*self._triple, job, client=self._client, body=body)
            echo = expect(ops.UPDATE_JOB, reply, JobUpdate).to_dict()
            if name is not None and echo.get("name") != name:
                raise unexpected_reply(ops.UPDATE_JOB, "does not confirm the new name.")
            if tags is not None and set(echo.get("tags") or ()) != set(tags):
                raise unexpected_reply(ops.UPDATE_JOB, "does not confirm the new tags.")

        self._api.run(ops.UPDATE_JOB, send)
        return None

    def delete(self, job_id: str) -> None:
        """Remove a job from the account. Wire: deleteJob."""
        job = path_part("job id", job_id)
        self._api.run(
            ops.DELETE_JOB,
            lambda: expect_any(
                ops.DELETE_JOB,
                delete_job.sync_detailed(*self._triple, job, client=self._client),
            ),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._instance.label!r} at {self.info.url})"
