"""Actions that are due later, by the clock of the service."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections.abc import Callable
from typing import NamedTuple

SHORTEST_WAIT_SECONDS = 0.02


class Postponed(NamedTuple):
    """An action for a job.

    Attributes:
        due_ms: when it is due, in milliseconds since 1970.
        number: its number, by which actions of the same time are ordered.
        job_id: id of the job.
        act: the action.
    """

    due_ms: int
    number: int
    job_id: str
    act: Callable[[], object]


class PostponedActions:
    """The postponed actions of a service. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heap: list[Postponed] = []
        self._numbers = itertools.count()

    def add(self, due_ms: int, job_id: str, act: Callable[[], object]) -> None:
        """Add an action for a job."""
        self.put_back(Postponed(due_ms, next(self._numbers), job_id, act))

    def put_back(self, action: Postponed) -> None:
        """Add an action that failed."""
        with self._lock:
            heapq.heappush(self._heap, action)

    def take(self, now_ms: int) -> Postponed | None:
        """Remove and return the first action that is due; None if none is."""
        with self._lock:
            if not self._heap or self._heap[0].due_ms > now_ms:
                return None
            return heapq.heappop(self._heap)

    def seconds_until_due(self, now_ms: int) -> float:
        """Return the time until the next action is due.

        It is not too short, because the clock of the service may stand still.
        """
        with self._lock:
            if not self._heap:
                return math.inf
            return max(SHORTEST_WAIT_SECONDS, (self._heap[0].due_ms - now_ms) / 1000)

    def job_ids(self) -> list[str]:
        """Return the ids of the jobs that have an action."""
        with self._lock:
            return [action.job_id for action in self._heap]
