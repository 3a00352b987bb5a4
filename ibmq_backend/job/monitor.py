"""``job_monitor``, which prints the state of a job until it ends."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import TextIO

from qiskit.providers.jobstatus import JOB_FINAL_STATES, JobStatus

from ibmq_backend._errors.suggestions import suggests_keywords
from ibmq_backend._secrets.redact import printable_lines
from ibmq_backend.job.job import IBMQJob, record_of
from ibmq_backend.job.wait import POLLING, noting_interrupts

__all__ = ["job_monitor"]


@suggests_keywords
def job_monitor(job: IBMQJob, interval: float | None = None, output: TextIO | None = None) -> None:
    """Print the state of a job on one line until it ends.

    The line shows the queue position and estimated wait of a queued job, the scheduling mode of a
    running job, and the reason why a job failed.

    Args:
        job: the job to monitor.
        interval: seconds between two requests; by default they grow
            with the time waited, from 0.1 to 45.
        output: text stream to print to; by default standard output.

    Raises:
        IBMQJobApiError: a call failed.

    Wire: getJobStatus until the job has ended; getJob once it runs. Source: ``job_monitor`` of
    qiskit-ibmq-provider 0.20.2.

    Example:
        >>> from ibmq_backend import IBMQ, job_monitor
        >>> from qiskit import QuantumCircuit
        >>> backend = IBMQ.enable_local().get_backend("ibmq_qasm_simulator")
        >>> circuit = QuantumCircuit(1)
        >>> circuit.measure_all()
        >>> job = backend.run(circuit)
        >>> _ = job.result()
        >>> job_monitor(job)  # doctest: +NORMALIZE_WHITESPACE
        Job Status: job has successfully run
        >>> IBMQ.disable_account()
    """
    out = output or sys.stdout
    pauses = POLLING.pauses(time.monotonic) if interval is None else repeat(float(interval))
    longest = 0
    with noting_interrupts(job.job_id()):
        for pause in pauses:
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
    """Return a time span as ``1 hr 2 min 3 sec``, without leading parts that are zero."""
    minutes, seconds = divmod(max(0, round(wait.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hr"), (minutes, "min"), (seconds, "sec")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{count} {unit}" for count, unit in parts)


def _estimated_start(job: IBMQJob) -> datetime | None:
    queue = record_of(job).queue
    return None if queue is None else queue.estimated_start
