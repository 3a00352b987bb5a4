"""Prints the state of a job until it ends."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Final, TextIO

from qiskit.providers.jobstatus import JOB_FINAL_STATES, JobStatus

from ibmq_backend._secrets.redact import printable_lines
from ibmq_backend.backoff import Backoff
from ibmq_backend.job.job import IBMQJob, record_of

__all__ = ["job_monitor"]

INTERVALS: Final = Backoff(first=0.25, growth=2.0, longest=5.0)
"""The pauses between two questions, where no interval is given."""


def job_monitor(job: IBMQJob, interval: float | None = None, output: TextIO | None = None) -> None:
    """Print the state of a job on one line until it ends.

    While it waits with its place in the queue and the estimated wait, while it runs with the
    scheduling mode, and when it has failed with the reason.

    Args:
        job: the job to watch.
        interval: seconds between two questions; grows by itself when not given.
        output: where to print; standard output when not given.

    Raises:
        IBMQJobApiError: a call failed.

    Wire: getJobStatus per round; getJob at the end. Source: ``job_monitor`` of
    qiskit-ibmq-provider 0.20.2.
    """
    out = output or sys.stdout
    intervals = INTERVALS if interval is None else Backoff(float(interval))
    longest = 0
    for pause in intervals.pauses():
        status = job.status()
        line = printable_lines(f"Job Status: {_describe(job, status)}")
        longest = max(longest, len(line))
        print("\r" + line.ljust(longest), end="", file=out, flush=True)
        if status in JOB_FINAL_STATES:
            print(file=out, flush=True)
            return
        time.sleep(pause)


def _describe(job: IBMQJob, status: JobStatus) -> str:
    text = str(status.value)
    if status is JobStatus.QUEUED:
        position = job.queue_position()
        if position is not None:
            text += f" ({position})"
        start = _estimated_start(job)
        if start is not None:
            text += f" [Est. wait time: {_in_words(start - datetime.now(UTC))}]"
    elif status is JobStatus.RUNNING:
        mode = job.scheduling_mode()
        if mode:
            text += f" - {mode}"
    elif status is JobStatus.ERROR:
        text += f" - {job.error_message()}"
    return text


def _in_words(wait: timedelta) -> str:
    """Return a time span as ``1 hr 2 min 3 sec``, without the parts that are zero at its start."""
    minutes, seconds = divmod(max(0, round(wait.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hr"), (minutes, "min"), (seconds, "sec")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{count} {unit}" for count, unit in parts)


def _estimated_start(job: IBMQJob) -> datetime | None:
    queue = record_of(job).queue
    return None if queue is None else queue.estimated_start
