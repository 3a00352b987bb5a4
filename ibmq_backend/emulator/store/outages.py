"""Times in which the database cannot be used, each of which is logged once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

QUIET_SECONDS: Final = 60.0
"""Time without a failure after which a full disk counts as mended: on a full disk small changes
succeed while large ones fail."""

_log: Final = logging.getLogger(__name__)


class Outages:
    """The present outage of a database, if there is one. Thread-safe.

    Args:
        monotonic: returns the seconds of a monotonic clock.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._is_full = False
        self._earliest_end = 0.0

    @property
    def is_full(self) -> bool:
        """Whether the present outage is a full disk."""
        return self._reason is not None and self._is_full

    def record_failure(self, reason: str, *, is_full: bool) -> None:
        """Record that the database could not be used; log the first failure of an outage."""
        with self._lock:
            begins = self._reason is None
            self._reason, self._is_full = reason, is_full
            self._earliest_end = self._monotonic() + (QUIET_SECONDS if is_full else 0.0)
        if begins:
            _log.warning("the database cannot be used: %s", reason)

    def record_success(self) -> None:
        """Record that the database was used; log the first success after an outage."""
        if self._reason is None:
            return
        with self._lock:
            if self._reason is None or self._monotonic() < self._earliest_end:
                return
            self._reason = None
        _log.warning("the database can be used again")
