"""The HTML card of a job for notebooks: its states on a time line and its counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from qiskit.providers import JobStatus
from qiskit.providers.jobstatus import JOB_FINAL_STATES

from ibmq_backend._html import Bar, beside, card, chart
from ibmq_backend.job.histogram import histograms
from ibmq_backend.job.result import emulation_of, entries_of, failure_report, has_success
from ibmq_backend.job.tags import strip_submission_tag
from ibmq_backend.records import JobRecord
from ibmq_backend.units import to_local


def job_card(record: JobRecord, backend_name: str, provider: str) -> str:
    """Return the card of a job as far as it is known. No request is sent.

    Args:
        record: record of the job, with its result if it was read.
        backend_name: name of the backend.
        provider: instance and service as in the ``repr`` of objects.
    """
    failed = record.status == JobStatus.ERROR.name
    rows: dict[str, object] = {
        "backend": backend_name,
        "provider": provider,
        "status": _state(record),
        "created": record.created,
        "name": record.name,
        "tags": ", ".join(strip_submission_tag(record.tags or ())) or None,
    }
    if failed:
        reason = failure_report(record.result, record.error)
        rows["error"] = reason or "not read yet; job.error_message() reads it"
        rows["next step"] = record.error.hint if record.error else None
    elif record.status == JobStatus.DONE.name and record.result is None:
        rows["result"] = "not read yet; job.result() reads it"
    if JobStatus[record.status] in JOB_FINAL_STATES and not record.time_per_step:
        rows["times"] = "not read yet; job.time_per_step() reads them"
    if record.result is not None:
        rows["emulated"] = emulation_of(record.result)
    facts = card(f"Job {record.job_id}", rows) + _time_line(record.time_per_step or {})
    if record.result is None or not has_success(record.result):
        return facts
    entries = entries_of(record.result)
    return beside(facts, histograms(entries, len(entries)))


def _state(record: JobRecord) -> str:
    if JobStatus[record.status] in JOB_FINAL_STATES:
        return record.status
    queue = record.queue
    position = f", position {queue.position}" if queue and queue.position is not None else ""
    return f"{record.status}{position} (when last read; job.status() reads it again)"


def _time_line(steps: Mapping[str, datetime]) -> str:
    """Return a chart of the times that a job spent in each state; the last state has no end."""
    if not steps:
        return ""
    names, times = zip(*sorted(steps.items(), key=lambda item: item[1]), strict=True)
    whole = (times[-1] - times[0]) or timedelta(seconds=1)
    bars = []
    for name, begin, end in zip(names, times, (*times[1:], None), strict=True):
        share = (begin - times[0]) / whole
        bars.append(
            Bar(
                name,
                (f"{to_local(begin):%H:%M:%S}", "" if end is None else _duration(end - begin)),
                share,
                share if end is None else (end - times[0]) / whole,
                pale=name.upper() != JobStatus.RUNNING.name,
            )
        )
    day = to_local(times[0])
    return chart(f"Time line from {day:%Y-%m-%d}", ("State", "Since", "Duration"), bars)


def _duration(time: timedelta) -> str:
    """Return a duration with three digits, or as hours, minutes and seconds."""
    seconds = time.total_seconds()
    return f"{seconds:.3g} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))
