"""Conversion of times and units; all parsing of times is done here."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

MICROSECONDS_PER_SECOND: Final = 1e6

_EPOCH_YEAR: Final = 1970


def parse_time(text: str) -> datetime:
    """Parse an ISO-8601 time sent by a service.

    Args:
        text: for example ``2021-05-04T11:34:58.965Z``; UTC if it has no time zone, as in the
            services.

    Returns:
        An aware datetime in UTC.

    Raises:
        ValueError: the text is not an ISO-8601 time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment if moment.tzinfo is UTC else to_utc(moment)


def to_utc(moment: datetime | str | np.datetime64) -> datetime:
    """Return a time given by the user, in UTC.

    Args:
        moment: a datetime, also of numpy or pandas, or ISO-8601 text; local time if it has no time
            zone, as documented.

    Returns:
        An aware datetime in UTC; the first or last one that Python has for a time beyond it, such
        as ``datetime.min`` in a zone east of Greenwich.

    Raises:
        TypeError: the value is neither a datetime nor text.
        ValueError: the text is not an ISO-8601 time.
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError as error:
            raise ValueError(
                f"{moment!r} is not an ISO-8601 time such as '2021-05-04T11:34:58'."
            ) from error
    if getattr(getattr(moment, "dtype", None), "kind", None) == "M":  # a numpy.datetime64
        moment = moment.astype("datetime64[us]").item()  # type: ignore[union-attr]
    if not isinstance(moment, datetime):
        raise TypeError(
            f"A datetime or ISO-8601 text is needed, not {type(moment).__name__}: {moment!r}."
        )
    return _converted(moment, UTC)


def required_datetime(value: object) -> datetime:
    """Return a datetime given by the user, in UTC; text is not accepted.

    Raises:
        TypeError: the value is not a datetime.
    """
    if isinstance(value, datetime) or getattr(getattr(value, "dtype", None), "kind", None) == "M":
        return to_utc(value)  # type: ignore[arg-type]
    raise TypeError(f"{value!r} is not a datetime. Use datetime.datetime(...).")


def to_local(moment: datetime) -> datetime:
    """Return a datetime in the time zone of this machine; in UTC at the ends of the calendar."""
    return _converted(moment, None)


def _converted(moment: datetime, zone: tzinfo | None) -> datetime:
    if type(moment) is not datetime:  # a pandas Timestamp
        moment = datetime.combine(moment, moment.timetz())
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError, OSError):  # OSError: Windows, long before or after 1970
        edge = datetime.min if moment.year < _EPOCH_YEAR else datetime.max
        return edge.replace(tzinfo=UTC)


def format_time(moment: datetime) -> str:
    """Return an aware datetime in the format of the services: ISO-8601, UTC, ``+00:00``."""
    return moment.astimezone(UTC).isoformat()
