"""Sends as few requests as possible for all jobs of a set."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from numbers import Real

from ibmq_backend._errors.causes import shown
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
    """Update the states of all unfinished jobs.

    Args:
        jobs: the jobs of the set.
        backend: backend of the jobs; ``None`` if there are no jobs.
        tag: tag of all the jobs.

    Returns:
        Numbers of the jobs whose state could not be read; the reason is logged.

    Wire: listJobStatuses by tag, page by page; getJobStatus for a single job or one that is not
    listed; no request if all jobs have ended.
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
            if each.unfinished_job is not None:  # unless another thread has updated it
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
    """Change every job that was submitted, even if the change of another job fails.

    Args:
        jobs: jobs to change.
        change: changes a job; called with its number and the job.
        what: words after "could not" in the error message.

    Raises:
        IBMQJobManagerError: some jobs, named in the message, could not be changed.
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
        failure = IBMQJobManagerError(
            f"Some jobs of the set could not {what}: {numbers}. {first.message}"
        )
        try:
            raise failure from shown(first)
        finally:
            failure.__context__ = first  # not what the caller is handling


def repeatable(tags: Iterable[str] | None) -> Iterable[str] | None:
    """Return tags that can be iterated over more than once."""
    return tags if tags is None or isinstance(tags, str | Sequence) else list(tags)


def countdown(timeout: object) -> Callable[[], float | None]:
    """Return a function that returns the seconds left of a timeout that begins now.

    Raises:
        IBMQJobManagerInvalidStateError: the timeout is not a number of seconds.
    """
    if timeout is None:
        return lambda: None
    is_number = isinstance(timeout, Real) and not isinstance(timeout, bool)
    seconds = float(timeout) if is_number else -1.0  # type: ignore[arg-type]
    if not 0 <= seconds < threading.TIMEOUT_MAX:
        raise IBMQJobManagerInvalidStateError(
            f"timeout must be None or a number of seconds, 0 or more, not {timeout!r}."
        )
    end = time.monotonic() + seconds
    return lambda: max(end - time.monotonic(), 0.0)
