"""Changes of the status of jobs, and the log of these changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, update

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.store.schema import events, jobs
from ibmq_backend.emulator.store.statements import Statement

_CHANGE: Final = (
    update(jobs).where(jobs.c.id == bindparam("job_id")).values(revision=jobs.c.revision + 1)
)
UPDATE_JOB: Final = Statement(_CHANGE)
UPDATE_LEASED_JOB: Final = Statement(
    _CHANGE.where(
        jobs.c.status == bindparam("was"),
        jobs.c.lease_owner == bindparam("owner"),
        jobs.c.attempts == bindparam("attempt"),
        jobs.c.deleted.is_(False),
    )
)
_INSERT_EVENT: Final = Statement(insert(events))


def advanced_job(
    record: JobRecord, statuses: Sequence[str], now: int, values: Mapping[str, Any]
) -> tuple[JobRecord, dict[str, Any]]:
    """Return a job with further statuses, and the columns to set.

    Args:
        record: job.
        statuses: new statuses, in order.
        now: current time, in milliseconds since 1970.
        values: further columns to set.

    Raises:
        ValueError: if a status may not follow the previous one.
    """
    steps = lifecycle.extend_steps(record.steps, statuses, now)
    status, last = steps[-1]
    final = status in lifecycle.FINAL
    if final:
        values = {**values, "end_ms": last, "lease_owner": None, "lease_until_ms": None}
    changed = {"status": status, "final": final, "steps": steps, "last_step_ms": last, **values}
    return replace(record, revision=record.revision + 1, **changed), changed


def log_steps(connection: Connection, *records: JobRecord, count: int = 1) -> None:
    """Add the last ``count`` steps of each job to its history."""
    _INSERT_EVENT.execute(
        connection,
        *(
            {
                "job_id": record.id,
                "at_ms": at,
                "status": status,
                "owner": record.lease_owner,
                "attempt": record.attempts,
            }
            for record in records
            for status, at in record.steps[-count:]
        ),
    )
