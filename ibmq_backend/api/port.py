"""The port: what the documented classes need of a service, in records only.

Adapters implement it once per dialect (``api.classic``, ``api.platform``). What a dialect lacks is
absent from its ``capabilities`` and raises :class:`~ibmq_backend.exceptions.ApiNotSupported`.
Every method raises :class:`~ibmq_backend.exceptions.ApiError` (or a subclass) and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol, runtime_checkable

from ibmq_backend.records import (
    BackendRecord,
    Document,
    InstanceId,
    InstanceRecord,
    JobQuery,
    JobRecord,
    JobSummary,
    LimitRecord,
    ReservationRecord,
    ServiceInfo,
    StatusRecord,
    Submission,
)


class Capability(Enum):
    """What a service may or may not offer."""

    PROPERTIES_BY_DATE = "properties_by_date"
    PULSE_DEFAULTS = "pulse_defaults"
    JOB_LIMIT = "job_limit"
    RESERVATIONS = "reservations"
    QUEUE_INFO = "queue_info"
    JOB_NAMES = "job_names"
    STATUS_STREAM = "status_stream"


@runtime_checkable
class AccountClient(Protocol):
    """One instance of an account: its backends and its jobs."""

    @property
    def instance(self) -> InstanceId:
        """The instance every call goes to."""
        ...

    @property
    def info(self) -> ServiceInfo:
        """The place behind this client."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this service offers."""
        ...

    def backends(self) -> Sequence[BackendRecord]:
        """All backends of the instance, in the service's order. Wire: listBackends."""
        ...

    def status(self, backend_name: str) -> StatusRecord:
        """State of one backend. Wire: getBackendStatus."""
        ...

    def properties(self, backend_name: str, before: datetime | None = None) -> Document | None:
        """Newest calibration, or the newest older than ``before``. Wire: getBackendProperties."""
        ...

    def defaults(self, backend_name: str) -> Document | None:
        """Pulse defaults, ``None`` without pulse access. Wire: getBackendDefaults."""
        ...

    def job_limit(self, backend_name: str) -> LimitRecord:
        """Limit of unfinished jobs. Wire: getJobsLimit."""
        ...

    def reservations(
        self, backend_name: str, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[ReservationRecord]:
        """Slots that overlap the window. Wire: listBackendBookings."""
        ...

    def my_reservations(self) -> Sequence[ReservationRecord]:
        """Own upcoming slots. Wire: listMyBookings."""
        ...

    def submit(self, submission: Submission) -> JobRecord:
        """Make exactly one job of it.

        Raises:
            IBMQJobSubmissionUncertain: whether there is a job could not be found out.

        Wire: createJob, the upload, markJobDataUploaded.
        """
        ...

    def job(self, job_id: str) -> JobRecord:
        """The whole job document. Wire: getJob."""
        ...

    def job_status(self, job_id: str) -> JobRecord:
        """Status and queue of a job; the fields of the short reply only. Wire: getJobStatus."""
        ...

    def watch_job(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Status replies as the service pushes them, the last one final.

        Raises:
            ApiNotSupported: the service offers no stream.

        Wire: the status websocket.
        """
        ...

    def jobs(self, query: JobQuery, limit: int | None, skip: int = 0) -> Iterator[JobRecord]:
        """Matching jobs, each once, fetched page by page as they are read.

        Args:
            query: which jobs.
            limit: at most so many; ``None`` = all.
            skip: leave out the first ones.

        Wire: listJobStatuses.
        """
        ...

    def job_summaries(
        self, query: JobQuery, limit: int | None, skip: int = 0
    ) -> Iterator[JobSummary]:
        """As :meth:`jobs`, ids and times only. Wire: listJobs."""
        ...

    def job_input(self, job_id: str) -> Document:
        """The Qobj as submitted. Wire: getJobDownloadUrl and the download."""
        ...

    def job_result(self, job_id: str) -> Document:
        """The result document. Wire: getResultDownloadUrl, download, markResultDownloaded."""
        ...

    def job_properties(self, job_id: str) -> Document | None:
        """Calibration at the time of the run. Wire: getJobProperties."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Ask for the end of a job; False when the service refuses. Wire: cancelJob."""
        ...

    def relabel(
        self, job_id: str, *, name: str | None = None, tags: Sequence[str] | None = None
    ) -> JobRecord | None:
        """Change name or the whole list of tags; returns the echo where there is one.

        Raises:
            ApiProtocolError: the service answered, but not with what was asked for.

        Wire: updateJob.
        """
        ...

    def delete(self, job_id: str) -> None:
        """Remove a job from the account. Wire: deleteJob."""
        ...


class ServiceClient(Protocol):
    """A logged-in account: lists its instances and opens them."""

    @property
    def info(self) -> ServiceInfo:
        """The place behind this client."""
        ...

    def instances(self) -> Sequence[InstanceRecord]:
        """All instances, the default first. Wire: listHubs."""
        ...

    def open(self, instance: InstanceId) -> AccountClient:
        """The client of one instance; no request."""
        ...

    def close(self) -> None:
        """Close the connections; the object cannot be used afterwards."""
        ...


Connector = Callable[..., ServiceClient]
"""Logs in and returns the account; see ``api.connect``."""
