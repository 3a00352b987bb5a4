"""The clock of the emulated service, and conversion of times.

Inside the service a time is an integer: milliseconds since 1970 in UTC. On the wire it is ISO 8601
in UTC with milliseconds and ``Z``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_ISO = re.compile(
    r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
    r"(?:Z|z|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)


class Clock(Protocol):
    """The source of time of the service."""

    def now(self) -> datetime:
        """Return the current time as an aware UTC datetime."""
        ...

    def on_jump(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after every jump of the clock."""
        ...


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """Return the current time as an aware UTC datetime."""
        return datetime.now(UTC)

    def on_jump(self, callback: Callable[[], None]) -> None:
        """Do nothing: this clock never jumps."""


class ManualClock:
    """A clock that stops between calls of ``advance``; for tests and demonstrations.

    Args:
        start: aware start time; default: 2021-05-04 12:00 UTC.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2021, 5, 4, 12, tzinfo=UTC)
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the current time as an aware UTC datetime."""
        with self._lock:
            return self._now

    def on_jump(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after every :meth:`advance`."""
        with self._lock:
            self._callbacks.append(callback)

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward.

        Args:
            seconds: how far, in seconds.

        Returns:
            The new time.

        Raises:
            ValueError: if ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"The clock cannot go back by {-seconds} s; use a positive number")
        with self._lock:
            self._now += timedelta(seconds=seconds)
            now, callbacks = self._now, list(self._callbacks)
        for callback in callbacks:
            callback()
        return now


def milliseconds(moment: datetime) -> int:
    """Return a time as whole milliseconds since 1970; a naive one is interpreted as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_of(at_ms: int) -> datetime:
    """Return the aware UTC datetime of ``at_ms`` milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def wire_time(at_ms: int) -> str:
    """Return ``at_ms`` in the format of the service: ``2021-05-04T11:34:58.965Z``."""
    moment = _NAIVE_EPOCH + timedelta(milliseconds=at_ms)
    return moment.isoformat(timespec="milliseconds") + "Z"


def parse_moment(text: str) -> datetime | None:
    """Read an ISO 8601 date or time.

    Args:
        text: for example ``2021-05-04``, ``2021-05-04T11:34:58.965Z`` or
            ``2021-05-04T13:34:58.965123+02:00``; without an offset it is UTC.

    Returns:
        The aware datetime, or None if the text is not a date.
    """
    if not _ISO.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may be before the year 1 or after 9999
        return None
