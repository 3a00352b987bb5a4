"""The caller's deadline, available to all code below it without being passed as an argument.

Code with a deadline opens :func:`time_limit`; code that waits calls :func:`time_left`. The limit
applies to the current thread or task and ends with the ``with`` block.
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
    """Limit the time of all requests made inside the block, including retries.

    Args:
        seconds: time allowed from now; ``None`` adds no limit. An outer limit that ends earlier
            still applies.
        clock: monotonic clock in seconds.
    """
    left = time_left()
    if seconds is not None and (left is None or seconds < left):
        token = _ends.set((clock() + float(seconds), clock))
        try:
            yield
        finally:
            _ends.reset(token)
    else:
        yield


def time_left() -> float | None:
    """Return the seconds until the limit ends (0 after it), or ``None`` if there is none."""
    end = _ends.get()
    if end is None:
        return None
    moment, clock = end
    return max(0.0, moment - clock())
