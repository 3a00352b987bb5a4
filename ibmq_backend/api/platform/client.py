"""Implements the port for one instance of IBM Quantum Platform."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from ibmq_api_platform import operations as ops
from ibmq_api_platform.api.backends import (
    get_backend_configuration,
    get_backend_properties,
    get_backend_status,
    list_backends,
)
from ibmq_api_platform.api.instances import get_usage
from ibmq_api_platform.api.jobs import (
    cancel_job,
    create_job,
    delete_job,
    get_job_logs,
    replace_job_tags,
)
from ibmq_api_platform.models import JobTags
from ibmq_api_platform.types import UNSET

from ibmq_backend._http.errors import UNREADABLE
from ibmq_backend.api.calls import path_part
from ibmq_backend.api.platform import mapping
from ibmq_backend.api.platform.calls import PlatformCalls
from ibmq_backend.api.platform.filters import ServerQuery
from ibmq_backend.api.platform.jobs import JobReader
from ibmq_backend.api.platform.payloads import (
    job_request,
    naming_refused_tags,
    submitted_record,
    wire_tags,
)
from ibmq_backend.api.platform.submit import submit_once
from ibmq_backend.api.port import Capability
from ibmq_backend.api.sampler.budget import Budget
from ibmq_backend.api.sampler.device import device_of
from ibmq_backend.api.sampler.device_documents import (
    LazyDocument,
    older_configuration,
    older_properties,
)
from ibmq_backend.api.sampler.estimate import estimated_seconds
from ibmq_backend.api.sampler.programs import PreparedJob, prepare
from ibmq_backend.exceptions import (
    ApiInputError,
    ApiNotFound,
    ApiNotSupported,
    ApiStatusError,
)
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

WRONG_INSTANCE_CODE: Final = 1279

_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})

_FEATURES: Final = frozenset(
    {
        Capability.JOB_LOGS,
        Capability.JOB_NAMES,
        Capability.JOB_TERMS,
        Capability.PROPERTIES_BY_DATE,
        Capability.SESSIONS,
        Capability.USAGE,
    }
)


class PlatformAccountClient(JobReader):
    """The backends and jobs of one instance; implements ``AccountClient``.

    Every method raises :class:`~ibmq_backend.exceptions.ApiError` or a subclass, ``submit`` also
    :class:`~ibmq_backend.exceptions.IBMQJobSubmissionUncertain`.

    Args:
        calls: sends the requests of the instance.
        instance: the instance; every request contains its CRN.
        info: the service.
        sleep: waits for a number of seconds between the attempts to submit.
        find_other: returns another instance of the account that has a backend.
    """

    def __init__(
        self,
        calls: PlatformCalls,
        instance: InstanceId,
        info: ServiceInfo,
        sleep: Callable[[float], None] = time.sleep,
        *,
        find_other: Callable[[str], InstanceRecord | None],
    ) -> None:
        super().__init__(calls)
        self._sleep = sleep
        self._find_other = find_other
        self._instance = instance
        self._info = info
        self._calibrations: dict[str, Document] = {}
        self._budget = Budget(instance, self.usage)

    @property
    def instance(self) -> InstanceId:
        """The instance that every request goes to."""
        return self._instance

    @property
    def info(self) -> ServiceInfo:
        """The service of this client."""
        return self._info

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Calibrations by date, job names, and what only this service has."""
        return _FEATURES

    # -- backends -------------------------------------------------------------------------

    def backends(self) -> Sequence[BackendRecord]:
        """Return all backends; each configuration is read when it is first used.

        Wire: listBackends; getBackendConfiguration for each backend that is used.
        """
        self._configurations.clear()
        listed = self._calls.read(
            ops.LIST_BACKENDS,
            mapping.listed_backends,
            list_backends.sync_detailed,
            client=self._client,
        )
        return [
            BackendRecord(name, simulator, self._lazy_configuration(name), qubits)
            for name, simulator, qubits in listed
        ]

    def _lazy_configuration(self, name: str) -> Document:
        return LazyDocument(lambda: older_configuration(self._configuration(name), name))

    def _configuration(self, name: str) -> Document:
        if name not in self._configurations:
            self._configurations[name] = self._calls.read(
                ops.GET_BACKEND_CONFIGURATION,
                _configuration,
                get_backend_configuration.sync_detailed,
                path_part("backend name", name),
                client=self._client,
            )
        return self._configurations[name]

    def status(self, backend_name: str) -> StatusRecord:
        """Return the state of a backend. Wire: getBackendStatus."""
        name = path_part("backend name", backend_name)
        return self._calls.read(
            ops.GET_BACKEND_STATUS,
            partial(mapping.status_record, name=name),
            get_backend_status.sync_detailed,
            name,
            client=self._client,
        )

    def properties(self, backend_name: str, before: datetime | None = None) -> Document | None:
        """Return the newest calibration, optionally before a time. Wire: getBackendProperties."""
        try:
            document = self._calls.call(
                ops.GET_BACKEND_PROPERTIES,
                get_backend_properties.sync_detailed,
                path_part("backend name", backend_name),
                client=self._client,
                updated_before=UNSET if before is None else format_time(before),
            )
        except ApiNotFound as error:
            if error.code == WRONG_INSTANCE_CODE:
                raise
            return None
        with self._calls.reading(ops.GET_BACKEND_PROPERTIES, "is not a calibration"):
            older = older_properties(document, backend_name)
        if older is not None and before is None:
            self._calibrations[backend_name] = older
        return older

    def defaults(self, backend_name: str) -> Document | None:
        """Return ``None`` without a request, since the service has no pulse access."""
        del backend_name
        return None

    def job_limit(self, backend_name: str) -> LimitRecord:
        """Return the number of unfinished jobs, without a limit. Wire: listJobs."""
        page = self.page(ServerQuery(backend_name, pending=True), 1, 0)
        count = len(page.jobs) if page.count is None else page.count
        return LimitRecord(maximum_jobs=None, running_jobs=count)

    def reservations(
        self, backend_name: str, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[ReservationRecord]:
        """Raise an error, since the service has no reservations.

        Raises:
            ApiNotSupported: always; no request is sent.
        """
        del backend_name, start, end
        raise ApiNotSupported("IBM Quantum Platform has no reservations.")

    def my_reservations(self) -> Sequence[ReservationRecord]:
        """Raise an error, since the service has no reservations.

        Raises:
            ApiNotSupported: always; no request is sent.
        """
        raise ApiNotSupported("IBM Quantum Platform has no reservations.")

    # -- submission -----------------------------------------------------------------------

    def submit(self, submission: Submission) -> JobRecord:
        """Create exactly one ``sampler`` job, with its circuits as OpenQASM 3.

        Raises:
            ApiInputError: the circuits cannot run on the device; nothing was sent.
            ApiNotSupported: the service does not have a requested feature; nothing was sent.
            IBMQJobSubmissionUncertain: it is not known whether the job was created.

        Wire: createJob; before it getBackendConfiguration unless it was read before,
        getBackendProperties for circuits with ``id``, and getUsage if what is known is older than
        15 minutes or not enough; after a failure listJobs.
        """
        if submission.experiment_id is not None:
            raise ApiNotSupported(
                "IBM Quantum Platform has no experiment_id. Use job_tags instead."
            )
        job = self._prepared(submission)
        body, tag = job_request(submission, job), submission.submission_id
        configuration = self._configurations[submission.backend_name]
        seconds = estimated_seconds(submission.qobj, configuration)
        cost = self._budget.plan(submission.terms.max_execution_time, seconds)
        body.cost = cost or UNSET

        def create() -> str:
            with naming_refused_tags(body.tags or ()):
                return self._calls.read(
                    ops.CREATE_JOB,
                    mapping.created_id,
                    create_job.sync_detailed,
                    client=self._client,
                    body=body,
                )

        def find() -> str | None:
            for each in self.page(ServerQuery(tags=(tag,)), 1, 0).jobs:
                if each is None or not each.tags:  # it may be the job
                    raise self._calls.unexpected(ops.LIST_JOBS, "contains an unreadable job.")
                if tag in each.tags:
                    return each.job_id
            return None

        job_id = submit_once(create, find, tag, sleep=self._sleep)
        self._submitted(job_id, submission.backend_name, job.plan, submission.terms.private)
        return submitted_record(submission, job_id, cost)

    def _prepared(self, submission: Submission) -> PreparedJob:
        name = submission.backend_name
        configuration = self._configuration(name)
        with self._calls.reading(ops.GET_BACKEND_CONFIGURATION, "is not a configuration"):
            device = device_of(configuration)

        def calibration(needed: bool) -> Document | None:
            if needed and name not in self._calibrations:
                self.properties(name)
            return self._calibrations.get(name)

        try:
            return prepare(submission.qobj, device, calibration, submission.terms)
        except UNREADABLE as error:
            raise ApiInputError(
                f"The Qobj is not valid: {error!r}. Create it with qiskit.assemble()."
            ) from error

    # -- jobs -----------------------------------------------------------------------------

    def job_properties(self, job_id: str) -> Document | None:
        """Return the calibration at the time of the run; ``None`` for a job that did not run.

        Wire: getJob, getJobMetrics, getBackendProperties.
        """
        ran = self._started(job_id)
        if ran is None:
            return None
        return self.properties(*ran)

    def cancel(self, job_id: str) -> bool:
        """Cancel a job; return whether it is cancelled.

        Wire: cancelJob; after a refusal getJob.
        """
        try:
            self._calls.confirm(
                ops.CANCEL_JOB,
                cancel_job.sync_detailed,
                path_part("job id", job_id),
                client=self._client,
            )
        except ApiStatusError as error:
            if error.status_code not in _REFUSALS:
                raise
            return self.job_status(job_id).status == "CANCELLED"
        return True

    def relabel(
        self, job_id: str, *, name: str | None = None, tags: Sequence[str] | None = None
    ) -> JobRecord | None:
        """Change the name or replace the tags; the service keeps both in one list.

        Returns:
            ``None``, since the reply is empty.

        Raises:
            ApiInputError: there are too many tags, or one is too long; nothing was sent.

        Wire: getJob, replaceJobTags.
        """
        record = self.job_status(job_id)
        new_tags = list(record.tags or ()) if tags is None else list(tags)
        sent = wire_tags(new_tags, record.name if name is None else name)
        with naming_refused_tags(sent):
            self._calls.confirm(
                ops.REPLACE_JOB_TAGS,
                replace_job_tags.sync_detailed,
                path_part("job id", job_id),
                client=self._client,
                body=JobTags(tags=sent),
            )
        return None

    def delete(self, job_id: str) -> None:
        """Remove a job from the account. Wire: deleteJob."""
        self._calls.confirm(
            ops.DELETE_JOB,
            delete_job.sync_detailed,
            path_part("job id", job_id),
            client=self._client,
        )

    def job_logs(self, job_id: str) -> str:
        """Return the log of a job; empty if there is none. Wire: getJobLogs."""
        try:
            text = self._calls.call(
                ops.GET_JOB_LOGS,
                get_job_logs.sync_detailed,
                path_part("job id", job_id),
                client=self._client,
            )
        except ApiNotFound as error:
            if error.code is not None:
                raise  # the job or the instance is not known
            return ""
        return text if isinstance(text, str) else ""

    # -- the instance ---------------------------------------------------------------------

    def usage(self) -> UsageRecord:
        """Return the time on devices that the instance has used. Wire: getUsage."""
        usage = self._calls.read(
            ops.GET_USAGE, mapping.usage_record, get_usage.sync_detailed, client=self._client
        )
        self._budget.remember(usage)
        return usage

    def instance_with(self, backend_name: str) -> InstanceRecord | None:
        """Return another instance of the account that has a backend; ``None`` if none is found.

        It is searched for at most 10 seconds, in 10 instances; the devices of each are listed once,
        and not again after an error.

        Wire: searchInstances, getCatalogEntry, listBackends.
        """
        return self._find_other(backend_name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._instance.label!r} at {self.info.url})"


def _configuration(document: Any) -> Document:
    if not isinstance(document, dict):
        raise TypeError(f"the configuration is {type(document).__name__}")
    return document
