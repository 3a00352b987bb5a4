"""Deletion of the oldest finished jobs, so that the database of a user does not grow forever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, func, select, update

from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import events, job_data, jobs, meta, program_runs
from ibmq_backend.emulator.store.totals import forget_totals

_DAY_MS: Final = 86_400_000
_CHUNK_JOBS: Final = 100
_LAST_PRUNING: Final = "pruned_ms"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long finished jobs are kept. Unfinished jobs always are.

    Attributes:
        days: days after the end of a job.
        max_jobs: number of jobs; above it, the oldest are deleted.
        max_bytes: size of the database file in use; above it, the oldest jobs are deleted.
    """

    days: float
    max_jobs: int
    max_bytes: int


USER_RETENTION: Final = Retention(days=180, max_jobs=50_000, max_bytes=1_000_000_000)
"""Half a year covers a semester and the time from a run to a paper's revision; 1 GB is some
100,000 small jobs, or 1,000 jobs with all their shots in memory, and fits in a home folder."""


def prune(
    store: Store,
    now_ms: int,
    retention: Retention,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Delete finished jobs that are not to be kept, at most once a day for all services.

    Each transaction is short, so other services can write in between.

    Args:
        store: SQLite database.
        now_ms: current time, in milliseconds since 1970.
        retention: which jobs to keep.
        stopping: whether to leave the rest to a later call; asked before each transaction.

    Returns:
        The number of deleted jobs.
    """
    if not _is_due(store, now_ms):
        return 0
    row = jobs.c
    # With "IS true", SQLite would find and sort all finished jobs for each chunk.
    finished = select(row.id).where(row.final.is_not(False)).order_by(row.creation_ms)
    old = finished.where(row.end_ms < now_ms - int(retention.days * _DAY_MS))
    deleted = sum(_delete(store, old, stopping))
    with store.read() as connection:
        surplus = connection.execute(select(func.count()).select_from(jobs)).scalar_one()
    surplus -= retention.max_jobs
    for count in _delete(store, finished, stopping) if surplus > 0 else ():
        deleted, surplus = deleted + count, surplus - count
        if surplus <= 0:
            break
    while store.used_bytes() > retention.max_bytes:
        count = next(_delete(store, finished, stopping), 0)
        if not count:
            break
        deleted += count
    if deleted and not stopping():
        store.return_free_space()
    return deleted


def _is_due(store: Store, now_ms: int) -> bool:
    last = select(meta.c.value).where(meta.c.key == _LAST_PRUNING)
    with store.read() as connection:
        if not _is_long_ago(connection, last, now_ms):
            return False
    with store.write() as connection:  # other services may have been faster
        if not _is_long_ago(connection, last, now_ms):
            return False
        values = {"key": _LAST_PRUNING, "value": str(now_ms)}
        store.insert_missing(connection, meta, values)
        connection.execute(update(meta).where(meta.c.key == _LAST_PRUNING).values(**values))
    return True


def _is_long_ago(connection: Connection, last: Select[Any], now_ms: int) -> bool:
    # After the clock was set back the time of the last pruning lies in the future.
    return abs(now_ms - int(connection.execute(last).scalar_one_or_none() or 0)) >= _DAY_MS


def _delete(
    store: Store, chosen: Select[tuple[str]], stopping: Callable[[], bool]
) -> Iterator[int]:
    """Delete chunks of the chosen jobs, and yield the size of each chunk."""
    while not stopping():
        with store.write() as connection:
            ids = [found.id for found in connection.execute(chosen.limit(_CHUNK_JOBS))]
            for table, column in (
                (job_data, job_data.c.job_id),
                (events, events.c.job_id),
                (program_runs, program_runs.c.job_id),
                (jobs, jobs.c.id),
            ):
                connection.execute(delete(table).where(column.in_(ids)))
            forget_totals(connection)
        if not ids:
            return
        yield len(ids)
