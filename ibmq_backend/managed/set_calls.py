"""Sends as few requests as possible for all jobs of a set, several of them at a time."""

from __future__ import annotations

import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from numbers import Real
from typing import Final

from ibmq_backend._errors.causes import shown
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.daemon_threads import DaemonThreads
from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.exceptions import (
    ApiError,
    IBMQBackendError,
    IBMQJobApiError,
    IBMQJobManagerError,
    IBMQJobManagerInvalidStateError,
)
from ibmq_backend.job.job import IBMQJob, update_from
from ibmq_backend.managed.managed_job import ManagedJob, Outcome

logger = get_logger(__name__)

MAX_DOWNLOADS: Final = 16
"""States or results that are read at a time."""


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
    threads = DaemonThreads(MAX_DOWNLOADS, "ibmq-job-set-states")
    asked = []
    for each, job in open_jobs:
        if job.job_id() not in listed:
            read = functools.partial(copy_context().run, job.status)
            asked.append((each, job, threads.submit(read)))
        elif each.unfinished_job is not None:  # unless another thread has updated it
            update_from(job, listed[job.job_id()])
    unknown = set()
    try:
        for each, job, status in asked:
            try:
                status.result()
            except IBMQJobApiError as error:
                logger.warning("The state of job %s cannot be read: %s", job.job_id(), error)
                unknown.add(each.number)
    finally:
        threads.cancel()
    return unknown


def read_outcomes(
    jobs: Sequence[ManagedJob],
    left: Callable[[], float | None],
    partial: bool,
    refresh: bool,
    update_states: Callable[[], object],
    advance: Callable[[], None],
) -> list[Outcome]:
    """Return the results of all jobs, or the reasons why they have none.

    The results of jobs that have ended are read in the background, several at a time, while the
    first one that has not ended is waited for.

    Args:
        jobs: the jobs of the set, in order.
        left: returns the seconds until the timeout, if there is one.
        partial: as in :meth:`ManagedJob.outcome`.
        refresh: as in :meth:`ManagedJob.outcome`.
        update_states: updates the states of all jobs with few requests.
        advance: called after each job.

    Raises:
        IBMQJobTimeoutError: the time is over.

    Wire: as :meth:`ManagedJob.wait` and :meth:`ManagedJob.outcome`.
    """
    outcomes: list[Outcome] = []
    threads = DaemonThreads(MAX_DOWNLOADS, "ibmq-job-set-results")
    futures: deque[Future[Outcome]] = deque()

    def read(each: ManagedJob) -> Outcome:
        return each.outcome(left(), partial, refresh)

    def collect() -> None:
        outcomes.append(futures.popleft().result())
        advance()

    try:
        for each in jobs:
            if each.unfinished_job is not None:
                each.wait(left())
                if sum(other.unfinished_job is not None for other in jobs) > 1:
                    update_states()
            # A limit of the caller's time applies in the thread too.
            futures.append(threads.submit(functools.partial(copy_context().run, read, each)))
            while futures and futures[0].done():
                collect()
        while futures:
            collect()
    finally:
        threads.cancel()
    return outcomes


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
