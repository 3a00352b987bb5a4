"""Reading jobs: what the service knows of one comes in several replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from attrs import evolve, frozen

from ibmq_backend._http.errors import UNREADABLE, unexpected_reply
from ibmq_backend._http.operations import Operation
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.platform import operations as ops
from ibmq_backend.api.platform.mapping import FINAL, Metrics, program_of, with_metrics
from ibmq_backend.api.platform.recent import Recent
from ibmq_backend.api.platform.requests import InstanceRequests
from ibmq_backend.api.sampler import programs, results
from ibmq_backend.exceptions import ApiError, ApiNotSupported, ApiStatusError
from ibmq_backend.records import Document, JobErrorRecord, JobRecord

_logger = get_logger(__name__)

REMEMBERED_JOBS: Final = 256


@frozen
class _KnownJob:
    """What a job runs, from its submission or from its document."""

    program: str | None
    backend_name: str
    plan: programs.JobPlan


class JobReader:
    """Reads the jobs of one instance.

    Args:
        requests: the instance's requests.
        version_of: version of a backend by its name.
    """

    def __init__(self, requests: InstanceRequests, version_of: Callable[[str], str]) -> None:
        self._requests = requests
        self._version_of = version_of
        self._jobs: Recent[str, _KnownJob] = Recent(REMEMBERED_JOBS)
        self._metrics: Recent[str, Metrics] = Recent(REMEMBERED_JOBS)

    def submitted(self, job_id: str, backend_name: str, plan: programs.JobPlan) -> None:
        """Remember a job that was made here, so that its parameters need not be read again."""
        self._jobs.put(job_id, _KnownJob(programs.PROGRAM, backend_name, plan))

    def whole(self, job_id: str) -> JobRecord:
        """The job with all that is known of it.

        Wire: getJob; once it runs getJobMetrics; getSession for a job of a session; getJobResults
        for a failed job that names no reason.
        """
        record, document = self._requests.job(job_id)
        metrics = None
        if record.status in (*FINAL, "RUNNING"):
            metrics = self.metrics(job_id, is_final=record.status in FINAL)
        if metrics is not None:
            record = with_metrics(record, metrics)
        elif record.created is not None:
            record = evolve(record, time_per_step={"QUEUED": record.created})
        session = document.get("session_id")
        if isinstance(session, str) and session:
            record = evolve(record, run_mode=self._mode_of(session))
        if record.error is not None and not record.error.message:
            record = evolve(record, error=self._last_error(job_id))
        return record

    def qobj(self, job_id: str) -> Document:
        """The Qobj as submitted, rebuilt from the job's parameters. Wire: getJob.

        Raises:
            ApiNotSupported: it was not a Qobj, or is not given back.
        """
        _, document = self._requests.job(job_id, with_params=True)
        _check_program(job_id, program_of(document))
        with _reading(ops.GET_JOB, f"what was submitted with job {job_id}"):
            return programs.qobj_of(_params_of(document), job_id)

    def result(self, job_id: str) -> Document:
        """The result document of a ``sampler`` job.

        Raises:
            ApiNotSupported: the job runs another program.
            ApiNotFound: no result is stored.

        Wire: getJobResults; getJob for a job that was not submitted here; getJobMetrics unless
        it was read before.
        """
        known = self._jobs.get(job_id) or self._read(job_id)
        _check_program(job_id, known.program)
        text = self._requests.results(job_id)
        metrics = self.metrics(job_id, is_final=True)
        facts = results.JobFacts(
            job_id=job_id,
            backend_name=known.backend_name,
            backend_version=self._version_of(known.backend_name),
            finished=None if metrics is None else metrics.finished,
            seconds=None if metrics is None else metrics.seconds,
        )
        with _reading(ops.GET_JOB_RESULTS, f"results of job {job_id}"):
            return results.result_document(results.read_text(text), known.plan, facts)

    def started(self, job_id: str) -> tuple[str, Metrics] | None:
        """Backend and metrics of a job that ran; ``None`` for one that did not.

        Wire: getJob, getJobMetrics.
        """
        record, _ = self._requests.job(job_id)
        metrics = self.metrics(job_id, is_final=record.status in FINAL)
        if metrics is None or record.backend_name is None:
            return None
        return (record.backend_name, metrics) if "RUNNING" in metrics.steps else None

    def metrics(self, job_id: str, *, is_final: bool) -> Metrics | None:
        """What was measured, ``None`` where the service has nothing. Wire: getJobMetrics."""
        known = self._metrics.get(job_id)
        if known is not None:
            return known
        try:
            metrics = self._requests.metrics(job_id)
        except ApiError as error:
            # Times and usage decorate an answer; they must not be what spoils it.
            _logger.info("The metrics of job %s cannot be read: %s", job_id, error.message)
            return None
        if is_final and metrics.finished is not None and metrics.seconds is not None:
            self._metrics.put(job_id, metrics)
        return metrics

    def _read(self, job_id: str) -> _KnownJob:
        record, document = self._requests.job(job_id, with_params=True)
        program = program_of(document)
        params = _params_of(document) if program == programs.PROGRAM else {}
        with _reading(ops.GET_JOB, f"what was submitted with job {job_id}"):
            plan = programs.plan_of(params)
        known = _KnownJob(program, record.backend_name or "unknown", plan)
        self._jobs.put(job_id, known)
        return known

    def _mode_of(self, session_id: str) -> str | None:
        try:
            return self._requests.session_mode(session_id)
        except ApiStatusError as error:
            _logger.info("The session of a job cannot be read: %s", error.message)
            return None

    def _last_error(self, job_id: str) -> JobErrorRecord | None:
        """Return the reason that the results body of a failed job gives."""
        try:
            text = results.last_error(self._requests.results(job_id))
        except ApiStatusError as error:
            _logger.info("The reason of job %s cannot be read: %s", job_id, error.message)
            return None
        return None if text is None else JobErrorRecord(message=text)


@contextmanager
def _reading(operation: Operation, what: str) -> Iterator[None]:
    """Raise ``ApiProtocolError`` for a document that is not of its documented form."""
    try:
        yield
    except UNREADABLE as error:
        raise unexpected_reply(operation, f"cannot be read as {what}: {error!r}.") from error


def _check_program(job_id: str, program: str | None) -> None:
    if program != programs.PROGRAM:
        raise ApiNotSupported(
            f"Job {job_id} is not a circuit job: it runs the program {program!r}. Its result can "
            "be read with the client that submitted it."
        )


def _params_of(document: Document) -> Document:
    params = document.get("params")
    return params if isinstance(params, dict) else {}
