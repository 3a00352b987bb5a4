"""Times and units: the only place where naive datetimes and text become instants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

NANOSECONDS_PER_SECOND: Final = 1e9
MICROSECONDS_PER_SECOND: Final = 1e6
HERTZ_PER_GIGAHERTZ: Final = 1e9


def parse_time(text: str) -> datetime:
    """Return the instant that a service wrote as ISO-8601 text.

    Args:
        text: for example ``2021-05-04T11:34:58.965Z``; without a zone it is read as UTC, which
            is what the service meant where it left the zone out.

    Returns:
        An aware datetime in UTC.

    Raises:
        ValueError: the text is not an ISO-8601 time.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_utc(moment: datetime | str) -> datetime:
    """Return what the user gave as a time, in UTC.

    Args:
        moment: a datetime or ISO-8601 text. Without a zone it is local time, as documented.

    Returns:
        An aware datetime in UTC.

    Raises:
        TypeError: neither a datetime nor text.
        ValueError: text that is not an ISO-8601 time.
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError as error:
            raise ValueError(
                f"{moment!r} is not an ISO-8601 time such as '2021-05-04T11:34:58'."
            ) from error
    if not isinstance(moment, datetime):
        raise TypeError(
            f"A datetime or ISO-8601 text is needed, not {type(moment).__name__}: {moment!r}."
        )
    return moment.astimezone(UTC)


def to_local(moment: datetime) -> datetime:
    """Return an aware datetime in the zone of this machine."""
    return moment.astimezone()


def format_time(moment: datetime) -> str:
    """Return an aware datetime as the services take it: ISO-8601, UTC, ``+00:00``."""
    return moment.astimezone(UTC).isoformat()
