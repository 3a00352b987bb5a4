"""The port: the interface to a service that the documented classes use.

The adapters ``api.classic`` and ``api.platform`` implement it. A feature that a service does not
have is missing from ``capabilities`` and raises :class:`~ibmq_backend.exceptions.ApiNotSupported`.
Every method raises :class:`~ibmq_backend.exceptions.ApiError` or a subclass only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    SessionRecord,
    StatusRecord,
    Submission,
    UsageRecord,
)


class Capability(Enum):
    """An optional feature of a service."""

    PROPERTIES_BY_DATE = "properties_by_date"
    PULSE_DEFAULTS = "pulse_defaults"
    JOB_LIMIT = "job_limit"
    RESERVATIONS = "reservations"
    QUEUE_INFO = "queue_info"
    JOB_NAMES = "job_names"
    STATUS_STREAM = "status_stream"
    JOB_TERMS = "job_terms"
    JOB_LOGS = "job_logs"
    SESSIONS = "sessions"
    USAGE = "usage"


@runtime_checkable
class AccountClient(Protocol):
    """The client of one instance of an account, with its backends and jobs."""

    @property
    def instance(self) -> InstanceId:
        """The instance that every request goes to."""
        ...

    @property
    def info(self) -> ServiceInfo:
        """The service of this client."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The optional features that the service has."""
        ...

    def backends(self) -> Sequence[BackendRecord]:
        """Return all backends of the instance, in the service's order. Wire: listBackends."""
        ...

    def status(self, backend_name: str) -> StatusRecord:
        """Return the state of a backend. Wire: getBackendStatus."""
        ...

    def properties(self, backend_name: str, before: datetime | None = None) -> Document | None:
        """Return the newest calibration, optionally before a time. Wire: getBackendProperties."""
        ...

    def defaults(self, backend_name: str) -> Document | None:
        """Return the pulse defaults; ``None`` if there are none. Wire: getBackendDefaults."""
        ...

    def job_limit(self, backend_name: str) -> LimitRecord:
        """Return the limit of unfinished jobs. Wire: getJobsLimit."""
        ...

    def reservations(
        self, backend_name: str, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[ReservationRecord]:
        """Return the reservations that overlap a time window. Wire: listBackendBookings."""
        ...

    def my_reservations(self) -> Sequence[ReservationRecord]:
        """Return the upcoming reservations of the user. Wire: listMyBookings."""
        ...

    def submit(self, submission: Submission) -> JobRecord:
        """Create exactly one job.

        Raises:
            IBMQJobSubmissionUncertain: it is not known whether the job was created.

        Wire: createJob, putStoredObject, markJobDataUploaded.
        """
        ...

    def job(self, job_id: str) -> JobRecord:
        """Return the job with all its fields. Wire: getJob."""
        ...

    def job_status(self, job_id: str) -> JobRecord:
        """Return the status and queue position of a job. Wire: getJobStatus."""
        ...

    def watch_job(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Yield the status each time the service pushes it; the last one is final.

        Raises:
            ApiNotSupported: the service has no status stream.

        Wire: jobStatusStream.
        """
        ...

    def jobs(self, query: JobQuery, limit: int | None, skip: int = 0) -> Iterator[JobRecord]:
        """Yield the matching jobs, each once; pages are requested as they are needed.

        Args:
            query: the conditions and the order.
            limit: the maximum number of jobs; ``None`` for all.
            skip: the number of jobs to skip at the beginning.

        Wire: listJobStatuses.
        """
        ...

    def job_summaries(
        self, query: JobQuery, limit: int | None, skip: int = 0
    ) -> Iterator[JobSummary]:
        """Yield the matching jobs with ids and times only. Wire: listJobs."""
        ...

    def job_input(self, job_id: str) -> Document:
        """Return the submitted Qobj. Wire: getJobDownloadUrl, getStoredObject."""
        ...

    def job_result(self, job_id: str) -> Document:
        """Return the result document.

        Wire: getResultDownloadUrl, getStoredObject, markResultDownloaded.
        """
        ...

    def job_properties(self, job_id: str) -> Document | None:
        """Return the calibration at the time of the run. Wire: getJobProperties."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Cancel a job; return whether it is cancelled. Wire: cancelJob."""
        ...

    def relabel(
        self, job_id: str, *, name: str | None = None, tags: Sequence[str] | None = None
    ) -> JobRecord | None:
        """Change the name or replace the tags; return the new record if the service sends one.

        Raises:
            ApiProtocolError: the reply does not confirm the change.

        Wire: updateJob.
        """
        ...

    def delete(self, job_id: str) -> None:
        """Remove a job from the account. Wire: deleteJob."""
        ...

    def job_logs(self, job_id: str) -> str:
        """Return the log of a job; empty if there is none.

        Raises:
            ApiNotSupported: the service has no logs.

        Wire: getJobLogs.
        """
        ...

    def usage(self) -> UsageRecord:
        """Return the time on devices that the instance has used.

        Raises:
            ApiNotSupported: the service does not count it.
        """
        ...

    def open_session(
        self, backend_name: str, mode: str, max_seconds: int | None = None
    ) -> SessionRecord:
        """Open a session.

        Args:
            backend_name: the backend of its jobs.
            mode: ``dedicated`` or ``batch``.
            max_seconds: longest life in seconds; ``None`` for that of the plan.

        Raises:
            ApiNotSupported: the service has no sessions.

        Wire: createSession.
        """
        ...

    def session(self, session_id: str) -> SessionRecord:
        """Return a session.

        Raises:
            ApiNotSupported: the service has no sessions.

        Wire: getSession.
        """
        ...

    def close_session(self, session_id: str, *, cancel: bool = False) -> None:
        """Close a session.

        Args:
            session_id: the session.
            cancel: whether its waiting jobs end without running; otherwise they still run.

        Raises:
            ApiNotSupported: the service has no sessions.

        Wire: updateSession, closeSession.
        """
        ...

    def instance_with(self, backend_name: str) -> InstanceRecord | None:
        """Return another instance of the account that has a backend; ``None`` if none is found.

        Used for error messages only, so it raises no error.

        Wire: listBackends for each instance.
        """
        ...


class ServiceClient(Protocol):
    """A logged-in account."""

    @property
    def info(self) -> ServiceInfo:
        """The service of this client."""
        ...

    def instances(self) -> Sequence[InstanceRecord]:
        """Return all instances, the default first. Wire: listHubs."""
        ...

    def find(self, instance: str) -> InstanceRecord | None:
        """Return an instance by its label or CRN, also one not in :meth:`instances`.

        ``None`` if it is not found; raises no error.
        """
        ...

    def open(self, instance: InstanceId) -> AccountClient:
        """Return the client of an instance; sends no request."""
        ...

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        ...
