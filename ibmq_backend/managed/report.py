"""Reports of job sets as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from qiskit.providers import JobStatus

from ibmq_backend.managed.managed_job import ManagedJob

_ROWS: Final = (
    ("Successful jobs", (JobStatus.DONE,)),
    ("Failed jobs", (JobStatus.ERROR,)),
    ("Not submitted", (None,)),
    ("Cancelled jobs", (JobStatus.CANCELLED,)),
    ("Running jobs", (JobStatus.RUNNING,)),
    ("Pending jobs", (JobStatus.INITIALIZING, JobStatus.VALIDATING, JobStatus.QUEUED)),
)


def summary_lines(statuses: Sequence[JobStatus | None]) -> list[str]:
    """Return how many jobs are in which state."""
    counted = Counter(statuses)
    rows = [(label, sum(counted[status] for status in group)) for label, group in _ROWS]
    shown = [("Total jobs", len(statuses)), *((label, n) for label, n in rows if n)]
    return ["Summary report:", *(f"  {label:>17}: {count}" for label, count in shown)]


def detail_lines(jobs: Sequence[ManagedJob], statuses: Sequence[JobStatus | None]) -> list[str]:
    """Return a paragraph for each job; asks nothing of the service but why jobs failed."""
    lines = ["Detail report:"]
    for managed_job, status in zip(jobs, statuses, strict=True):
        lines.append(
            f"  experiments: {managed_job.start_index}-{managed_job.end_index}, "
            f"job index: {managed_job.number}"
        )
        job = managed_job.job
        if job is not None:
            lines.append(f"    job ID: {job.job_id()}")
            lines.append(f"    name: {job.name()}")
        lines.append(f"    status: {_status_text(managed_job, status)}")
        position = None if job is None else job.queue_position()
        if position is not None:
            lines.append(f"    queue position: {position}")
        if status is JobStatus.ERROR:
            lines.append(f"    error: {managed_job.error_message()}")
    return lines


def set_lines(
    name: str,
    set_id: str,
    tags: Sequence[str],
    jobs: Sequence[ManagedJob],
    statuses: Sequence[JobStatus | None],
    *,
    detailed: bool,
) -> list[str]:
    """Return the report of one set."""
    lines = [
        f"Job set name: {name}",
        f"          ID: {set_id}",
        f"        tags: {', '.join(tags) or 'none'}",
        *summary_lines(statuses),
    ]
    return [*lines, *detail_lines(jobs, statuses)] if detailed else lines


def _status_text(managed_job: ManagedJob, status: JobStatus | None) -> str:
    if managed_job.job is None:
        return managed_job.submission_report() or "waits for its submission"
    return "unknown: the service did not say" if status is None else str(status.value)
