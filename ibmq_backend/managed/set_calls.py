"""What a job set asks of the service for all its jobs, with as few requests as possible."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.exceptions import (
    ApiError,
    IBMQBackendError,
    IBMQJobApiError,
    IBMQJobManagerError,
    IBMQJobManagerInvalidStateError,
)
from ibmq_backend.job.job import IBMQJob, update_from
from ibmq_backend.managed.managed_job import ManagedJob

logger = get_logger(__name__)


def read_states(jobs: Sequence[ManagedJob], backend: IBMQBackend | None, tag: str) -> set[int]:
    """Bring the known states of all unfinished jobs up to date.

    Args:
        jobs: the jobs of the set.
        backend: where they run; ``None`` when there are no jobs.
        tag: the tag they all carry.

    Returns:
        Numbers of the jobs whose state could not be read; logged.

    Wire: listJobStatuses by tag, page by page; getJobStatus for a job that is alone or not listed;
    nothing when all jobs have ended.
    """
    open_jobs = [(each, job) for each in jobs if (job := each.unfinished_job) is not None]
    listed: dict[str, IBMQJob] = {}
    if len(open_jobs) > 1 and backend is not None:
        submitted = sum(each.job is not None for each in jobs)
        try:
            found = backend.jobs(limit=submitted, job_tags=[tag])
        except (ApiError, IBMQBackendError) as error:
            logger.warning("The states of the jobs with tag %s cannot be read: %s", tag, error)
            return {each.number for each, _ in open_jobs}
        listed = {job.job_id(): job for job in found}
    unknown = set()
    for each, job in open_jobs:
        if job.job_id() in listed:
            if each.unfinished_job is not None:  # another thread may know better by now
                update_from(job, listed[job.job_id()])
            continue
        try:
            job.status()
        except IBMQJobApiError as error:
            logger.warning("The state of job %s cannot be read: %s", job.job_id(), error)
            unknown.add(each.number)
    return unknown


def change_each(
    jobs: Iterable[ManagedJob], change: Callable[[int, IBMQJob], object], what: str
) -> None:
    """Change every job that was submitted; one that fails does not keep the others from it.

    Args:
        jobs: which.
        change: given number and job.
        what: for the message, after "could not".

    Raises:
        IBMQJobManagerError: some jobs could not be changed; says which.
    """
    failed: list[tuple[int, IBMQJobApiError]] = []
    for each in jobs:
        if each.job is None:
            continue
        try:
            change(each.number, each.job)
        except IBMQJobApiError as error:
            failed.append((each.number, error))
    if failed:
        numbers = ", ".join(str(number) for number, _ in failed)
        first = failed[0][1]
        raise IBMQJobManagerError(
            f"Not all jobs of the set could {what}; left as they were: {numbers}. {first.message}"
        ) from first


def reusable(tags: Iterable[str] | None) -> Iterable[str] | None:
    """Return tags that can be gone through once for each job, whatever they are."""
    return tags if tags is None or isinstance(tags, str | Sequence) else list(tags)


def countdown(timeout: object) -> Callable[[], float | None]:
    """Return a function that gives the seconds left of a time that begins now.

    Raises:
        IBMQJobManagerInvalidStateError: not a time.
    """
    if timeout is None:
        return lambda: None
    if (
        isinstance(timeout, bool)
        or not isinstance(timeout, int | float)
        or not 0 <= timeout < threading.TIMEOUT_MAX
    ):
        raise IBMQJobManagerInvalidStateError(
            f"timeout must be seconds from 0, or None, not {timeout!r}."
        )
    end = time.monotonic() + timeout
    return lambda: max(end - time.monotonic(), 0.0)
