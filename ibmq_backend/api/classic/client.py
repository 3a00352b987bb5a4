"""Implements the port for one hub, group and project of a classic account."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final

from ibmq_api_classic import operations as ops
from ibmq_api_classic.api.backends import (
    get_backend_defaults,
    get_backend_properties,
    get_backend_status,
    get_jobs_limit,
    list_backends,
)
from ibmq_api_classic.api.jobs import (
    cancel_job,
    create_job,
    delete_job,
    get_job_upload_url,
    mark_job_data_uploaded,
    update_job,
)
from ibmq_api_classic.api.reservations import list_backend_bookings, list_my_bookings
from ibmq_api_classic.models import JobUpdate
from ibmq_api_classic.types import UNSET

from ibmq_backend.api.calls import path_part
from ibmq_backend.api.classic import filters, mapping
from ibmq_backend.api.classic.calls import Connection
from ibmq_backend.api.classic.instances import triple_of
from ibmq_backend.api.classic.jobs import JobReader
from ibmq_backend.api.classic.payloads import job_request
from ibmq_backend.api.classic.sessions import ClassicSessions
from ibmq_backend.api.classic.submit import submit
from ibmq_backend.api.port import Capability
from ibmq_backend.exceptions import ApiNotSupported, ApiStatusError
from ibmq_backend.records import (
    BackendRecord,
    Document,
    InstanceId,
    InstanceRecord,
    JobRecord,
    LimitRecord,
    ReservationRecord,
    ServiceInfo,
    StatusRecord,
    Submission,
    UsageRecord,
)
from ibmq_backend.units import format_time

# The state of the job does not allow the request.
_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})

_FEATURES: Final = frozenset(Capability) - {
    Capability.JOB_LOGS,
    Capability.JOB_TERMS,
    Capability.SESSIONS,
    Capability.USAGE,
}


class ClassicAccountClient(JobReader, ClassicSessions):
    """The backends and jobs of one hub, group and project; implements ``AccountClient``.

    Every method raises :class:`~ibmq_backend.exceptions.ApiError` or a subclass, ``submit`` also
    :class:`~ibmq_backend.exceptions.IBMQJobSubmissionUncertain`.

    Args:
        connection: the connections of the account.
        instance: the hub, group and project.
    """

    def __init__(self, connection: Connection, instance: InstanceId) -> None:
        super().__init__(connection, triple_of(instance))
        self._instance = instance

    @property
    def instance(self) -> InstanceId:
        """The hub, group and project that every request goes to."""
        return self._instance

    @property
    def info(self) -> ServiceInfo:
        """The service of this client."""
        return self._connection.info

    @property
    def capabilities(self) -> frozenset[Capability]:
        """All features of the time; the status stream only if websockets can be used."""
        stream = self._connection.stream
        can_follow = stream is not None and not stream.is_refused
        return _FEATURES if can_follow else _FEATURES - {Capability.STATUS_STREAM}

    # -- backends -------------------------------------------------------------------------

    def backends(self) -> Sequence[BackendRecord]:
        """Return all backends, in the service's order. Wire: listBackends."""
        return self._calls.read(
            ops.LIST_BACKENDS,
            mapping.backend_records,
            list_backends.sync_detailed,
            *self._triple,
            client=self._client,
        )

    def status(self, backend_name: str) -> StatusRecord:
        """Return the state of a backend. Wire: getBackendStatus."""
        return self._calls.read(
            ops.GET_BACKEND_STATUS,
            lambda status: mapping.status_record(status, backend_name),
            get_backend_status.sync_detailed,
            *self._triple,
            path_part("backend name", backend_name),
            client=self._client,
        )

    def properties(self, backend_name: str, before: datetime | None = None) -> Document | None:
        """Return the newest calibration, optionally before a time. Wire: getBackendProperties."""
        older = None if before is None else {"lt": format_time(before)}
        return self._calls.read(
            ops.GET_BACKEND_PROPERTIES,
            mapping.properties_document,
            get_backend_properties.sync_detailed,
            *self._triple,
            path_part("backend name", backend_name),
            client=self._client,
            version=1,
            filter_=json.dumps({"where": {"last_update_date": older}}) if older else UNSET,
        )

    def defaults(self, backend_name: str) -> Document | None:
        """Return the pulse defaults; ``None`` if there are none. Wire: getBackendDefaults."""
        return self._calls.read(
            ops.GET_BACKEND_DEFAULTS,
            mapping.defaults_document,
            get_backend_defaults.sync_detailed,
            *self._triple,
            path_part("backend name", backend_name),
            client=self._client,
        )

    def job_limit(self, backend_name: str) -> LimitRecord:
        """Return the limit of unfinished jobs. Wire: getJobsLimit."""
        return self._calls.read(
            ops.GET_JOBS_LIMIT,
            mapping.limit_record,
            get_jobs_limit.sync_detailed,
            *self._triple,
            path_part("backend name", backend_name),
            client=self._client,
        )

    def reservations(
        self, backend_name: str, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[ReservationRecord]:
        """Return the reservations that overlap a time window. Wire: listBackendBookings."""
        return self._calls.read(
            ops.LIST_BACKEND_BOOKINGS,
            lambda bookings: mapping.reservation_records(bookings, backend_name),
            list_backend_bookings.sync_detailed,
            path_part("backend name", backend_name),
            client=self._client,
            initial_date=UNSET if start is None else format_time(start),
            end_date=UNSET if end is None else format_time(end),
        )

    def my_reservations(self) -> Sequence[ReservationRecord]:
        """Return the upcoming reservations of the user. Wire: listMyBookings."""
        return self._calls.read(
            ops.LIST_MY_BOOKINGS,
            mapping.reservation_records,
            list_my_bookings.sync_detailed,
            client=self._client,
        )

    # -- submission -----------------------------------------------------------------------

    def submit(self, submission: Submission) -> JobRecord:
        """Create exactly one job.

        Raises:
            IBMQJobSubmissionUncertain: it is not known whether the job was created.

        Wire: createJob, putStoredObject, markJobDataUploaded; after a failure listJobStatuses,
        getJobUploadUrl, getJobStatus, cancelJob, deleteJob.
        """
        return submit(self, submission, sleep=self._connection.timing.sleep)

    def create(self, submission: Submission) -> mapping.Created:
        """Create a job without data, tagged with the submission id. Wire: createJob."""
        return self._calls.read(
            ops.CREATE_JOB,
            mapping.created_job,
            create_job.sync_detailed,
            *self._triple,
            client=self._client,
            body=job_request(submission),
        )

    def find(self, submission_id: str) -> JobRecord | None:
        """Return the job of a submission, ``None`` if there is none. Wire: listJobStatuses."""
        where = {"tags": submission_id}
        page = self.status_page(filters.filter_text(where, descending=True, limit=1))
        return page[0] if page else None

    def upload_url(self, job_id: str) -> str:
        """Return a new upload URL. Wire: getJobUploadUrl."""
        return self._calls.read(
            ops.GET_JOB_UPLOAD_URL,
            mapping.presigned_url,
            get_job_upload_url.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )

    def upload(self, url: str, data: bytes) -> None:
        """Upload the data of a job. Wire: putStoredObject."""
        self._connection.storage.upload(url, data)

    def mark_uploaded(self, job_id: str) -> JobRecord:
        """Report that the data is uploaded. Wire: markJobDataUploaded."""
        return self._calls.read(
            ops.MARK_JOB_DATA_UPLOADED,
            mapping.uploaded_job,
            mark_job_data_uploaded.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )

    # -- changing jobs --------------------------------------------------------------------

    def cancel(self, job_id: str) -> bool:
        """Cancel a job; return whether it is cancelled.

        After a refusal the status decides: the service refuses to cancel a cancelled job again.

        Wire: cancelJob; after a refusal getJobStatus.
        """
        job = path_part("job id", job_id)
        try:
            if self._calls.read(
                ops.CANCEL_JOB,
                mapping.is_cancelled,
                cancel_job.sync_detailed,
                *self._triple,
                job,
                client=self._client,
            ):
                return True
        except ApiStatusError as error:
            if error.status_code not in _REFUSALS:
                raise
        return self.job_status(job).status == "CANCELLED"

    def relabel(
        self, job_id: str, *, name: str | None = None, tags: Sequence[str] | None = None
    ) -> JobRecord | None:
        """Change the name or replace the tags.

        Returns:
            ``None``, since the reply contains the change only.

        Raises:
            ApiProtocolError: the reply does not confirm the change.

        Wire: updateJob.
        """
        change = JobUpdate(
            name=UNSET if name is None else name, tags=UNSET if tags is None else list(tags)
        )
        self._calls.read(
            ops.UPDATE_JOB,
            lambda echo: self._check_echo(change, echo),
            update_job.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
            body=change,
        )
        return None

    def _check_echo(self, change: JobUpdate, echo: JobUpdate) -> None:
        if change.name is not UNSET and echo.name != change.name:
            raise self._calls.unexpected(ops.UPDATE_JOB, "does not confirm the new name.")
        if change.tags is not UNSET and set(echo.tags or ()) != set(change.tags or ()):
            raise self._calls.unexpected(ops.UPDATE_JOB, "does not confirm the new tags.")

    def delete(self, job_id: str) -> None:
        """Remove a job from the account. Wire: deleteJob."""
        self._calls.call(
            ops.DELETE_JOB,
            delete_job.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )

    def job_logs(self, job_id: str) -> str:
        """Raise an error, since the service has no logs.

        Raises:
            ApiNotSupported: always; no request is sent.
        """
        del job_id
        raise ApiNotSupported("This service has no logs. Call job.error_message().")

    def usage(self) -> UsageRecord:
        """Raise an error, since the service does not count time on devices.

        Raises:
            ApiNotSupported: always; no request is sent.
        """
        raise ApiNotSupported(
            "This service does not count time on devices. Call backend.job_limit()."
        )

    def instance_with(self, backend_name: str) -> InstanceRecord | None:
        """Return ``None``, since all projects of a classic account share its devices."""
        del backend_name
        return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._instance.label!r} at {self.info.url})"
