"""``IBMQJob``: one job of an IBM Quantum service, with the documented methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from attrs import evolve
from qiskit.providers import BackendV1, JobStatus, JobV1
from qiskit.providers.jobstatus import JOB_FINAL_STATES
from qiskit.providers.models import BackendProperties
from qiskit.qobj import PulseQobj, QasmQobj
from qiskit.result import Result

from ibmq_backend._errors.causes import shown
from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend._errors.translate import raising_job_errors
from ibmq_backend._html import MAX_READ_SECONDS
from ibmq_backend.api.port import AccountClient
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiNotSupported,
    IBMQError,
    IBMQJobApiError,
    IBMQJobError,
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
    find_api_error,
)
from ibmq_backend.job.cancel import cancel_job
from ibmq_backend.job.html import job_card
from ibmq_backend.job.input import SubmittedInput
from ibmq_backend.job.queue_info import QueueInfo
from ibmq_backend.job.result import StoredResult, failure_report
from ibmq_backend.job.tags import changed_tags, only_submission_tag, strip_submission_tag
from ibmq_backend.job.wait import Waiter, fetching, timeout_error
from ibmq_backend.models import read_properties
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

LAST_REQUEST_SECONDS = 0.8  # allowed for reading an ended job after the timeout
MAX_RESULT_OUTAGE_SECONDS = 600.0  # of the service, while a result without a timeout is read


@methods_suggest_keywords
class IBMQJob(JobV1):
    """A job, returned by ``backend.run()``, ``backend.jobs()`` or ``backend.retrieve_job()``.

    After the job has ended, its status needs no more requests; its result is downloaded once.
    Other fields of the service's reply are attributes with their names in snake case and a trailing
    underscore, for example ``job.summary_data_``; after its end the job is read once for them.
    Every method that sends a request may raise ``IBMQJobApiError``.

    Example:
        >>> from ibmq_backend import IBMQ
        >>> from qiskit import QuantumCircuit
        >>> backend = IBMQ.enable_local().get_backend("ibmq_qasm_simulator")
        >>> circuit = QuantumCircuit(1)
        >>> circuit.measure_all()
        >>> job = backend.run(circuit, shots=100)
        >>> job.result().get_counts(), job.status().name
        ({'0': 100}, 'DONE')
        >>> IBMQ.disable_account()

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
        self._has_late_details = False  # of its end, which are read when needed
        self._input = SubmittedInput(
            api_client, record.job_id, qobj if qobj is not None else record.qobj
        )
        self._waiter = Waiter(api_client, record.job_id)
        self._output = StoredResult(api_client, record, self._waiter)

    def _merge(self, newer: JobRecord) -> None:
        was_final = self._is_final()
        self._record = self._record.updated(newer)
        self._has_late_details |= self._is_final() and not was_final
        self._input.update(newer.qobj)
        self._output.update(newer.result)

    def _known_status(self) -> JobStatus:
        return JobStatus[self._record.status]

    def _is_final(self) -> bool:
        return self._known_status() in JOB_FINAL_STATES

    def __getattr__(self, name: str) -> Any:
        if "_output" in self.__dict__ and name.endswith("_") and not name.startswith("_"):
            self._read_late_details()
            if name[:-1] in self._record.extra:
                return self._record.extra[name[:-1]]
        raise AttributeError(f"IBMQJob has no attribute {name!r}.")

    def __repr__(self) -> str:
        return (
            f"<IBMQJob('{self.job_id()}', {self._known_status().name}) on {self._backend.name()} "
            f"from {self._describe_service()}>"
        )

    def _repr_html_(self) -> str:
        """Return the card of the job. Only the service of this machine is asked for news."""
        if self._api_client.info.target == "local":
            with suppress(IBMQError), time_limit(MAX_READ_SECONDS):
                self.time_per_step()
                if self._is_final():
                    self._output.load(self._record)
        record = record_of(self)
        if self._has_late_details:  # the known times are those before the end
            record = evolve(record, time_per_step=None)
        return job_card(record, self._backend.name(), self._describe_service())

    def _describe_service(self) -> str:
        return self._api_client.info.describe_service(self._api_client.instance)

    # -- status ----------------------------------------------------------------------------------

    def status(self) -> JobStatus:
        """Return the state of the job.

        In a state that this version does not know, a job keeps its last known state, at first
        INITIALIZING, and has not ended. A line in the log names the state once; on IBM Quantum
        Platform ``job.status_`` is the service's own word. If the service says when the job ended,
        it is DONE, and ``result()`` tries to read the result.

        Wire: getJobStatus until the job has ended.
        """
        if not self._is_final():
            with raising_job_errors("reading the job status"):
                self._merge(self._api_client.job_status(self.job_id()))
        return self._known_status()

    def refresh(self) -> None:
        """Read the whole job again. Wire: getJob."""
        with raising_job_errors("reading the job"):
            self._merge(self._api_client.job(self.job_id()))
        self._details_read = True
        self._has_late_details = False

    def _read_late_details(self) -> None:
        """Read the whole job once after its end, if the service sends it soon."""
        if self._has_late_details:
            limit = time_limit(LAST_REQUEST_SECONDS, self._waiter.clock)
            with suppress(IBMQJobApiError), limit:
                self.refresh()

    def _read_details_once(self) -> None:
        if not self._details_read:
            self.refresh()

    def queue_position(self, refresh: bool = False) -> int | None:
        """Return the position of the job in the queue, 1 being next; ``None`` if it is not queued.

        Args:
            refresh: whether to read the state from the service first.

        Wire: getJobStatus with ``refresh``, otherwise none.
        """
        if refresh:
            self.status()
        queue = self._record.queue
        if queue is None or self._known_status() is not JobStatus.QUEUED:
            return None
        return queue.position

    def queue_info(self) -> QueueInfo | None:
        """Return the queue position and estimated times; ``None`` if the job is not queued.

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
            timeout: maximum wait in seconds; ``None`` waits without limit.
            wait: seconds between calls of ``callback``; ``None`` calls it on every change.
            callback: called as ``callback(job_id, job_status, job, queue_info=...)`` until the job
                has ended. No progress is shown then.

        Raises:
            IBMQJobTimeoutError: the job did not end within the timeout; it continues.
            IBMQJobApiError: the service rejected the request.

        Wire: jobStatusStream or getJobStatus.
        """
        self._waiter.end(timeout)
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
            outage = error.__cause__
            raise timeout_error(self.job_id(), timeout, known, outage) from shown(outage)

    # -- result ----------------------------------------------------------------------------------

    def result(
        self,
        timeout: float | None = None,
        wait: float = 5,
        partial: bool = False,
        refresh: bool = False,
    ) -> Result:
        """Wait for the job to end and return its result.

        Args:
            timeout: maximum wait in seconds; ``None`` waits without limit.
            wait: accepted but has no effect, since the pauses between requests adapt themselves.
            partial: whether to accept a failed job that has results for some circuits.
            refresh: whether to download the result again.

        Returns:
            One entry for each circuit, in submission order; counts keyed by hexadecimal memory
            values, slot 0 is the lowest bit; ``date`` in local time.

        Raises:
            IBMQJobTimeoutError: the job did not end in time.
            IBMQJobInvalidStateError: the job was cancelled, or is too old to have a result.
            IBMQJobFailureError: the job failed; the message gives the reason.
            IBMQJobApiError: a call failed.

        Wire: as ``wait_for_final_state``, then getResultDownloadUrl, the download,
        markResultDownloaded.
        """
        del wait
        end = self._waiter.end(timeout)
        self.wait_for_final_state(timeout=timeout)
        outage_deadline = self._waiter.clock() + MAX_RESULT_OUTAGE_SECONDS if end is None else end
        try:
            with self._waiter.until(end, LAST_REQUEST_SECONDS):
                return self._output.ended_result(
                    self._record,
                    partial,
                    refresh,
                    outage_deadline,
                    self._explain_failure,
                    lambda: self.client_version,
                )
        except IBMQJobApiError as error:
            cause = find_api_error(error)
            if end is not None and cause is not None and cause.temporary:
                raise IBMQJobTimeoutError(
                    f"Job {self.job_id()} has ended, but its result could not be read within "
                    f"{timeout} seconds. Call result() again, or {fetching(self.job_id())} later."
                ) from shown(error)
            raise

    def _explain_failure(self) -> str:
        reason = self.error_message()
        hint = self._record.error.hint if self._record.error else None
        return f"{reason} {hint}" if hint else str(reason)

    def error_message(self) -> str | None:
        """Wait for the job to end and return why it failed; ``None`` if it did not fail.

        Wire: as ``result``; getJob.
        """
        self.wait_for_final_state()
        if self._known_status() is not JobStatus.ERROR:
            return None
        self._read_late_details()
        document = self._output.load(self._record)
        if self._record.error is None and failure_report(document, None) is None:
            self.refresh()
        report = failure_report(document, self._record.error)
        return (
            report or f"The service set the job to {self._record.service_status} without a reason."
        )

    def logs(self) -> str:
        """Return the log of a job that has ended; empty if it has none.

        Raises:
            IBMQJobApiError: the service has no logs, or the call failed.

        Wire: getJobLogs.
        """
        with raising_job_errors("reading the log"):
            return self._api_client.job_logs(self.job_id())

    def cancel(self) -> bool:
        """Cancel the job.

        Returns:
            Whether the job is cancelled, or the service has agreed to cancel it.

        Raises:
            IBMQJobApiError: the call failed; as far as is known, the job continues.

        Wire: cancelJob, then getJob; getJobStatus until the job has ended.
        """
        with raising_job_errors("cancelling the job"):
            return cancel_job(self._api_client, self.job_id(), self._merge, self._waiter)

    # -- labels ----------------------------------------------------------------------------------

    def name(self) -> str | None:
        """Return the name of the job, without a request."""
        return self._record.name

    def update_name(self, name: str) -> str:
        """Change the name of the job and return the new one.

        Raises:
            IBMQJobInvalidStateError: the name is not text.
            IBMQJobApiError: the call failed, or the reply does not confirm the new name.

        Wire: updateJob.
        """
        if not isinstance(name, str):
            raise IBMQJobInvalidStateError(f"A job name must be text, not {name!r}.")
        with raising_job_errors("changing the job name"):
            self._api_client.relabel(self.job_id(), name=name)
        self._record = evolve(self._record, name=name)
        return name

    def tags(self) -> list[str]:
        """Return the tags of the job, without a request."""
        return strip_submission_tag(self._record.tags or ())

    def update_tags(
        self,
        replacement_tags: Iterable[str] | None = None,
        additional_tags: Iterable[str] | None = None,
        removal_tags: Iterable[str] | None = None,
    ) -> list[str]:
        """Replace, add and remove tags, in this order, and return the new ones.

        Tags of a job set (``ibmq_jobset_...``) are always kept.

        Args:
            replacement_tags: tags that replace all others; an empty list removes all.
            additional_tags: tags to add.
            removal_tags: tags to remove, if the job has them.

        Raises:
            IBMQJobInvalidStateError: no argument was given, or one is not a list of text.
            IBMQJobApiError: the call failed, or the reply does not confirm the new tags.

        Wire: updateJob.
        """
        new = changed_tags(self.tags(), replacement_tags, additional_tags, removal_tags)
        own = only_submission_tag(self._record.tags or ())
        with raising_job_errors("changing the job tags"):
            self._api_client.relabel(self.job_id(), tags=[*new, *own])
        self._record = evolve(self._record, tags=(*new, *own))
        return new

    # -- details ---------------------------------------------------------------------------------

    def creation_date(self) -> datetime:
        """Return when the job was created, in local time."""
        if self._record.created is None:
            self.refresh()
        if self._record.created is None:
            raise IBMQJobApiError(
                f"The service does not know when job {self.job_id()} was created."
            )
        return to_local(self._record.created)

    def time_per_step(self) -> dict[str, datetime] | None:
        """Return when the job entered each state: local time by service status.

        Wire: getJob, unless the job has ended and the times are known.
        """
        if not self._is_final() or self._has_late_details or not self._record.time_per_step:
            self.refresh()
        steps = self._record.time_per_step
        return None if steps is None else {name: to_local(at) for name, at in steps.items()}

    def scheduling_mode(self) -> str | None:
        """Return how the job was scheduled: ``fairshare``, ``dedicated``, or ``None`` before that.

        Wire: getJob until the mode is known.
        """
        if self._record.run_mode is None:
            self.refresh()
            if self._record.run_mode is None and self._known_status().name in ("RUNNING", "DONE"):
                self._record = evolve(self._record, run_mode="fairshare")
        return self._record.run_mode

    @property
    def client_version(self) -> dict[str, str]:
        """Names and versions of the submitting client. Wire: getJob once, if not known."""
        if self._record.client is None:
            self._read_details_once()
        return dict(self._record.client or {})

    @property
    def experiment_id(self) -> str | None:
        """The experiment id given to ``backend.run()``. Wire: getJob once, if not known."""
        if self._record.experiment_id is None:
            self._read_details_once()
        return self._record.experiment_id

    def share_level(self) -> str:
        """Return ``none``, since jobs are not shared, as with the provider since 0.15."""
        return "none"

    def properties(self) -> BackendProperties | None:
        """Return the calibration of the backend at the time of the run, read each time.

        Wire: getJobProperties.
        """
        with raising_job_errors("reading the calibration of the run"):
            try:
                document = self._api_client.job_properties(self.job_id())
            except ApiNotSupported:
                return None
        return read_properties(document, self._backend.name())

    # -- submitted input -------------------------------------------------------------------------

    def qobj(self) -> QasmQobj | PulseQobj | None:
        """Return the Qobj as submitted; ``None`` for a job from before Qobj was introduced.

        Wire: getJobDownloadUrl and the download, once, unless this object submitted the job.
        """
        return self._input.qobj(self._record.kind)

    def circuits(self) -> list[Any]:
        """Return the circuits or schedules as submitted. Wire: as ``qobj``."""
        return self._input.circuits(self._record.kind)

    def backend_options(self) -> dict[str, Any]:
        """Return the run options as submitted. Wire: as ``qobj``."""
        return self._input.run_options(self._record.kind)

    def header(self) -> dict[str, Any]:
        """Return the header as submitted. Wire: as ``qobj``."""
        return self._input.header(self._record.kind)

    def submit(self) -> None:
        """Raise an error, since jobs are submitted by ``backend.run()``.

        Raises:
            IBMQJobInvalidStateError: always.
        """
        raise IBMQJobInvalidStateError(
            "A job cannot be submitted twice. backend.run(job.circuits()) submits a new one."
        )


def record_of(job: IBMQJob) -> JobRecord:
    """Return the record of a job with its input and result, without a request."""
    return evolve(job._record, qobj=job._input.document, result=job._output.document)


def update_from(job: IBMQJob, newer: IBMQJob) -> None:
    """Update a job from another object of the same job, without a request."""
    job._merge(newer._record)
