"""Query parameters of the job lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.requests import Request
from ibmq_backend.emulator.platform.state.runs import Listing

_MAX_PAGE_SIZE: Final = 200
_MAX_OFFSET: Final = 2_147_483_647


@dataclass(frozen=True)
class Page:
    """A page of a list.

    Attributes:
        limit: maximum number of jobs.
        offset: number of jobs before the page.
    """

    limit: int
    offset: int


def read_listing(request: Request) -> tuple[Listing, Page]:
    """Parse the query of ``listJobs``.

    Raises:
        PlatformError: 400/1208, a parameter is invalid.
    """
    sort = (request.text("sort") or "DESC").upper()
    if sort not in ("ASC", "DESC"):
        raise errors.invalid("'sort' must be ASC or DESC.")
    page = Page(
        request.number("limit", _MAX_PAGE_SIZE, 1, _MAX_PAGE_SIZE),
        request.number("offset", 0, 0, _MAX_OFFSET),
    )
    listing = Listing(
        pending=request.flag("pending"),
        program=request.text("program"),
        backend=request.text("backend"),
        session_id=request.text("session_id"),
        earliest=request.moment("created_after"),
        latest=request.moment("created_before"),
        tags=tuple(request.texts("tags")),
        ascending=sort == "ASC",
    )
    return listing, page
