"""Totals for each user, so that a check of a quota does not read all jobs of the user.

A total is computed when it is first needed, and updated in the transactions that change it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, literal, select, update

from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import counters, jobs
from ibmq_backend.emulator.store.statements import Statement

KEPT_JOBS: Final = "jobs of "
STORED_BYTES: Final = "stored bytes of "

_ADD: Final = Statement(
    update(counters)
    .where(counters.c.name == bindparam("total"))
    .values(value=counters.c.value + bindparam("more"))
)

_ADD_FOR_JOB: Final = Statement(
    update(counters)
    .where(
        counters.c.name
        == literal(STORED_BYTES)
        + select(jobs.c.user_id).where(jobs.c.id == bindparam("job_id")).scalar_subquery()
    )
    .values(value=counters.c.value + bindparam("more"))
)

_READ: Final = Statement(select(counters.c.value).where(counters.c.name == bindparam("total")))


def add_jobs(connection: Connection, user_id: str, more: int) -> None:
    """Add to the number of jobs of a user, within a transaction."""
    _ADD.execute(connection, {"total": f"{KEPT_JOBS}{user_id}", "more": more})


def add_bytes(connection: Connection, job_id: str, more: int) -> None:
    """Add to the size of the data of the user of a job, within a transaction."""
    if more:
        _ADD_FOR_JOB.execute(connection, {"job_id": job_id, "more": more})


def read_total(
    store: Store,
    connection: Connection,
    kind: str,
    user_id: str,
    computed: Select[Any],
    *,
    keep: bool = True,
) -> int:
    """Return a total, within a transaction.

    Args:
        store: the database.
        connection: transaction.
        kind: ``KEPT_JOBS`` or ``STORED_BYTES``.
        user_id: id of the user.
        computed: computes the total from the jobs of the user.
        keep: whether to store a computed total; the transaction must be one that writes.
    """
    name = f"{kind}{user_id}"
    found = _READ.scalar(connection, {"total": name})
    if found is None:
        found = connection.execute(computed).scalar() or 0
        if keep:
            store.insert_missing(connection, counters, {"name": name, "value": int(found)})
    return int(found)


def forget_totals(connection: Connection) -> None:
    """Have all totals computed again, within a transaction that deletes jobs of many users."""
    for kind in (KEPT_JOBS, STORED_BYTES):
        connection.execute(delete(counters).where(counters.c.name.startswith(kind)))
