"""``IBMQJob``: one job of an IBM Quantum service, with the documented methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from attrs import evolve, fields
from qiskit.providers import BackendV1, JobStatus, JobV1
from qiskit.providers.jobstatus import JOB_FINAL_STATES
from qiskit.providers.models import BackendProperties
from qiskit.qobj import PulseQobj, QasmQobj
from qiskit.result import Result

from ibmq_backend._errors.translate import raising_job_errors
from ibmq_backend._html import card
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.port import AccountClient
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiError,
    ApiNotSupported,
    IBMQJobApiError,
    IBMQJobError,
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.cancel import cancel_job
from ibmq_backend.job.input import SubmittedInput
from ibmq_backend.job.queue_info import QueueInfo
from ibmq_backend.job.result import StoredResult, failure_report, has_success
from ibmq_backend.job.tags import changed_tags, only_submission_tag, strip_submission_tag
from ibmq_backend.job.wait import Waiter, out_of_time
from ibmq_backend.models import properties_of
from ibmq_backend.records import Document, JobRecord
from ibmq_backend.units import to_local

__all__ = [
    "IBMQJob",
    "IBMQJobApiError",
    "IBMQJobError",
    "IBMQJobFailureError",
    "IBMQJobInvalidStateError",
    "IBMQJobTimeoutError",
    "QueueInfo",
    "record_of",
    "update_from",
]

LAST_LOOK_SECONDS = 0.8  # for reading about an ended job, also when the time is up
RESULT_OUTAGE_SECONDS = 600.0  # of an outage while a result without a timeout is read

logger = get_logger(__name__)


class IBMQJob(JobV1):
    """A job; made by ``backend.run()``, ``backend.jobs()`` or ``backend.retrieve_job()``.

    Once it has ended nothing more is asked of the service for its status, and its result is kept
    after it was read. Further fields of the service's answer are attributes of their names in snake
    case with a trailing underscore, for example ``job.summary_data_``. Every method that asks the
    service may raise ``IBMQJobApiError``.

    Source: ``IBMQJob`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(
        self,
        backend: BackendV1,
        api_client: AccountClient,
        record: JobRecord,
        qobj: Document | None = None,
    ) -> None:
        super().__init__(backend, record.job_id)
        self._api_client = api_client
        self._record = record
        self._details_read = False
        self._input = SubmittedInput(
            api_client, record.job_id, qobj if qobj is not None else record.qobj
        )
        self._waiter = Waiter(api_client, record.job_id)
        self._output = StoredResult(api_client, record, self._waiter)

    # -- what is known ---------------------------------------------------------------------------

    def _merge(self, newer: JobRecord) -> None:
        """Take over everything a newer answer says; what it leaves out stays."""
        known = {
            field.name: getattr(newer, field.name)
            for field in fields(JobRecord)
            if getattr(newer, field.name) is not None
        }
        known.pop("job_id")
        known["extra"] = {**self._record.extra, **newer.extra}
        known["queue"] = newer.queue
        self._record = evolve(self._record, **known)
        self._input.update(newer.qobj)
        self._output.update(newer.result)

    def _known_status(self) -> JobStatus:
        return JobStatus[self._record.status]

    def _is_final(self) -> bool:
        return self._known_status() in JOB_FINAL_STATES

    def __getattr__(self, name: str) -> Any:
        record = self.__dict__.get("_record")
        if record is not None and name.endswith("_") and name[:-1] in record.extra:
            return record.extra[name[:-1]]
        raise AttributeError(f"IBMQJob has no attribute {name!r}.")

    def __repr__(self) -> str:
        return (
            f"<IBMQJob('{self.job_id()}', {self._known_status().name}) on {self._backend.name()} "
            f"from {self._place_text()}>"
        )

    def _repr_html_(self) -> str:
        record = self._record
        return card(
            f"Job {self.job_id()}",
            {
                "backend": self._backend.name(),
                "provider": self._place_text(),
                "status": record.status,
                "created": None if record.created is None else self.creation_date().isoformat(),
                "name": self.name(),
                "tags": ", ".join(self.tags()) or None,
            },
        )

    def _place_text(self) -> str:
        return self._api_client.info.place_text(self._api_client.instance)

    # -- status ----------------------------------------------------------------------------------

    def status(self) -> JobStatus:
        """Return the state of the job; no request once it has ended.

        Raises:
            IBMQJobApiError: the call failed.

        Wire: getJobStatus; when it has just ended also getJob.
        """
        if not self._is_final():
            with raising_job_errors("reading the job status"):
                self._merge(self._api_client.job_status(self.job_id()))
            if self._is_final():
                self.refresh()
        return self._known_status()

    def refresh(self) -> None:
        """Read everything about the job again.

        Raises:
            IBMQJobApiError: the call failed.

        Wire: getJob.
        """
        with raising_job_errors("reading the job"):
            self._merge(self._api_client.job(self.job_id()))
        self._details_read = True

    def _read_details_once(self) -> None:
        if not self._details_read:
            self.refresh()

    def queue_position(self, refresh: bool = False) -> int | None:
        """Return the place of the job in the queue, 1 is next; ``None`` when it does not wait.

        Args:
            refresh: ask the service now.

        Wire: getJobStatus with ``refresh``, otherwise none.
        """
        if refresh:
            self.status()
        queue = self._record.queue
        if queue is None or self._known_status() is not JobStatus.QUEUED:
            return None
        return queue.position

    def queue_info(self) -> QueueInfo | None:
        """Return queue position and estimates; ``None`` when the job does not wait.

        Wire: getJobStatus, none once the job has ended.
        """
        if self.status() is not JobStatus.QUEUED or self._record.queue is None:
            return None
        info = QueueInfo.from_record(self._record.queue, self.job_id())
        return None if info.is_empty() else info

    def wait_for_final_state(
        self,
        timeout: float | None = None,
        wait: float | None = None,
        callback: Callable[..., None] | None = None,
    ) -> None:
        """Wait until the job has ended.

        Args:
            timeout: seconds; ``None`` waits without limit.
            wait: seconds between calls of ``callback``; ``None`` calls it on every change.
            callback: called as ``callback(job_id, job_status, job, queue_info=...)`` while the job
                has not ended.

        Raises:
            IBMQJobTimeoutError: the time is over; the job goes on.
            IBMQJobApiError: the service refused the question for good.

        Wire: the status stream or getJobStatus; at the end getJob.
        """
        end = self._waiter.end(timeout)
        if self._is_final():
            return

        def report() -> None:
            if callback is not None:
                queue = self._record.queue
                info = None if queue is None else QueueInfo.from_record(queue, self.job_id())
                callback(self.job_id(), self._known_status(), self, queue_info=info)

        try:
            with raising_job_errors("waiting for the job"):
                self._waiter.wait(timeout, wait, self._merge, report if callback else None)
        except TimeoutError as error:
            known = self._known_status().name
            raise out_of_time(self.job_id(), timeout, known, error.__cause__) from error
        try:
            with (
                self._waiter.until(end, LAST_LOOK_SECONDS),
                time_limit(LAST_LOOK_SECONDS, self._waiter.clock),
            ):
                self.refresh()
        except IBMQJobApiError as error:
            # The end is known; times and reasons are read again by whoever asks for them.
            logger.debug("Job %s has ended, but not all is known of it: %s", self.job_id(), error)

    # -- result ----------------------------------------------------------------------------------

    def result(
        self,
        timeout: float | None = None,
        wait: float = 5,
        partial: bool = False,
        refresh: bool = False,
    ) -> Result:
        """Return the result of the job, waiting for its end.

        Args:
            timeout: seconds to wait; ``None`` waits without limit.
            wait: accepted and without effect: waiting adapts its own pace.
            partial: accept a failed job, some of whose circuits have results.
            refresh: download again.

        Returns:
            One entry for each circuit, in submission order; counts keyed by hexadecimal memory
            values, slot 0 is the lowest bit; ``date`` in local time.

        Raises:
            IBMQJobTimeoutError: the job did not end in time.
            IBMQJobInvalidStateError: the job was cancelled, or is too old to have a result.
            IBMQJobFailureError: the job failed; the message says why.
            IBMQJobApiError: a call failed.

        Wire: as ``wait_for_final_state``, then getResultDownloadUrl, the download,
        markResultDownloaded.
        """
        del wait
        end = self._waiter.end(timeout)
        self.wait_for_final_state(timeout=timeout)
        outage_deadline = self._waiter.clock() + RESULT_OUTAGE_SECONDS if end is None else end
        try:
            with self._waiter.until(end, LAST_LOOK_SECONDS):
                return self._ended_result(partial, refresh, outage_deadline)
        except IBMQJobApiError as error:
            cause = error.__cause__
            if end is not None and isinstance(cause, ApiError) and cause.temporary:
                raise IBMQJobTimeoutError(
                    f"Job {self.job_id()} has ended, but its result could not be read within "
                    f"{timeout} seconds. Call result() again."
                ) from error
            raise

    def _ended_result(self, partial: bool, refresh: bool, outage_deadline: float) -> Result:
        """Return the result of a job that has ended, or raise why it has none."""
        status = self._known_status()
        if status is JobStatus.CANCELLED:
            raise IBMQJobInvalidStateError(f"Job {self.job_id()} was cancelled: it has no result.")
        if status is JobStatus.ERROR and not partial:
            raise self._failure("so it has no result")
        document = self._output.load(self._record, refresh, outage_deadline)
        if document is None or (status is JobStatus.ERROR and not has_success(document)):
            raise self._failure("and no circuit of it has a result")
        return self._output.as_result(document, refresh, lambda: self.client_version)

    def _failure(self, consequence: str) -> IBMQJobFailureError:
        reason = self.error_message()
        hint = self._record.error.hint if self._record.error else None
        next_step = f" {hint}" if hint else ""
        return IBMQJobFailureError(
            f"Job {self.job_id()} failed, {consequence}. {reason}{next_step}"
        )

    def error_message(self) -> str | None:
        """Return why the job failed, waiting for its end; ``None`` when it did not fail.

        Wire: as ``result``; getJob when the service has not said yet.
        """
        self.wait_for_final_state()
        if self._known_status() is not JobStatus.ERROR:
            return None
        document = self._output.load(self._record)
        if self._record.error is None and failure_report(document, None) is None:
            self.refresh()
        report = failure_report(document, self._record.error)
        return report or f"The service ended the job as {self._record.service_status}."

    def cancel(self) -> bool:
        """Ask the service to end the job.

        Returns:
            Whether it has ended cancelled, or is still to end though the service agreed.

        Raises:
            IBMQJobApiError: the call failed, and the job goes on as far as is known.

        Wire: cancelJob, then getJob; getJobStatus until the job has ended.
        """
        with raising_job_errors("cancelling the job"):
            return cancel_job(self._api_client, self.job_id(), self._merge, self._waiter)

    # -- labels ----------------------------------------------------------------------------------

    def name(self) -> str | None:
        """Return the name of the job; no request."""
        return self._record.name

    def update_name(self, name: str) -> str:
        """Give the job another name and return it.

        Raises:
            IBMQJobInvalidStateError: the name is not text.
            IBMQJobApiError: the call failed or was not answered with the new name.

        Wire: updateJob.
        """
        if not isinstance(name, str):
            raise IBMQJobInvalidStateError(f"A job name must be text, not {name!r}.")
        with raising_job_errors("changing the job name"):
            self._api_client.relabel(self.job_id(), name=name)
        self._record = evolve(self._record, name=name)
        return name

    def tags(self) -> list[str]:
        """Return the tags of the job; no request."""
        return strip_submission_tag(self._record.tags or ())

    def update_tags(
        self,
        replacement_tags: Iterable[str] | None = None,
        additional_tags: Iterable[str] | None = None,
        removal_tags: Iterable[str] | None = None,
    ) -> list[str]:
        """Change the tags of the job and return the new ones; applied in the order of arguments.

        Args:
            replacement_tags: instead of all tags; an empty list removes them.
            additional_tags: added.
            removal_tags: removed where they are there.

        Tags of a job set (``ibmq_jobset_...``) are kept in any case.

        Raises:
            IBMQJobInvalidStateError: no argument, or not a list of text.
            IBMQJobApiError: the call failed or was not answered with the new tags.

        Wire: updateJob.
        """
        new = changed_tags(self.tags(), replacement_tags, additional_tags, removal_tags)
        own = only_submission_tag(self._record.tags or ())
        with raising_job_errors("changing the job tags"):
            self._api_client.relabel(self.job_id(), tags=[*new, *own])
        self._record = evolve(self._record, tags=(*new, *own))
        return new

    # -- facts -----------------------------------------------------------------------------------

    def creation_date(self) -> datetime:
        """Return when the job was created, in local time."""
        if self._record.created is None:
            self.refresh()
        if self._record.created is None:
            raise IBMQJobApiError(f"The service does not say when job {self.job_id()} was created.")
        return to_local(self._record.created)

    def time_per_step(self) -> dict[str, datetime] | None:
        """Return when the job entered each state: service status to local time.

        Wire: getJob, none once the job has ended and the times are known.
        """
        if not (self._is_final() and self._record.time_per_step):
            self.refresh()
        steps = self._record.time_per_step
        return None if steps is None else {name: to_local(at) for name, at in steps.items()}

    def scheduling_mode(self) -> str | None:
        """Return how the job was scheduled, ``fairshare`` or ``dedicated``; ``None`` before.

        Wire: getJob until it is known.
        """
        if self._record.run_mode is None:
            self.refresh()
            if self._record.run_mode is None and self._known_status() in (
                JobStatus.RUNNING,
                JobStatus.DONE,
            ):
                self._record = evolve(self._record, run_mode="fairshare")
        return self._record.run_mode

    @property
    def client_version(self) -> dict[str, str]:
        """Names and versions of the submitting client; getJob once when not known."""
        if self._record.client is None:
            self._read_details_once()
        return dict(self._record.client or {})

    @property
    def experiment_id(self) -> str | None:
        """The experiment label given to ``run``; getJob once when not known."""
        if self._record.experiment_id is None:
            self._read_details_once()
        return self._record.experiment_id

    def share_level(self) -> str:
        """Return ``none``: jobs are not shared, as with the provider since 0.15."""
        return "none"

    def properties(self) -> BackendProperties | None:
        """Return the calibration of the backend at the time of the run; never kept.

        Wire: getJobProperties.
        """
        with raising_job_errors("reading the calibration of the run"):
            try:
                document = self._api_client.job_properties(self.job_id())
            except ApiNotSupported:
                return None
        return properties_of(document, self._backend.name())

    # -- what was submitted ----------------------------------------------------------------------

    def qobj(self) -> QasmQobj | PulseQobj | None:
        """Return the Qobj as submitted; ``None`` for a job of the time before Qobj.

        Wire: none where it was submitted here, else getJobDownloadUrl and the download, once.
        """
        return self._input.qobj(self._record.kind)

    def circuits(self) -> list[Any]:
        """Return the circuits or schedules as submitted; requests as ``qobj``."""
        return self._input.circuits(self._record.kind)

    def backend_options(self) -> dict[str, Any]:
        """Return the run options as submitted; requests as ``qobj``."""
        return self._input.run_options(self._record.kind)

    def header(self) -> dict[str, Any]:
        """Return the header as submitted; requests as ``qobj``."""
        return self._input.header(self._record.kind)

    def submit(self) -> None:
        """Refuse: a job is submitted by ``backend.run()``.

        Raises:
            IBMQJobInvalidStateError: always.
        """
        raise IBMQJobInvalidStateError(
            "A job cannot be submitted again; backend.run(job.circuits()) makes a new one."
        )


def record_of(job: IBMQJob) -> JobRecord:
    """Return what is known of a job, input and result included; no request."""
    return evolve(job._record, qobj=job._input.document, result=job._output.document)


def update_from(job: IBMQJob, newer: IBMQJob) -> None:
    """Update a job with what another object of the same job knows; no request."""
    job._merge(newer._record)
