"""How long the caller is willing to wait, known to every hop below without being passed along.

A leaf: whoever has a deadline opens :func:`time_limit`, whoever waits asks :func:`time_left`.
The limit belongs to the current thread (or task) and ends with the ``with`` block.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Clock = Callable[[], float]

_ends: ContextVar[tuple[float, Clock] | None] = ContextVar("ibmq_backend_deadline", default=None)


@contextmanager
def time_limit(seconds: float | None, clock: Clock = time.monotonic) -> Iterator[None]:
    """Bound every request made inside the block, retries included.

    Args:
        seconds: time allowed from now on; ``None`` = no further limit. An outer limit that
            ends earlier stays in force.
        clock: seconds on a clock that never goes back.
    """
    left = time_left()
    if seconds is not None and (left is None or seconds < left):
        token = _ends.set((clock() + seconds, clock))
        try:
            yield
        finally:
            _ends.reset(token)
    else:
        yield


def time_left() -> float | None:
    """Return the seconds left of the innermost limit (0 when over), ``None`` without one."""
    end = _ends.get()
    if end is None:
        return None
    moment, clock = end
    return max(0.0, moment - clock())
