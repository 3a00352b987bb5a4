"""The clock and the sleep that the transport goes by."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import field, frozen


@frozen
class Timing:
    """How an account measures time and lets it pass.

    Attributes:
        clock: seconds on a clock that never goes back.
        sleep: waits so many seconds; ``time.sleep``, looked up when an account is opened.
    """

    clock: Callable[[], float] = field(factory=lambda: time.monotonic)
    sleep: Callable[[float], None] = field(factory=lambda: time.sleep)
