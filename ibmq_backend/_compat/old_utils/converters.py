"""Conversion between local time and UTC, and durations as text.

Available as ``qiskit.providers.ibmq.utils.converters``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ibmq_backend.units import parse_time, to_local, to_utc

__all__ = [
    "duration_difference",
    "local_to_utc",
    "local_to_utc_str",
    "seconds_to_duration",
    "utc_to_local",
    "utc_to_local_all",
]


def utc_to_local(utc_dt: datetime | str) -> datetime:
    """Return a time in the time zone of this machine.

    Args:
        utc_dt: a datetime, in UTC if it has no time zone, or ISO-8601 text.

    Raises:
        TypeError: the value is neither a datetime nor text.
    """
    if isinstance(utc_dt, str):
        return to_local(parse_time(utc_dt))
    if not isinstance(utc_dt, datetime):
        raise TypeError(f"A datetime or ISO-8601 text is needed, not {utc_dt!r}.")
    return to_local(parse_time(utc_dt.isoformat()))


def utc_to_local_all(data: Any) -> Any:
    """Return data with all datetimes in the time zone of this machine.

    Args:
        data: a datetime, or lists and dictionaries of any values.
    """
    if isinstance(data, datetime):
        return utc_to_local(data)
    if isinstance(data, Mapping):
        return {key: utc_to_local_all(value) for key, value in data.items()}
    if isinstance(data, list):
        return [utc_to_local_all(value) for value in data]
    return data


def local_to_utc(local_dt: datetime | str) -> datetime:
    """Return a time in UTC.

    Args:
        local_dt: a datetime or ISO-8601 text, in local time if it has no time zone.

    Raises:
        TypeError: the value is neither a datetime nor text.
        ValueError: the text is not a time.
    """
    return to_utc(local_dt)


def local_to_utc_str(local_dt: datetime | str, suffix: str = "Z") -> str:
    """Return a time in UTC as ISO-8601 text.

    Args:
        local_dt: a datetime or ISO-8601 text, in local time if it has no time zone.
        suffix: text for the time zone UTC.
    """
    return to_utc(local_dt).replace(tzinfo=None).isoformat() + suffix


def seconds_to_duration(seconds: float) -> tuple[int, int, int, int, int]:
    """Return seconds as days, hours, minutes, seconds and milliseconds."""
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    days, minutes = divmod(minutes, 24 * 60)
    return days, *divmod(minutes, 60), *divmod(milliseconds, 1000)


def duration_difference(date_time: datetime) -> str:
    """Return the time until a future time in its largest units (``1 hr 5 min``).

    Args:
        date_time: future time, in local time if it has no time zone.
    """
    left: timedelta = to_utc(date_time) - to_utc(datetime.now())
    days, hours, minutes, seconds, _ = seconds_to_duration(max(left.total_seconds(), 0))
    if days:
        return f"{days} days {hours} hr" if hours else f"{days} days"
    if hours:
        return f"{hours} hr {minutes} min"
    return f"{minutes} min {seconds} sec" if minutes else f"{seconds} sec"
