"""Builds LoopBack filters for job queries and reads pages without losing or repeating jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from ibmq_api_classic.operations import LIST_JOB_STATUSES, LIST_JOBS

from ibmq_backend.exceptions import ApiProtocolError
from ibmq_backend.records import JobQuery
from ibmq_backend.units import format_time

Where = dict[str, Any]

PAGE_SIZE: Final = 500
"""Jobs requested at once; the service may send fewer."""

STATUS_CONDITIONS: Final[dict[str, Any]] = {
    "INITIALIZING": {"inq": ["CREATING", "CREATED", "TRANSPILING", "TRANSPILED"]},
    "VALIDATING": {"inq": ["VALIDATING", "VALIDATED"]},
    "QUEUED": {"inq": ["PENDING_IN_QUEUE", "QUEUED"]},
    "RUNNING": "RUNNING",
    "CANCELLED": "CANCELLED",
    "DONE": "COMPLETED",
    "ERROR": {"regexp": "^ERROR"},
}
"""``JobStatus`` name to the condition on ``status``; together they cover all status words."""


class Dated(Protocol):
    """The part of an entry that paging uses."""

    @property
    def job_id(self) -> str:
        """The id, unique in the list."""
        ...

    @property
    def created(self) -> datetime | None:
        """The creation time, by which the list is ordered."""
        ...


Entry = TypeVar("Entry", bound=Dated)


def where_of(query: JobQuery) -> Where:
    """Return the conditions of a query as a LoopBack ``where``.

    The conditions of ``db_filter`` and those of the other arguments are combined: ``and`` lists are
    joined, two ``or`` lists both apply, and an argument replaces a condition on the same field.
    """
    where: Where = {}
    every: list[Where] = []
    if query.backend_name is not None:
        where["backend.name"] = query.backend_name
    statuses = [{"status": STATUS_CONDITIONS[name]} for name in query.statuses]
    if len(statuses) == 1:
        where.update(statuses[0])
    elif statuses:
        where["or"] = statuses
    if query.name_pattern is not None:
        where["name"] = {"regexp": query.name_pattern}
    created = _created(query.created_from, query.created_to)
    if created is not None:
        where["creationDate"] = created
    if query.tags and query.all_tags:
        every.extend({"tags": tag} for tag in query.tags)
    elif query.tags:
        where["tags"] = {"inq": list(query.tags)}
    if query.experiment_id is not None:
        where["experimentTag"] = query.experiment_id
    return _joined(dict(query.where or {}), where, every)


def _created(start: datetime | None, end: datetime | None) -> dict[str, Any] | None:
    if start is not None and end is not None:
        return {"between": [format_time(start), format_time(end)]}
    if start is not None:
        return {"gte": format_time(start)}
    return None if end is None else {"lte": format_time(end)}


def _joined(given: Where, where: Where, every: list[Where]) -> Where:
    every = [*given.pop("and", []), *every]
    if "or" in given and "or" in where:
        every.append({"or": given.pop("or")})
    joined = {**given, **where}
    if every:
        joined["and"] = every
    return joined


def filter_text(
    where: Mapping[str, Any],
    *,
    descending: bool,
    limit: int,
    skip: int = 0,
    fields: Sequence[str] = (),
) -> str:
    """Return the value of the query parameter ``filter`` as JSON text."""
    document: dict[str, Any] = {
        "order": f"creationDate {'DESC' if descending else 'ASC'}",
        "limit": limit,
        "skip": skip,
    }
    if where:
        document["where"] = dict(where)
    if fields:
        document["fields"] = dict.fromkeys(fields, True)
    return json.dumps(document)


def pages(
    fetch: Callable[[str], Sequence[Entry]],
    query: JobQuery,
    limit: int | None,
    skip: int = 0,
    fields: Sequence[str] = (),
) -> Iterator[Entry]:
    """Yield the entries of a list; pages are requested as they are needed.

    Each page begins at the creation time at which the previous one ended and excludes the entries
    of that time that were already read. Therefore new jobs do not shift the pages. Only an empty
    page ends the list, since the service may limit the page size.

    Args:
        fetch: returns the page for the text of ``filter``.
        query: the conditions and the order.
        limit: the maximum number of entries; ``None`` for all.
        skip: the number of entries to skip at the beginning.
        fields: the names of the fields to request; empty for the default fields.

    Raises:
        ApiProtocolError: the service ignores the conditions or the order.
    """
    base = where_of(query)
    where: Mapping[str, Any] = base
    edge: datetime | None = None
    first: datetime | None = None
    at_edge: set[str] = set()
    offset = skip
    left = limit
    while left is None or left > 0:
        size = PAGE_SIZE if left is None else min(left, PAGE_SIZE)
        page = fetch(
            filter_text(where, descending=query.descending, limit=size, skip=offset, fields=fields)
        )[:size]
        if not page:
            return
        fresh = 0
        for entry in page:
            created = entry.created
            if created is None:
                raise _list_error(f"The listed job {entry.job_id} has no creation date.", fields)
            if edge is None or (created < edge if query.descending else created > edge):
                edge, at_edge = created, set()
                first = first or created
            elif created != edge:
                raise _list_error(f"The service lists job {entry.job_id} out of order.", fields)
            elif entry.job_id in at_edge:
                continue
            at_edge.add(entry.job_id)
            fresh += 1
            yield entry
        if left is not None:
            left -= fresh
        assert edge is not None
        if skip and edge == first:
            # Skipped entries may have this creation time, and their ids are not known.
            offset += len(page)
            continue
        if not fresh:
            raise _list_error("The service repeats the same jobs in its list.", fields)
        offset = 0
        bound = {"creationDate": {"lte" if query.descending else "gte": format_time(edge)}}
        where = {"and": [*([base] if base else []), bound, {"id": {"nin": sorted(at_edge)}}]}


def _list_error(what: str, fields: Sequence[str]) -> ApiProtocolError:
    operation = LIST_JOBS if fields else LIST_JOB_STATUSES
    return ApiProtocolError(
        what, operation=operation.operation_id, method=operation.method, path=operation.path
    )
