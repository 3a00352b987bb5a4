"""The pauses between attempts, for everything that is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count
from math import inf
from typing import Final

from attrs import frozen

MAX_GROWTH_STEPS: Final = 64  # more than any cap leaves room for, less than a float overflows at


@frozen
class Backoff:
    """How long to pause after each attempt, and how often to try.

    Attributes:
        first: pause after the first attempt, in seconds.
        growth: factor from one pause to the next.
        longest: cap of the growth, in seconds.
        spread: least and greatest fraction of a pause that the jitter leaves; none by default.
        tries: attempts in all; ``None`` without limit.
        seconds: total of the pauses; an attempt that needs more is not made.
    """

    first: float
    growth: float = 1.0
    longest: float = inf
    spread: tuple[float, float] = (1.0, 1.0)
    tries: int | None = None
    seconds: float = inf

    def pause(self, attempt: int, random_fraction: Callable[[], float] = random.random) -> float:
        """Return the seconds to pause after an attempt.

        Args:
            attempt: number of the attempt, from 1.
            random_fraction: source of the jitter, uniform in [0, 1).
        """
        steps = min(attempt - 1, MAX_GROWTH_STEPS)
        least, greatest = self.spread
        width = greatest - least
        fraction = least + width * random_fraction() if width else least
        return fraction * min(self.first * self.growth**steps, self.longest)

    def pauses(self, random_fraction: Callable[[], float] = random.random) -> Iterator[float]:
        """Yield the pause before each further attempt, as long as tries and seconds last."""
        total = 0.0
        for attempt in count(1):
            if attempt == self.tries:
                return
            pause = self.pause(attempt, random_fraction)
            total += pause
            if total > self.seconds:
                return
            yield pause
