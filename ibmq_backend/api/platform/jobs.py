"""Reads jobs, whose data the service distributes over several replies."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

from attrs import evolve, frozen
from ibmq_api_platform import operations as ops
from ibmq_api_platform.api.jobs import get_job, get_job_metrics, get_job_results, list_jobs
from ibmq_api_platform.models import Job, JobList
from ibmq_api_platform.types import UNSET, Response, Unset

from ibmq_backend._http.errors import TRACE_HEADERS
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.calls import path_part
from ibmq_backend.api.platform import mapping
from ibmq_backend.api.platform.calls import PlatformCalls
from ibmq_backend.api.platform.filters import Page, ServerQuery, matching_jobs
from ibmq_backend.api.platform.mapping import FINAL, Metrics
from ibmq_backend.api.platform.sessions import PlatformSessions
from ibmq_backend.api.sampler import programs, results
from ibmq_backend.exceptions import ApiError, ApiNotFound, ApiNotSupported
from ibmq_backend.records import Document, JobErrorRecord, JobQuery, JobRecord, JobSummary
from ibmq_backend.units import format_time

Key = TypeVar("Key")
Value = TypeVar("Value")

_logger = get_logger(__name__)

REMEMBERED_JOBS: Final = 256

_OURS: Final = frozenset({None, programs.PROGRAM})  # without a program, it is read as ours

_NO_PARAMS: Final = "does not contain the input of job {} in a known form"
_NO_RESULTS: Final = "does not contain the results of job {} in a known form"


class Recent(Generic[Key, Value]):
    """A mapping that drops the least recently used entry when it is full.

    Args:
        size: the maximum number of entries.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """Return an entry, ``None`` if there is none."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Add or replace an entry."""
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)


@frozen
class _KnownJob:
    """What a job runs, known from its submission or its parameters."""

    program: str | None
    backend_name: str
    plan: programs.JobPlan


