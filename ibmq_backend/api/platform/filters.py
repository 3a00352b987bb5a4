"""Job queries: splits them into conditions of the service and of the client, and reads pages.

The service distinguishes only finished and unfinished jobs, requires all given tags, and has no job
names. The client applies the other conditions while it reads the pages. A job in a state that this
version does not know is among all jobs, and among all unfinished or all finished ones, as the
service counts it; it has none of the single states.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import Final

from attrs import evolve, frozen
from ibmq_api_platform.operations import LIST_JOBS

from ibmq_backend.exceptions import ApiInputError, ApiNotSupported, ApiProtocolError
from ibmq_backend.records import JobQuery, JobRecord

MAX_PAGE_SIZE: Final = 200
PENDING: Final = frozenset({"QUEUED", "RUNNING"})
ENDED: Final = frozenset({"DONE", "CANCELLED", "ERROR"})
_UNUSED_STATES: Final = frozenset({"INITIALIZING", "VALIDATING"})
_MAX_REREADS: Final = 20
_UNSTABLE_LIST: Final = "The list of jobs changes faster than it can be read. Call jobs() again."


@frozen
class ServerQuery:
    """The conditions that the service applies.

    Attributes:
        backend_name: the backend, ``None`` for all.
        created_from: the earliest creation time.
        created_to: the latest creation time.
        tags: tags, all of which a job must have.
        pending: true for unfinished jobs, false for finished ones, ``None`` for both.
        descending: whether the newest job comes first.
    """

    backend_name: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    tags: tuple[str, ...] = ()
    pending: bool | None = None
    descending: bool = True


@frozen
class Page:
    """One page of jobs.

    Attributes:
        jobs: the jobs; ``None`` for an entry that cannot be read.
        count: the number of all matches, ``None`` if it is not known.
    """

    jobs: Sequence[JobRecord | None]
    count: int | None


Fetch = Callable[[ServerQuery, int, int], Page]
"""Requests a page; arguments: query, number of jobs, number of matches to skip."""


def matching_jobs(
    fetch: Fetch, query: JobQuery, limit: int | None, skip: int = 0
) -> Iterator[JobRecord]:
    """Yield the matching jobs, each once, in the order of the query.

    Args:
        fetch: requests a page.
        query: the conditions and the order.
        limit: the maximum number of jobs; ``None`` for all.
        skip: the number of jobs to skip at the beginning.

    Raises:
        ApiNotSupported: neither the service nor this client can apply a condition.
        ApiInputError: the name pattern is not a regular expression.
    """
    _reject_unsupported(query)
    wanted = frozenset(query.statuses)
    if wanted and not wanted - _UNUSED_STATES:
        return iter(())  # the service does not have these states
    server = ServerQuery(
        backend_name=query.backend_name,
        created_from=query.created_from,
        created_to=query.created_to,
        tags=query.tags if query.all_tags or len(query.tags) == 1 else (),
        pending=_pending(wanted),
        descending=query.descending,
    )
    keep = _filter(query, wanted, server)
    many_tags = query.tags and not server.tags
    if keep is None and not many_tags:
        return _pages(fetch, server, limit, skip)
    if many_tags:
        streams = [_pages(fetch, evolve(server, tags=(tag,)), None, 0) for tag in query.tags]
        found = _merged(streams, query.descending)
    else:
        found = _pages(fetch, server, None, 0)
    kept = found if keep is None else filter(keep, found)
    return islice(kept, skip, None if limit is None else skip + limit)


def _reject_unsupported(query: JobQuery) -> None:
    if query.where:
        raise ApiNotSupported(
            "IBM Quantum Platform has no db_filter. Use the other arguments of jobs()."
        )
    if query.experiment_id is not None:
        raise ApiNotSupported("IBM Quantum Platform has no experiment_id. Use job_tags instead.")


def _pending(wanted: frozenset[str]) -> bool | None:
    if not wanted:
        return None
    if wanted <= PENDING | _UNUSED_STATES:
        return True
    return False if wanted <= ENDED | _UNUSED_STATES else None


def _filter(
    query: JobQuery, wanted: frozenset[str], server: ServerQuery
) -> Callable[[JobRecord], bool] | None:
    """Return the conditions that the client applies; ``None`` if there are none."""
    group = {True: PENDING, False: ENDED, None: PENDING | ENDED}[server.pending]
    statuses = None if not wanted or wanted >= group else wanted
    try:
        pattern = None if query.name_pattern is None else re.compile(query.name_pattern)
    except re.error as error:
        raise ApiInputError(
            f"job_name {query.name_pattern!r} is not a regular expression: {error}."
        ) from None
    if statuses is None and pattern is None:
        return None

    def keep(record: JobRecord) -> bool:
        if statuses is not None and record.status not in statuses:
            return False
        return pattern is None or (record.name is not None and bool(pattern.search(record.name)))

    return keep


def _pages(fetch: Fetch, query: ServerQuery, limit: int | None, skip: int) -> Iterator[JobRecord]:
    """Yield the jobs of a query without conditions for the client.

    Each page overlaps the previous one by one job. If a page begins before this job, new jobs were
    created: they are skipped, as are jobs that were already yielded. If it begins after this job,
    jobs were deleted, and the previous page is read again. Jobs without a date stay where they are.
    """
    offset, left = skip, limit
    last: JobRecord | None = None
    at_edge: set[str] = set()
    undated: set[str] = set()
    rereads = 0
    while left is None or left > 0:
        overlap = 0 if last is None else 1
        start = offset - overlap
        size = MAX_PAGE_SIZE if left is None else min(MAX_PAGE_SIZE, left + overlap)
        page = fetch(query, size, start)
        if last is not None and start > 0 and _has_moved_up(page, last, query.descending):
            rereads += 1
            if rereads > _MAX_REREADS:
                raise _list_error(_UNSTABLE_LIST)
            offset = max(offset - MAX_PAGE_SIZE, 1)
            continue
        if last is None and not skip and page.jobs:
            query = _without_newer(query, page.jobs[0])
        fresh = 0
        for record in page.jobs:
            if record is None or record.job_id in undated:
                continue
            if record.created is None:
                undated.add(record.job_id)
            else:
                if last is None or _is_beyond(record, last, query.descending):
                    at_edge = set()
                elif record.created != last.created or record.job_id in at_edge:
                    continue  # already yielded, or created after the first request
                at_edge.add(record.job_id)
                last = record
            fresh += 1
            yield record
            if left is not None:
                left -= 1
                if not left:
                    return
        if not fresh:
            rereads += 1
            if rereads > _MAX_REREADS:
                raise _list_error(_UNSTABLE_LIST)
        end = start + len(page.jobs)
        if not page.jobs or (end >= page.count if page.count is not None else not fresh):
            return
        offset = end


def _without_newer(query: ServerQuery, first: JobRecord | None) -> ServerQuery:
    """Return the query without jobs created while the pages are read."""
    if not query.descending or first is None or first.created is None:
        return query
    bound = first.created if query.created_to is None else min(query.created_to, first.created)
    return evolve(query, created_to=bound)


def _has_moved_up(page: Page, last: JobRecord, descending: bool) -> bool:
    """Return whether a page begins after the last job of the previous page."""
    first = page.jobs[0] if page.jobs else last
    return not page.jobs or (first is not None and _is_beyond(first, last, descending))


def _is_beyond(record: JobRecord, last: JobRecord, descending: bool) -> bool:
    if record.created is None or last.created is None:
        return False
    if descending:
        return record.created < last.created
    return record.created > last.created


def _merged(streams: Iterable[Iterator[JobRecord]], descending: bool) -> Iterator[JobRecord]:
    """Merge lists of the same order; yield each job once."""
    moment: datetime | None = None
    ids: set[str] = set()
    undated: set[str] = set()
    dated = (_with_dates(stream, descending) for stream in streams)
    for _, record in heapq.merge(*dated, key=itemgetter(0), reverse=descending):
        if record.created is None:
            seen = undated
        else:
            if record.created != moment:
                moment, ids = record.created, set()
            seen = ids
        if record.job_id not in seen:
            seen.add(record.job_id)
            yield record


def _with_dates(
    stream: Iterator[JobRecord], descending: bool
) -> Iterator[tuple[datetime, JobRecord]]:
    """Yield jobs with their dates; one without a date has that of the job before it."""
    moment = (datetime.max if descending else datetime.min).replace(tzinfo=UTC)
    for record in stream:
        moment = record.created or moment
        yield moment, record


def _list_error(what: str) -> ApiProtocolError:
    return ApiProtocolError(
        what, operation=LIST_JOBS.operation_id, method=LIST_JOBS.method, path=LIST_JOBS.path
    )
