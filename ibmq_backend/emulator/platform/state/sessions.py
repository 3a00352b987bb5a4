"""Sessions and batches: groups of jobs.

Their states depend on their jobs and the clock, and are updated whenever they are read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment, wire_time
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.platform.state.runs import Runs
from ibmq_backend.emulator.store.jobs import JobStore
from ibmq_backend.emulator.store.schema import job_sessions

OPEN: Final = "open"
ACTIVE: Final = "active"
INACTIVE: Final = "inactive"
CLOSED: Final = "closed"
BATCH: Final = "batch"
DEDICATED: Final = "dedicated"
INTERACTIVE_SECONDS: Final = 60
_CLOSED_ERROR: Final = {
    "message": "The session was closed before the job ran",
    "code": ErrorCode.SESSION_CLOSED,
}


@dataclass(frozen=True, slots=True)
class Session:
    """A row of the table of sessions; times are in milliseconds, lifetimes in seconds."""

    id: str
    user_id: str
    instance_id: str
    backend_name: str | None
    mode: str
    max_ttl: int
    interactive_ttl: int
    accepting_jobs: bool
    state: str
    state_reason: str
    created_ms: int
    activated_ms: int | None
    closed_ms: int | None
    timestamps: list[dict[str, Any]]


_FIELDS: Final = tuple(field.name for field in fields(Session))


class Sessions:
    """The sessions of a service.

    Args:
        jobs: the jobs of all dialects.
        runs: the jobs of the platform dialect.
    """

    def __init__(self, jobs: JobStore, runs: Runs) -> None:
        self._jobs = jobs
        self._store = jobs.store
        self._runs = runs

    def create(
        self,
        *,
        account: Account,
        instance: ServiceInstance,
        backend_name: str | None,
        mode: str,
        max_ttl: int | None,
    ) -> Session:
        """Open a session or a batch; its lifetime is limited to that of the plan.

        Raises:
            PlatformError: 403/1352, the plan does not include sessions.
            SessionQuotaExceeded: the user has too many sessions.
        """
        plan = instance.plan
        if mode == DEDICATED and not plan.dedicated_sessions:
            raise errors.plan_without("dedicated sessions")
        session_id, now = str(uuid.uuid4()), self._jobs.now()
        with self._store.write() as connection:
            # The lock on the counter serializes creations, so that the count is exact.
            self._store.next_number(connection, "session")
            self._jobs.quotas.check_sessions(connection, account.user_id, now)
            connection.execute(
                insert(job_sessions).values(
                    id=session_id,
                    user_id=account.user_id,
                    instance_id=instance.guid,
                    backend_name=backend_name,
                    mode=mode,
                    max_ttl=min(max_ttl or plan.max_session_seconds, plan.max_session_seconds),
                    interactive_ttl=INTERACTIVE_SECONDS,
                    accepting_jobs=True,
                    state=OPEN,
                    state_reason="session_created",
                    created_ms=now,
                    activated_ms=None,
                    closed_ms=None,
                    timestamps=[{"status": OPEN, "timestamp": wire_time(now)}],
                )
            )
        return self.get(session_id, account, instance)

    def get(self, session_id: str, account: Account, instance: ServiceInstance) -> Session:
        """Return a session of a user in an instance, with its current state.

        Raises:
            PlatformError: 404, the session is unknown.
        """
        session = self._find(session_id)
        if (
            session is None
            or session.user_id != account.user_id
            or session.instance_id != instance.guid
        ):
            raise errors.session_not_found(session_id)
        return self._refreshed(session)

    def all(self, instance: ServiceInstance, user_id: str | None = None) -> list[Session]:
        """Return the sessions of an instance, of one user or of all users, oldest first."""
        row = job_sessions.c
        conditions = [row.instance_id == instance.guid]
        if user_id is not None:
            conditions.append(row.user_id == user_id)
        with self._store.read() as connection:
            found = connection.execute(
                select(job_sessions).where(*conditions).order_by(row.created_ms)
            )
            sessions = [_session(one._mapping) for one in found]
        return [self._refreshed(one) for one in sessions]

    def check_open(
        self, session_id: str, account: Account, instance: ServiceInstance, backend_name: str
    ) -> None:
        """Check that a session accepts a new job.

        Raises:
            PlatformError: 404, the session is unknown; 400/1217, the session accepts no jobs;
                400/1208, the session uses another device.
        """
        session = self.get(session_id, account, instance)
        if session.state == CLOSED or not session.accepting_jobs:
            raise errors.session_closed(session_id)
        if session.backend_name not in (None, backend_name):
            raise errors.invalid(f"The session is on the backend {session.backend_name}.")
        if session.backend_name is None:
            self._set(session, backend_name=backend_name)

    def stop_accepting(self, session: Session) -> None:
        """Stop accepting jobs; a session without unfinished jobs closes immediately."""
        if session.state != CLOSED:
            self._set(session, accepting_jobs=False)
            self._refreshed(self._require(session.id))

    def close(self, session: Session) -> None:
        """Close a session: waiting jobs fail, running jobs finish."""
        for record in self._runs.list_session_jobs(session.id):
            if not record.final:
                self._runs.end(record, _CLOSED_ERROR)
        if session.state != CLOSED:
            self._enter(session, CLOSED, "session_closed", self._jobs.now())

    def list_jobs(self, session: Session) -> list[JobRecord]:
        """Return the jobs of a session, oldest first."""
        return self._runs.list_session_jobs(session.id)

    def _refreshed(self, session: Session) -> Session:
        """Return a session after updating its state."""
        while session.state != CLOSED:
            end = (session.activated_ms or session.created_ms) + session.max_ttl * 1000
            if self._jobs.now() >= end:
                self.close(session)
                return self._require(session.id)
            step = self._next_step(session, self._runs.list_session_jobs(session.id))
            if step is None:
                break
            session = self._enter(session, *step)
        return session

    def _next_step(self, session: Session, listed: list[JobRecord]) -> tuple[str, str, int] | None:
        """Return the next state of a session, its reason and its start; None for no change."""
        now = self._jobs.now()
        busy = any(not record.final for record in listed)
        started = sorted(
            at for one in listed for step, at in one.steps if step == lifecycle.RUNNING
        )
        if session.state == OPEN and started:
            return ACTIVE, "session_activated", started[0]
        if not session.accepting_jobs and not busy:
            return CLOSED, "session_closed_early", now
        if session.state == ACTIVE and not busy:
            idle_since = max((record.end_ms or now for record in listed), default=now)
            inactive_since = idle_since + session.interactive_ttl * 1000
            if now >= inactive_since:
                return INACTIVE, "session_inactivated_by_interactive_ttl", inactive_since
        if session.state == INACTIVE:
            since = parse_moment(session.timestamps[-1]["timestamp"])
            assert since is not None  # written by this class
            newer = [at for at in started if at >= milliseconds(since)]
            if newer:
                return ACTIVE, "session_activated", newer[0]
        return None

    def _enter(self, session: Session, state: str, reason: str, at: int) -> Session:
        values: dict[str, Any] = {"state": state, "state_reason": reason}
        if state == ACTIVE and session.activated_ms is None:
            values["activated_ms"] = at
        if state == CLOSED:
            values.update(closed_ms=at, accepting_jobs=False)
        steps = [*session.timestamps, {"status": state, "timestamp": wire_time(at)}]
        self._set(session, timestamps=steps, **values)
        return self._require(session.id)

    def _set(self, session: Session, **values: Any) -> None:
        with self._store.write() as connection:
            connection.execute(
                update(job_sessions).where(job_sessions.c.id == session.id).values(**values)
            )

    def _require(self, session_id: str) -> Session:
        session = self._find(session_id)
        if session is None:
            raise errors.session_not_found(session_id)
        return session

    def _find(self, session_id: str) -> Session | None:
        with self._store.read() as connection:
            return _select(connection, session_id)


def _select(connection: Connection, session_id: str) -> Session | None:
    row = connection.execute(select(job_sessions).where(job_sessions.c.id == session_id)).first()
    return None if row is None else _session(row._mapping)


def _session(values: Mapping[Any, Any]) -> Session:
    return Session(**{name: values[name] for name in _FIELDS})
