"""Reports of job sets as text, and as HTML for notebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from qiskit.providers import JobStatus

from ibmq_backend._html import card, note, table
from ibmq_backend.managed.managed_job import ManagedJob

MAX_TABLE_ROWS: Final = 100
"""Number of jobs of a set that a notebook shows."""

_ROWS: Final = (
    ("Successful jobs", (JobStatus.DONE,)),
    ("Failed jobs", (JobStatus.ERROR,)),
    ("Not submitted", (None,)),
    ("Cancelled jobs", (JobStatus.CANCELLED,)),
    ("Running jobs", (JobStatus.RUNNING,)),
    ("Pending jobs", (JobStatus.INITIALIZING, JobStatus.VALIDATING, JobStatus.QUEUED)),
)


def summary_lines(statuses: Sequence[JobStatus | None]) -> list[str]:
    """Return the numbers of jobs in each state."""
    counted = Counter(statuses)
    rows = [(label, sum(counted[status] for status in group)) for label, group in _ROWS]
    shown = [("Total jobs", len(statuses)), *((label, n) for label, n in rows if n)]
    return ["Summary report:", *(f"  {label:>17}: {count}" for label, count in shown)]


def detail_lines(jobs: Sequence[ManagedJob], statuses: Sequence[JobStatus | None]) -> list[str]:
    """Return a paragraph for each job. Wire: as ``IBMQJob.error_message`` for failed jobs."""
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


def set_html(name: str, set_id: str, tags: Sequence[str], jobs: Sequence[ManagedJob]) -> str:
    """Return a card of a set and a table of its jobs as last read. No request is sent."""
    rows = [
        (
            each.number,
            f"{each.start_index}-{each.end_index}",
            None if each.job is None else each.job.job_id(),
            each.submission_report() or _known_state(each),
        )
        for each in jobs[:MAX_TABLE_ROWS]
    ]
    facts = {"id": set_id, "tags": ", ".join(tags) or None, "jobs": len(jobs)}
    more = len(jobs) - len(rows)
    return (
        card(f"Job set {name}", facts)
        + table("Jobs", ("Index", "Experiments", "Id", "Status"), rows)
        + (note(f"{more} more jobs: job_set.report() describes all.") if more else "")
    )


def _known_state(managed_job: ManagedJob) -> str:
    status = managed_job.known_status
    position = None if managed_job.job is None else managed_job.job.queue_position()
    text = "unknown" if status is None else status.name
    return text if position is None else f"{text}, position {position}"


def _status_text(managed_job: ManagedJob, status: JobStatus | None) -> str:
    if managed_job.job is None:
        return managed_job.submission_report() or "not submitted yet"
    return "unknown, since it could not be read" if status is None else str(status.value)
