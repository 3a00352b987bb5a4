"""The jobs of a user in a project, read in chunks in the order of their creation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Text, cast, or_, select

from ibmq_backend.emulator.core.records import Instance, JobRecord, job_record
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import jobs

_FIRST_CHUNK: Final = 50
_MAX_CHUNK: Final = 800


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
    row = jobs.c
    query = select(jobs).where(
        row.user_id == user_id,
        row.dialect == dialect,
        row.hub == instance.hub,
        row.group_name == instance.group,
        row.project == instance.project,
        row.deleted.is_(False),
    )
    if selection.backend_names is not None:
        query = query.where(row.backend_name.in_(selection.backend_names))
    if selection.statuses is not None:
        query = query.where(row.status.in_(selection.statuses))
    if selection.tags is not None:
        stored = cast(row.tags, Text)
        query = query.where(
            or_(*(stored.contains(json.dumps(tag), autoescape=True) for tag in selection.tags))
        )
    query = query.order_by(row.creation_ms.asc() if selection.ascending else row.creation_ms.desc())
    earliest, latest, offset = selection.earliest, selection.latest, selection.offset
    size = _FIRST_CHUNK
    while True:
        chosen = query.limit(size).offset(offset)
        if earliest is not None:
            chosen = chosen.where(row.creation_ms >= earliest)
        if latest is not None:
            chosen = chosen.where(row.creation_ms <= latest)
        with store.read() as connection:
            chunk = [job_record(found) for found in connection.execute(chosen)]
        yield from chunk
        if len(chunk) < size:
            return
        if selection.ascending:
            earliest = chunk[-1].creation_ms + 1
        else:
            latest = chunk[-1].creation_ms - 1
        offset, size = 0, min(2 * size, _MAX_CHUNK)
