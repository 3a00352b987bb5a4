"""Clock and sleep function of the transport."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import field, frozen


@frozen
class Timing:
    """How an account measures time and sleeps.

    Attributes:
        clock: monotonic clock in seconds.
        sleep: sleeps for a number of seconds; by default ``time.sleep``, looked up when an account
            is opened.
    """

    clock: Callable[[], float] = field(factory=lambda: time.monotonic)
    sleep: Callable[[float], None] = field(factory=lambda: time.sleep)
