"""Restoring a job set from the jobs with its tag."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

from ibmq_backend.exceptions import IBMQJobManagerInvalidStateError
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.tags import JOB_SET_PREFIX
from ibmq_backend.managed.labels import read_job_name, total_in
from ibmq_backend.managed.managed_job import ManagedJob


def jobs_by_number(set_id: str, found: Sequence[IBMQJob]) -> dict[int, IBMQJob]:
    """Return the jobs by their number in the set.

    Args:
        set_id: id of the set.
        found: jobs with the tag of the set, at least one.

    Raises:
        IBMQJobManagerInvalidStateError: the jobs are not a set; the message gives the reason.
    """
    numbered: dict[int, IBMQJob] = {}
    backends = sorted({job.backend().name() for job in found})
    if len(backends) > 1:
        raise IBMQJobManagerInvalidStateError(
            f"The jobs of job set {set_id} ran on more than one backend: {', '.join(backends)}."
        )
    for job in found:
        parts = read_job_name(job.name())
        if parts is None:
            raise IBMQJobManagerInvalidStateError(
                f"Job {job.job_id()} has the tag of job set {set_id}, but its name "
                f"{job.name()!r} does not end with a number as in '_0_'. Call job.update_name() to "
                "add one."
            )
        number = parts[1]
        if number in numbered:
            raise IBMQJobManagerInvalidStateError(
                f"Jobs {numbered[number].job_id()} and {job.job_id()} are both number {number} "
                f"of job set {set_id}."
            )
        numbered[number] = job
    return numbered


def labels_of(numbered: Mapping[int, IBMQJob]) -> tuple[str, tuple[str, ...]]:
    """Return the name and the user's tags of the set, from its first job."""
    first = numbered[min(numbered)]
    parts = read_job_name(first.name())
    tags = tuple(tag for tag in first.tags() if not tag.startswith(JOB_SET_PREFIX))
    return ("" if parts is None else parts[0]), tags


def managed_jobs_of(set_id: str, numbered: Mapping[int, IBMQJob]) -> tuple[ManagedJob, ...]:
    """Return the jobs of a set in order, with the indexes of their experiments.

    All jobs but the last have the same number of experiments, so at most two jobs are read for it.
    Missing jobs have a ``submit_error``.

    Args:
        set_id: id of the set, which may contain its number of jobs.
        numbered: the jobs that exist, by their number.

    Raises:
        IBMQJobManagerInvalidStateError: the number of experiments is unknown.
        IBMQJobApiError: a call failed.

    Warns:
        UserWarning: jobs of the set are missing.

    Wire: getJob for two jobs; as ``IBMQJob.qobj`` if the reply has no number of circuits.
    """
    total = max(total_in(set_id) or 0, max(numbered) + 1)
    size, last_size = _sizes(set_id, numbered, total)
    jobs = []
    for number in range(total):
        start = number * size
        end = start + (last_size if number == total - 1 else size) - 1
        managed_job = ManagedJob(number, start, end)
        if number in numbered:
            managed_job.set_job(numbered[number])
        else:
            managed_job.set_error(
                IBMQJobManagerInvalidStateError(
                    f"Job {number} of job set {set_id} was never submitted, or was deleted."
                )
            )
        jobs.append(managed_job)
    missing = [str(number) for number in range(total) if number not in numbered]
    if missing:
        warnings.warn(
            f"The service has only {len(numbered)} of {total} jobs of job set {set_id}. Jobs "
            f"{', '.join(missing)} are missing. The others can be used.",
            UserWarning,
            stacklevel=4,
        )
    return tuple(jobs)


def _sizes(set_id: str, numbered: Mapping[int, IBMQJob], total: int) -> tuple[int, int]:
    """Return the number of experiments of every job but the last, and of the last."""
    last = numbered.get(total - 1)
    last_size = None if last is None else _experiments_in(last)
    others = [number for number in numbered if number < total - 1]
    if others:
        size = _experiments_in(numbered[min(others)])
    elif total == 1:
        size = last_size or 0
    else:
        raise IBMQJobManagerInvalidStateError(
            f"Only the last of {total} jobs of job set {set_id} exists "
            f"({', '.join(job.job_id() for job in numbered.values())}), so the indexes of its "
            "experiments are unknown. provider.backend.retrieve_job() returns that job."
        )
    return size, size if last_size is None else last_size


def _experiments_in(job: IBMQJob) -> int:
    job.refresh()
    summary = getattr(job, "summary_data_", None)
    inner = summary.get("summary") if isinstance(summary, Mapping) else None
    count = inner.get("num_circuits") if isinstance(inner, Mapping) else None
    if isinstance(count, int) and count > 0:
        return count
    if getattr(job, "private_", False):
        raise IBMQJobManagerInvalidStateError(
            f"Job {job.job_id()} is private, so the service does not return how many experiments "
            "it has, and only the job manager that submitted it has its set. "
            f"provider.backend.retrieve_job({job.job_id()!r}) returns the job."
        )
    qobj = job.qobj()
    if qobj is None:
        raise IBMQJobManagerInvalidStateError(
            f"The number of experiments of job {job.job_id()} is unknown."
        )
    return len(qobj.experiments)
