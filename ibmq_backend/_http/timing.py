"""The clock and the sleep that the transport goes by."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import frozen


@frozen
class Timing:
    """How an account measures time and lets it pass.

    Attributes:
        clock: seconds on a clock that never goes back.
        sleep: waits so many seconds.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
