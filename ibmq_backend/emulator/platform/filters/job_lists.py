"""The job lists: which jobs of a user a query selects, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.requests import Request
from ibmq_backend.emulator.platform.state.runs import Listing

_PAGE: Final = 200
_LARGEST_OFFSET: Final = 2_147_483_647


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for.

    Attributes:
        limit: the most jobs in it.
        offset: how many jobs to leave out first.
    """

    limit: int
    offset: int


def read_listing(request: Request) -> tuple[Listing, Page]:
    """Read the query of ``listJobs``.

    Raises:
        PlatformError: 400/1208, a parameter cannot be read.
    """
    sort = (request.text("sort") or "DESC").upper()
    if sort not in ("ASC", "DESC"):
        raise errors.invalid("'sort' must be ASC or DESC.")
    page = Page(
        request.number("limit", _PAGE, 1, _PAGE), request.number("offset", 0, 0, _LARGEST_OFFSET)
    )
    wanted = Listing(
        pending=request.flag("pending"),
        program=request.text("program"),
        backend=request.text("backend"),
        session_id=request.text("session_id"),
        earliest=request.moment("created_after"),
        latest=request.moment("created_before"),
        tags=tuple(request.texts("tags")),
        ascending=sort == "ASC",
    )
    return wanted, page
