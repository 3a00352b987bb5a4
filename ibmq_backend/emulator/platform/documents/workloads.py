"""Jobs and sessions in one list, by time of creation, a page at a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ibmq_backend.emulator.core.clock import milliseconds, parse_moment, wire_time
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents.jobs import (
    CANCELLED,
    COMPLETED,
    FAILED,
    QUEUED,
    RUNNING,
    ended_at,
    state_of,
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
    """One entry.

    Attributes:
        created_ms: When it was created.
        document: How it is written on the wire.
    """

    created_ms: int
    document: Document


@dataclass(frozen=True)
class Wanted:
    """What ``listWorkloads`` is asked for; None and empty for anything."""

    backend: str | None = None
    search: str | None = None
    statuses: tuple[str, ...] = ()
    mode: str | None = None
    earliest: int | None = None
    latest: int | None = None
    tags: tuple[str, ...] = ()

    def fits(self, workload: Workload) -> bool:
        """Whether an entry is wanted."""
        found = workload.document
        return (
            self.backend in (None, found["backend"])
            and self.mode in (None, found["mode"])
            and (not self.statuses or found["status"] in self.statuses)
            and (self.earliest is None or workload.created_ms >= self.earliest)
            and (self.latest is None or workload.created_ms <= self.latest)
            and set(self.tags) <= set(found["tags"])
            and (
                self.search is None
                or self.search == found["id"]
                or any(self.search.lower() in tag.lower() for tag in found["tags"])
            )
        )


def of_job(record: JobRecord, run: Run, instance: ServiceInstance) -> Workload:
    """The entry of a job."""
    document: Document = {
        "id": record.id,
        "created": wire_time(record.creation_ms),
        "backend": record.backend_name,
        "instance": instance.crn,
        "user_id": f"IBMid-{record.user_id}",
        "accepting_jobs": None,
        "mode": "job",
        "status": STATUSES[state_of(record)],
        "tags": list(record.tags),
        "usage_seconds": run.charged_ms / 1000,
        "usage": usage_document(record, run, METRICS_IN_USAGE),
        "estimated_running_time_seconds": run.estimate_ms / 1000,
    }
    ended = ended_at(record)
    if ended is not None:
        document["ended"] = ended
    if record.error is not None:
        document["status_reason"] = str(record.error["message"])
    return Workload(record.creation_ms, document)


def of_session(
    session: Session, runs: Sequence[tuple[JobRecord, Run]], instance: ServiceInstance
) -> Workload:
    """The entry of a session or batch.

    Args:
        session: The session.
        runs: Its jobs.
        instance: Its instance.
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


def page_of(
    workloads: Sequence[Workload],
    *,
    descending: bool,
    limit: int,
    after: str | None,
    before: str | None,
) -> tuple[list[Workload], str | None, str | None]:
    """One page of entries.

    Args:
        workloads: All entries that are wanted, in any order.
        descending: Whether the newest come first.
        limit: The size of the page.
        after: The cursor of the entry before the page.
        before: The cursor of the entry behind the page; ``after`` goes first.

    Returns:
        The page, and the cursors of the one before it and the one behind it; None where there is
        none.

    Raises:
        PlatformError: 400/1208, a cursor is none of this service.
    """
    ordered = sorted(workloads, key=lambda one: one.created_ms, reverse=descending)
    times = [-one.created_ms if descending else one.created_ms for one in ordered]
    start = 0
    if after is not None:
        start = sum(time <= _signed(after, descending) for time in times)
    elif before is not None:
        start = max(0, sum(time < _signed(before, descending) for time in times) - limit)
    page = ordered[start : start + limit]
    earlier = _cursor(page[0]) if page and start > 0 else None
    later = _cursor(page[-1]) if page and start + limit < len(ordered) else None
    return page, earlier, later


def _signed(cursor: str, descending: bool) -> int:
    try:
        moment = parse_moment(base64.b64decode(cursor, validate=True).decode("ascii"))
    except (binascii.Error, ValueError) as error:
        raise errors.invalid("The cursor is not one of this service.") from error
    if moment is None:
        raise errors.invalid("The cursor is not one of this service.")
    at = milliseconds(moment)
    return -at if descending else at


def _cursor(workload: Workload) -> str:
    return base64.b64encode(wire_time(workload.created_ms).encode()).decode()
