"""Lists of jobs of all projects and dialects, page by page, and what has changed in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select

from ibmq_backend.emulator.core.records import JobRecord, job_record
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import events, jobs

__all__ = ["Change", "JobFilter", "JobLists"]

PAGE_JOBS: Final = 50
_MAX_CHANGES: Final = 500
_END_OF_TIME: Final = 2**62


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list.

    Attributes:
        user_id: their owner; None for all users.
        backend_name: their device; None for all devices.
        statuses: their statuses; empty for all.
        text: beginning of their id, or part of their name in any case; empty for all.
    """

    user_id: str | None = None
    backend_name: str | None = None
    statuses: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A status that a job has entered.

    Attributes:
        sequence: number of the change; later ones have larger numbers.
        job_id: id of the job.
        user_id: its owner.
        status: the status.
    """

    sequence: int
    job_id: str
    user_id: str
    status: str


class JobLists:
    """Lists of stored jobs.

    Args:
        store: database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, chosen: JobFilter, before_ms: int | None = None, limit: int = PAGE_JOBS
    ) -> list[JobRecord]:
        """Return the newest jobs, newest first.

        Args:
            chosen: which jobs.
            before_ms: only jobs created before this time, in milliseconds since 1970; the creation
                time of the last job of a page leads to the next page.
            limit: maximum number of jobs.
        """
        if "\0" in f"{chosen.user_id}{chosen.backend_name}{chosen.text}":
            return []  # PostgreSQL rejects such texts
        with self._store.read() as connection:
            found = connection.execute(page_query(chosen, before_ms).limit(limit))
            return [job_record(row) for row in found]

    def owners(self) -> list[str]:
        """Return the ids of all users who have jobs."""
        with self._store.read() as connection:
            found = connection.execute(select(jobs.c.user_id).distinct())
            return [row.user_id for row in found]

    def last_change(self) -> int:
        """Return the number of the latest change of any job; 0 without one."""
        with self._store.read() as connection:
            return int(connection.execute(select(func.max(events.c.sequence))).scalar() or 0)

    def changes_after(self, sequence: int) -> list[Change]:
        """Return the oldest changes after the one with this number, at most 500."""
        query = (
            select(events.c.sequence, events.c.job_id, jobs.c.user_id, events.c.status)
            .join(jobs, jobs.c.id == events.c.job_id)
            .where(events.c.sequence > sequence)
            .order_by(events.c.sequence)
            .limit(_MAX_CHANGES)
        )
        with self._store.read() as connection:
            return [Change(*row) for row in connection.execute(query)]


def page_query(chosen: JobFilter, before_ms: int | None = None) -> Select[Any]:
    """Return the query of a page; it follows an index of creation times from the newest job."""
    row = jobs.c
    before = _END_OF_TIME if before_ms is None else min(before_ms, _END_OF_TIME)
    conditions: list[ColumnElement[bool]] = [row.creation_ms < before, row.deleted.is_(False)]
    if chosen.user_id is not None:
        conditions.append(row.user_id == chosen.user_id)
    # An expression instead of the column: with an index of statuses or devices, the database would
    # find and sort all these jobs for each page.
    if chosen.backend_name is not None:
        conditions.append(row.backend_name.concat("") == chosen.backend_name)
    if chosen.statuses:
        conditions.append(row.status.concat("").in_(chosen.statuses))
    if chosen.text:
        by_id = row.id.startswith(chosen.text.lower(), autoescape=True)
        conditions.append(or_(by_id, row.name.icontains(chosen.text, autoescape=True)))
    return select(jobs).where(*conditions).order_by(row.creation_ms.desc())
