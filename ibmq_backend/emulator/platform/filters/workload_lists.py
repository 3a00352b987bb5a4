"""Query parameters and pages of the list of workloads."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from ibmq_backend.emulator.core.clock import milliseconds, parse_moment, wire_time
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents.workloads import MODES, STATUSES, Workload
from ibmq_backend.emulator.platform.requests import Request


@dataclass(frozen=True)
class WorkloadFilter:
    """A filter of ``listWorkloads``; None and empty tuples match everything."""

    backend: str | None = None
    search: str | None = None
    statuses: tuple[str, ...] = ()
    mode: str | None = None
    earliest: int | None = None
    latest: int | None = None
    tags: tuple[str, ...] = ()

    def matches(self, workload: Workload) -> bool:
        """Return whether an entry matches the filter."""
        found = workload.document
        return (
            self.backend in (None, found["backend"])
            and self.mode in (None, found["mode"])
            and (not self.statuses or found["status"] in self.statuses)
            and (self.earliest is None or workload.created_ms >= self.earliest)
            and (self.latest is None or workload.created_ms <= self.latest)
            and set(self.tags) <= set(found["tags"])
            and (
                self.search is None
                or self.search == found["id"]
                or any(self.search.lower() in tag.lower() for tag in found["tags"])
            )
        )


def read_filter(request: Request) -> WorkloadFilter:
    """Parse the query of ``listWorkloads``.

    Raises:
        PlatformError: 400/1208, a parameter is invalid.
    """
    statuses = tuple(request.texts("status"))
    if not set(statuses) <= set(STATUSES.values()):
        raise errors.invalid(f"'status' must be one of {', '.join(STATUSES.values())}.")
    mode = request.text("mode")
    if mode is not None and mode not in MODES:
        raise errors.invalid(f"'mode' must be one of {', '.join(MODES)}.")
    return WorkloadFilter(
        backend=request.text("backend"),
        search=request.text("search"),
        statuses=statuses,
        mode=mode,
        earliest=request.moment("created_after"),
        latest=request.moment("created_before"),
        tags=tuple(request.texts("tags")),
    )


def paginate(
    workloads: Sequence[Workload],
    *,
    descending: bool,
    limit: int,
    after: str | None,
    before: str | None,
) -> tuple[list[Workload], str | None, str | None]:
    """Return one page of entries.

    Args:
        workloads: all matching entries, in any order.
        descending: whether the newest entries come first.
        limit: size of the page.
        after: cursor of the entry before the page.
        before: cursor of the entry after the page; ignored together with ``after``.

    Returns:
        The page, and the cursors of the previous and the next page; None without such a page.

    Raises:
        PlatformError: 400/1208, a cursor is invalid.
    """
    ordered = sorted(workloads, key=lambda one: one.created_ms, reverse=descending)
    times = [-one.created_ms if descending else one.created_ms for one in ordered]
    start = 0
    if after is not None:
        start = sum(time <= _signed(after, descending) for time in times)
    elif before is not None:
        start = max(0, sum(time < _signed(before, descending) for time in times) - limit)
    page = ordered[start : start + limit]
    earlier = _cursor(page[0]) if page and start > 0 else None
    later = _cursor(page[-1]) if page and start + limit < len(ordered) else None
    return page, earlier, later


def _signed(cursor: str, descending: bool) -> int:
    try:
        moment = parse_moment(base64.b64decode(cursor, validate=True).decode("ascii"))
    except (binascii.Error, ValueError) as error:
        raise errors.invalid("The cursor is not valid.") from error
    if moment is None:
        raise errors.invalid("The cursor is not valid.")
    at = milliseconds(moment)
    return -at if descending else at


def _cursor(workload: Workload) -> str:
    return base64.b64encode(wire_time(workload.created_ms).encode()).decode()
