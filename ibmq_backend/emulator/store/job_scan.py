"""The jobs of a user in a project, read in chunks in the order of their creation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Integer, Text, bindparam, cast, literal, or_, select

from ibmq_backend.emulator.core.records import JOB_COLUMNS, Instance, JobRecord
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import jobs
from ibmq_backend.emulator.store.statements import Statement

_FIRST_CHUNK: Final = 50
_MAX_CHUNK: Final = 800
_END_OF_TIME: Final = 2**62


@dataclass(frozen=True)
class Selection:
    """Which jobs of a user in a project are read; None stands for no condition.

    Attributes:
        earliest: earliest creation time, in milliseconds since 1970.
        latest: latest creation time, in milliseconds since 1970.
        backend_names: possible backends.
        statuses: possible statuses.
        tags: texts of which at least one is a tag. Jobs with similar tags are read too.
        offset: number of jobs to leave out.
        ascending: oldest first; otherwise newest first.
    """

    earliest: int | None = None
    latest: int | None = None
    backend_names: tuple[str, ...] | None = None
    statuses: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    offset: int = 0
    ascending: bool = False


def scan_jobs(
    store: Store, user_id: str, dialect: str, instance: Instance, selection: Selection
) -> Iterator[JobRecord]:
    """Yield the jobs of a user in a project, one transaction for each chunk.

    Args:
        store: the database.
        user_id: id of the user.
        dialect: dialect of the jobs.
        instance: project.
        selection: which jobs, and in which order.
    """
    fixed = replace(selection, earliest=None, latest=None, offset=0)
    statement = _statement(fixed)
    values: dict[str, Any] = {
        "owner": user_id,
        "spoken": dialect,
        "hub": instance.hub,
        "group": instance.group,
        "project": instance.project,
        "earliest": max(selection.earliest or 0, 0),
        "latest": _END_OF_TIME if selection.latest is None else min(selection.latest, _END_OF_TIME),
        "offset": selection.offset,
        "size": _FIRST_CHUNK,
    }
    while True:
        with store.read() as connection:
            chunk = [JobRecord(*row) for row in statement.rows(connection, values)]
        yield from chunk
        if len(chunk) < values["size"]:
            return
        if selection.ascending:
            values["earliest"] = chunk[-1].creation_ms + 1
        else:
            values["latest"] = chunk[-1].creation_ms - 1
        values |= {"offset": 0, "size": min(2 * values["size"], _MAX_CHUNK)}


@lru_cache(maxsize=32)
def _statement(selection: Selection) -> Statement:
    row = jobs.c
    query = (
        select(*(row[name] for name in JOB_COLUMNS))
        .where(
            row.user_id == bindparam("owner"),
            row.dialect == bindparam("spoken"),
            row.hub == bindparam("hub"),
            row.group_name == bindparam("group"),
            row.project == bindparam("project"),
            row.deleted.is_(False),
            row.creation_ms >= bindparam("earliest"),
            row.creation_ms <= bindparam("latest"),
        )
        .limit(bindparam("size", type_=Integer))
        .offset(bindparam("offset", type_=Integer))
    )
    if selection.backend_names is not None:
        query = query.where(row.backend_name.in_(map(literal, selection.backend_names)))
    if selection.statuses is not None:
        query = query.where(row.status.in_(map(literal, selection.statuses)))
    if selection.tags is not None:
        stored = cast(row.tags, Text)
        query = query.where(
            or_(*(stored.contains(json.dumps(tag), autoescape=True) for tag in selection.tags))
        )
    order = row.creation_ms.asc() if selection.ascending else row.creation_ms.desc()
    return Statement(query.order_by(order))
