"""Entries of the common list of jobs and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ibmq_backend.emulator.core.clock import wire_time
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.platform.documents.jobs import (
    CANCELLED,
    COMPLETED,
    FAILED,
    QUEUED,
    RUNNING,
    get_end_time,
    get_state,
    usage_document,
)
from ibmq_backend.emulator.platform.documents.versions import METRICS_IN_USAGE
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.platform.state.runs import Run
from ibmq_backend.emulator.platform.state.sessions import BATCH, CLOSED, OPEN, Session

Document = dict[str, Any]

STATUSES: Final = {
    QUEUED: "pending",
    RUNNING: "in_progress",
    COMPLETED: "completed",
    CANCELLED: "canceled",
    FAILED: "failed",
}
MODES: Final = ("job", "session", "batch")


@dataclass(frozen=True)
class Workload:
    """An entry of the list.

    Attributes:
        created_ms: time of creation, in milliseconds since 1970.
        document: the document of the entry.
    """

    created_ms: int
    document: Document


def make_job_entry(record: JobRecord, run: Run, instance: ServiceInstance) -> Workload:
    """Return the entry of a job."""
    document: Document = {
        "id": record.id,
        "created": wire_time(record.creation_ms),
        "backend": record.backend_name,
        "instance": instance.crn,
        "user_id": f"IBMid-{record.user_id}",
        "accepting_jobs": None,
        "mode": "job",
        "status": STATUSES[get_state(record)],
        "tags": list(record.tags),
        "usage_seconds": run.charged_ms / 1000,
        "usage": usage_document(record, run, METRICS_IN_USAGE),
        "estimated_running_time_seconds": run.estimate_ms / 1000,
    }
    ended = get_end_time(record)
    if ended is not None:
        document["ended"] = ended
    if record.error is not None:
        document["status_reason"] = str(record.error["message"])
    return Workload(record.creation_ms, document)


def make_session_entry(
    session: Session, runs: Sequence[tuple[JobRecord, Run]], instance: ServiceInstance
) -> Workload:
    """Return the entry of a session or batch.

    Args:
        session: the session.
        runs: the jobs of the session.
        instance: the instance of the session.
    """
    charged = sum(run.charged_ms for _, run in runs) / 1000
    closed = session.state == CLOSED
    status = "completed" if closed else "pending" if session.state == OPEN else "in_progress"
    document: Document = {
        "id": session.id,
        "created": wire_time(session.created_ms),
        "backend": session.backend_name,
        "instance": instance.crn,
        "user_id": f"IBMid-{session.user_id}",
        "accepting_jobs": session.accepting_jobs,
        "mode": "batch" if session.mode == BATCH else "session",
        "status": status,
        "tags": [],
        "usage_seconds": charged,
        "usage": {
            "qpu_charge_time_seconds": charged,
            "status": "complete" if closed else "pending",
        },
    }
    if session.closed_ms is not None:
        document["ended"] = wire_time(session.closed_ms)
    return Workload(session.created_ms, document)
