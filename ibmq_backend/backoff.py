"""Pauses between repeated attempts, and between looks at what takes time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count
from math import inf
from typing import Final

from attrs import frozen

MAX_GROWTH_STEPS: Final = 64  # enough for every limit in use; a float cannot overflow


@frozen
class Backoff:
    """The length of the pauses between attempts, and the number of attempts.

    Attributes:
        first: pause after the first attempt, in seconds.
        growth: factor from one pause to the next.
        longest: longest pause, in seconds.
        spread: smallest and largest factor that the jitter applies to a pause; no jitter by
            default.
        tries: total number of attempts; ``None`` for no limit.
        seconds: maximum total of all pauses; after that no further attempt is made.
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
        """Yield the pause before each further attempt until ``tries`` or ``seconds`` is reached."""
        total = 0.0
        for attempt in count(1):
            if attempt == self.tries:
                return
            pause = self.pause(attempt, random_fraction)
            total += pause
            if total > self.seconds:
                return
            yield pause


@frozen
class Polling:
    """How often to look at something that ends at an unknown time.

    A pause is a share of the time waited so far, so what ends is noticed late by at most this share
    of its duration, within the limits.

    Attributes:
        first: shortest pause, in seconds.
        usual: shortest pause once this time has passed, in seconds.
        share: part of the time waited.
        longest: longest pause, in seconds.
        spread: smallest factor that the jitter applies to pauses longer than ``usual``, so that
            waits that began together do not stay together.
    """

    first: float
    usual: float
    share: float
    longest: float
    spread: float = 1.0

    def pause(self, waited: float, random_fraction: Callable[[], float] = random.random) -> float:
        """Return the seconds to pause until the next look.

        Args:
            waited: seconds since the first look.
            random_fraction: source of the jitter, uniform in [0, 1).
        """
        early = min(max(self.first, 2 * waited), self.usual)
        late = min(self.share * waited, self.longest)
        if late <= early:
            return early
        return max(late * (self.spread + (1 - self.spread) * random_fraction()), early)

    def pauses(self, clock: Callable[[], float]) -> Iterator[float]:
        """Yield the pauses of one wait, which begins now.

        Args:
            clock: returns the time in seconds and never goes back.
        """
        began = clock()
        while True:
            yield self.pause(clock() - began)
