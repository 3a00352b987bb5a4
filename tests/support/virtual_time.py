"""A clock that only sleeping moves, for everything that takes ``clock`` and ``sleep``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class VirtualTime:
    """Calling it tells the time; :meth:`sleep` lets it pass at once.

    Attributes:
        now: seconds.
        sleeps: every wait so far.
        events: what happens at certain moments; each once, when the time has come.
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
        """Let time pass without anybody having asked for it: a request that takes long."""
        with self._lock:
            end = self.now + seconds
            while self.events and min(self.events, key=moment)[0] <= end:
                event = min(self.events, key=moment)
                self.events.remove(event)
                self.now = max(self.now, event[0])
                event[1]()
            self.now = max(self.now, end)

    def at(self, when: float, happening: Callable[[], None]) -> None:
        """Have something happen once the time has come."""
        self.events.append((when, happening))


def moment(event: tuple[float, Callable[[], None]]) -> float:
    return event[0]
