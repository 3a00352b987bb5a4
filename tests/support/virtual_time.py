"""A clock that advances only by sleeping, for code with ``clock`` and ``sleep`` parameters."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class VirtualTime:
    """A clock to call for the time; :meth:`sleep` advances it at once.

    Attributes:
        now: the time in seconds.
        sleeps: the seconds of every wait so far.
        events: functions to call once at a time.
    """

    now: float = 0.0
    sleeps: list[float] = field(default_factory=list)
    events: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        with self._lock:
            self.sleeps.append(seconds)
            self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        """Advance the time without a sleep, as a slow request does."""
        with self._lock:
            end = self.now + seconds
            while self.events and min(self.events, key=moment)[0] <= end:
                event = min(self.events, key=moment)
                self.events.remove(event)
                self.now = max(self.now, event[0])
                event[1]()
            self.now = max(self.now, end)

    def at(self, when: float, happening: Callable[[], None]) -> None:
        """Call a function at a time."""
        self.events.append((when, happening))


def moment(event: tuple[float, Callable[[], None]]) -> float:
    return event[0]
