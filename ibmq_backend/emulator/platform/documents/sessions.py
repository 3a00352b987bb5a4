"""Documents of sessions and batches."""

from __future__ import annotations

from typing import Any

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import wire_time
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.platform.state.sessions import Session


def session_document(session: Session, records: list[JobRecord]) -> dict[str, Any]:
    """Return the reply of ``getSession`` and ``createSession``.

    Args:
        session: the session.
        records: the jobs of the session.
    """
    started = [dict(record.steps).get(lifecycle.RUNNING) for record in records]
    last_started = max((at for at in started if at is not None), default=None)
    ended = [record.end_ms for record in records if record.end_ms is not None]
    last_ended = max(ended, default=None)
    document: dict[str, Any] = {
        "id": session.id,
        "backend_name": session.backend_name,
        "mode": session.mode,
        "state": session.state,
        "state_reason": session.state_reason,
        "accepting_jobs": session.accepting_jobs,
        "max_ttl": session.max_ttl,
        "active_ttl": session.max_ttl,
        "interactive_ttl": session.interactive_ttl,
        "timestamps": session.timestamps,
        "user_id": f"IBMid-{session.user_id}",
        "elapsed_time": None,
    }
    times = {
        "started_at": session.created_ms,
        "activated_at": session.activated_ms,
        "closed_at": session.closed_ms,
        "last_job_started": last_started,
        "last_job_completed": last_ended,
    }
    document.update({name: wire_time(at) for name, at in times.items() if at is not None})
    if session.closed_ms is not None:
        since = session.activated_ms or session.closed_ms
        document["elapsed_time"] = max(0, session.closed_ms - since) / 1000
    return document
