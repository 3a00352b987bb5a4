"""Job queries in the service's language, and paging that neither loses nor repeats a job."""

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

PAGE_SIZE: Final = 100
"""Jobs asked for at once; the service may send fewer."""

STATUS_CONDITIONS: Final[dict[str, Any]] = {
    "INITIALIZING": {"inq": ["CREATING", "CREATED", "TRANSPILING", "TRANSPILED"]},
    "VALIDATING": {"inq": ["VALIDATING", "VALIDATED"]},
    "QUEUED": {"inq": ["PENDING_IN_QUEUE", "QUEUED"]},
    "RUNNING": "RUNNING",
    "CANCELLED": "CANCELLED",
    "DONE": "COMPLETED",
    "ERROR": {"regexp": "^ERROR"},
}
"""``JobStatus`` name to the condition on ``status``; together they cover every status word."""


class Dated(Protocol):
    """What paging needs of an entry."""

    @property
    def job_id(self) -> str:
        """Id, unique in the listing."""
        ...

    @property
    def created(self) -> datetime | None:
        """Creation time, by which the listing is ordered."""
        ...


Entry = TypeVar("Entry", bound=Dated)


def where_of(query: JobQuery) -> Where:
    """Return the conditions of a query as a LoopBack ``where``.

    The user's own conditions and those of the arguments all hold: ``and`` lists are joined, two
    ``or`` lists are kept apart, and of two conditions on the same field the argument's counts.
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
    """Return the value of the query parameter ``filter``: JSON text."""
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
    """Yield the entries of a listing, fetching a page when it is needed.

    Each further page begins at the creation time where the last one ended and leaves out the
    entries of that very moment that came already: new jobs move nothing, and the service never
    has to skip. An empty page is the end; a short one is not, since the service may cap pages.

    Args:
        fetch: takes the text of ``filter``, returns one page.
        query: which jobs, and in which order.
        limit: at most so many; ``None`` = all.
        skip: entries to leave out at the beginning.
        fields: names of the fields wanted; none = the usual document.

    Raises:
        ApiProtocolError: the service does not keep to the conditions or the order.
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
                raise _odd_list(f"The listed job {entry.job_id} has no creation date.", fields)
            if edge is None or _further(created, edge, query.descending):
                edge, at_edge = created, set()
                first = first or created
            elif created != edge:
                raise _odd_list(f"The service lists job {entry.job_id} out of order.", fields)
            elif entry.job_id in at_edge:
                continue
            at_edge.add(entry.job_id)
            fresh += 1
            yield entry
        if left is not None:
            left -= fresh
        assert edge is not None
        if skip and edge == first:
            # Entries that were skipped may be of this very moment, and nobody knows their ids.
            offset += len(page)
            continue
        if not fresh:
            raise _odd_list("The service lists the same jobs again and again.", fields)
        offset = 0
        bound = {"creationDate": {"lte" if query.descending else "gte": format_time(edge)}}
        where = {"and": [*([base] if base else []), bound, {"id": {"nin": sorted(at_edge)}}]}


def _odd_list(what: str, fields: Sequence[str]) -> ApiProtocolError:
    operation = LIST_JOBS if fields else LIST_JOB_STATUSES
    return ApiProtocolError(
        what, operation=operation.operation_id, method=operation.method, path=operation.path
    )


def _further(moment: datetime, edge: datetime, descending: bool) -> bool:
    return moment < edge if descending else moment > edge