class JobReader(PlatformSessions):
    """Reads the jobs of one instance.

    Args:
        calls: sends the requests of the instance.
    """

    def __init__(self, calls: PlatformCalls) -> None:
        super().__init__(calls)
        self._configurations: dict[str, Document] = {}
        self._known_jobs: Recent[str, _KnownJob] = Recent(REMEMBERED_JOBS)
        self._private_jobs: dict[str, _KnownJob] = {}
        self._metrics: Recent[str, Metrics] = Recent(REMEMBERED_JOBS)

    def job(self, job_id: str) -> JobRecord:
        """Return the job with all its fields.

        Wire: getJob; once it runs or if its state is not known getJobMetrics; getSession for a job
        of a session; getJobResults for a failed job without a reason.
        """
        record, job = self._job(job_id)
        metrics = None
        if record.status in (*FINAL, "RUNNING"):
            metrics = self._measured(job_id)
        if metrics is not None:
            record = mapping.with_metrics(record, metrics)
        elif record.created is not None:
            record = evolve(record, time_per_step={"QUEUED": record.created})
        session = mapping.session_of(job)
        if session is not None:
            record = evolve(record, run_mode=self._mode_of(session))
        if record.status == "ERROR" and record.error is not None and not record.error.message:
            record = evolve(record, error=self._last_error(job_id))
        return record

    def job_status(self, job_id: str) -> JobRecord:
        """Return the job without its metrics.

        Wire: getJob; getJobMetrics if its state is not known.
        """
        return self._job(job_id)[0]

    def watch_job(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Raise an error, since the service has no status stream.

        Raises:
            ApiNotSupported: always; no request is sent.
        """
        del job_id, timeout
        raise ApiNotSupported("IBM Quantum Platform has no status stream. Call job.status().")

    def jobs(self, query: JobQuery, limit: int | None, skip: int = 0) -> Iterator[JobRecord]:
        """Yield the matching jobs of all programs, each once; pages are requested as needed.

        Raises:
            ApiNotSupported: the query has a ``db_filter`` or an ``experiment_id``.

        Wire: listJobs.
        """
        return matching_jobs(self.page, query, limit, skip)

    def job_summaries(
        self, query: JobQuery, limit: int | None, skip: int = 0
    ) -> Iterator[JobSummary]:
        """Yield the matching jobs with ids and times only. Wire: listJobs."""
        return map(mapping.job_summary, self.jobs(query, limit, skip))

    def page(self, query: ServerQuery, limit: int, offset: int) -> Page:
        """Return one page of jobs. Wire: listJobs."""
        return self._calls.read(
            ops.LIST_JOBS,
            _page,
            list_jobs.sync_detailed,
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

    def job_input(self, job_id: str) -> Document:
        """Return the submitted Qobj, rebuilt from the parameters of the job.

        Raises:
            ApiNotSupported: the service does not return the parameters, or they cannot be
                converted to a Qobj.

        Wire: getJob.
        """
        _, job = self._job(job_id, with_params=True)
        _check_program(job_id, mapping.program_of(job))
        with self._calls.reading(ops.GET_JOB, _NO_PARAMS.format(job_id)):
            return programs.qobj_of(_params_of(job), job_id)

    def job_result(self, job_id: str) -> Document:
        """Return the result document of a ``sampler`` job.

        Raises:
            ApiNotSupported: the job runs another program.
            ApiNotFound: the service stores no result.

        Wire: getJobResults; getJob for a job that this client did not submit; getJobMetrics
        unless it was read before.
        """
        known = self._private_jobs.get(job_id) or self._known_jobs.get(job_id)
        if known is None:
            known = self._read(job_id)
        _check_program(job_id, known.program)
        text = self._results(job_id)
        metrics = self._measured(job_id)
        facts = results.JobFacts(
            job_id=job_id,
            backend_name=known.backend_name,
            backend_version=self._version_of(known.backend_name),
            finished=None if metrics is None else metrics.finished,
            seconds=None if metrics is None else metrics.seconds,
        )
        with self._calls.reading(ops.GET_JOB_RESULTS, _NO_RESULTS.format(job_id)):
            value = results.read_text(text)
            del text  # which may be large
            document = results.result_document(value, known.plan, facts)
        self._private_jobs.pop(job_id, None)
        return document

    def _started(self, job_id: str) -> tuple[str, datetime] | None:
        """Return the backend of a job and the start of its run; ``None`` if it did not run.

        Wire: getJob, getJobMetrics.
        """
        record = self.job_status(job_id)
        metrics = self._measured(job_id)
        if metrics is None or record.backend_name is None or "RUNNING" not in metrics.steps:
            return None
        return record.backend_name, metrics.steps["RUNNING"]

    def _submitted(
        self, job_id: str, backend_name: str, plan: programs.JobPlan, private: bool
    ) -> None:
        """Remember a submitted job, so that its parameters are not requested.

        A private job is remembered until its result was read, since they cannot be requested.
        """
        known = _KnownJob(programs.PROGRAM, backend_name, plan)
        if private:
            self._private_jobs[job_id] = known
        else:
            self._known_jobs.put(job_id, known)

    def _job(self, job_id: str, *, with_params: bool = False) -> tuple[JobRecord, Job]:
        """Return a job as a record and as the reply.

        A job in an unknown state has ended if its metrics say when.

        Wire: getJob; getJobMetrics if its state is not known.
        """
        record, job = self._calls.read(
            ops.GET_JOB,
            lambda job: (mapping.job_record(job), job),
            get_job.sync_detailed,
            path_part("job id", job_id),
            client=self._client,
            exclude_params=not with_params,
        )
        if not record.has_known_status:
            metrics = self._measured(job_id)
            if metrics is not None and metrics.finished is not None:
                record = evolve(record, status="DONE")
        return record, job

    def _measured(self, job_id: str) -> Metrics | None:
        """Return the metrics of a job, ``None`` if there are none. Wire: getJobMetrics."""
        known = self._metrics.get(job_id)
        if known is not None:
            return known
        try:
            metrics = self._calls.read(
                ops.GET_JOB_METRICS,
                mapping.metrics_of,
                get_job_metrics.sync_detailed,
                path_part("job id", job_id),
                client=self._client,
            )
        except ApiError as error:
            # Times and usage are additions: without them the job is still returned.
            _logger.info("The metrics of job %s cannot be read: %s", job_id, error.message)
            return None
        if metrics.finished is not None and metrics.seconds is not None:
            self._metrics.put(job_id, metrics)
        return metrics

    def _results(self, job_id: str) -> bytes:
        """Return the text of the results in UTF-8. Wire: getJobResults.

        Raises:
            ApiNotFound: the service stores no result.
        """
        return self._calls.exchange(
            ops.GET_JOB_RESULTS,
            partial(self._text_of, job_id),
            get_job_results.sync_detailed,
            path_part("job id", job_id),
            client=self._client,
        )

    def _text_of(self, job_id: str, reply: Response[Any, Any]) -> bytes:
        if isinstance(reply.parsed, str) and reply.parsed.strip():
            return reply.parsed.encode()
        if reply.status_code not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            raise self._calls.unexpected(
                ops.GET_JOB_RESULTS, f"has the undocumented status {reply.status_code}."
            )
        raise ApiNotFound(
            f"The service stores no result of job {job_id}. The result of a private job can be "
            "read only once; a cancelled job has none.",
            operation=ops.GET_JOB_RESULTS.operation_id,
            method=ops.GET_JOB_RESULTS.method,
            path=ops.GET_JOB_RESULTS.path,
            status_code=reply.status_code,
            trace_id=next(
                (reply.headers[name] for name in TRACE_HEADERS if name in reply.headers), None
            ),
        )

    def _read(self, job_id: str) -> _KnownJob:
        record, job = self._job(job_id, with_params=True)
        program = mapping.program_of(job)
        params = _params_of(job) if program in _OURS else {}
        with self._calls.reading(ops.GET_JOB, _NO_PARAMS.format(job_id)):
            plan = programs.plan_of(params)
        known = _KnownJob(program, record.backend_name or "unknown", plan)
        self._known_jobs.put(job_id, known)
        return known

    def _version_of(self, backend_name: str) -> str:
        configuration = self._configurations.get(backend_name)
        return str((configuration or {}).get("backend_version") or "0.0.0")

    def _mode_of(self, session_id: str) -> str | None:
        """Return ``batch`` or ``dedicated``; ``None`` if it cannot be read. Wire: getSession."""
        try:
            return self.session(session_id).mode
        except ApiError as error:
            _logger.info("The session of the job cannot be read: %s", error.message)
            return None

    def _last_error(self, job_id: str) -> JobErrorRecord | None:
        """Return the error in the results of a failed job."""
        try:
            text = results.last_error(self._results(job_id))
        except ApiError as error:
            _logger.info("The error of job %s cannot be read: %s", job_id, error.message)
            return None
        return None if text is None else JobErrorRecord(message=text)


def _page(listed: JobList) -> Page:
    count: int | Unset = listed.count
    return Page(
        mapping.listed_jobs(listed.jobs),
        count if isinstance(count, int) and not isinstance(count, bool) else None,
    )


def _moment(moment: datetime | None) -> str | Unset:
    return UNSET if moment is None else format_time(moment)


def _check_program(job_id: str, program: str | None) -> None:
    if program not in _OURS:
        raise ApiNotSupported(
            f"Job {job_id} is not a circuit job: it runs the program {program!r}. Read its result "
            "with the client that submitted it."
        )


def _params_of(job: Job) -> Document:
    params: Document | Unset = job.params
    return params if isinstance(params, dict) else {}
