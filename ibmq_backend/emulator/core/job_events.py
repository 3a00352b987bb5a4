"""Notification of the threads of this process about changed jobs."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

_T = TypeVar("_T")


class Work(Enum):
    """What a change of a job makes necessary."""

    VALIDATE = "validate"
    VALIDATE_LARGE = "validate a job with much data"
    RUN = "run"
    STOP = "stop the run"


class Changes:
    """Callbacks for every job that changed, and for the work that changes make necessary.

    Callbacks run in the thread that made the change, after its transaction; they must be quick and
    must not raise. Changes by other processes are not reported: poll the database for them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[str], None]] = []
        self._work_callbacks: list[Callable[[Work], None]] = []

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call ``callback`` with the id of every job that changes.

        Returns:
            A function that cancels the subscription.
        """
        return self._add(self._callbacks, callback)

    def subscribe_to_work(self, callback: Callable[[Work], None]) -> Callable[[], None]:
        """Call ``callback`` with the work that a change makes necessary.

        Returns:
            A function that cancels the subscription.
        """
        return self._add(self._work_callbacks, callback)

    def publish(self, job_id: str, work: Work | None = None) -> None:
        """Call all callbacks for a job that has changed.

        Args:
            job_id: id of the job; empty if the change concerns more than one.
            work: what must be done now; None for nothing.
        """
        with self._lock:
            callbacks = list(self._callbacks)
            work_callbacks = list(self._work_callbacks)
        for callback in callbacks:
            callback(job_id)
        if work is not None:
            for work_callback in work_callbacks:
                work_callback(work)

    def _add(
        self, callbacks: list[Callable[[_T], None]], callback: Callable[[_T], None]
    ) -> Callable[[], None]:
        with self._lock:
            callbacks.append(callback)

        def unsubscribe() -> None:
            with self._lock:
                if callback in callbacks:
                    callbacks.remove(callback)

        return unsubscribe


class WorkSignal:
    """Wakes one of several threads that do the same kind of work.

    Of the threads that wait, one also polls: it wakes up after ``poll_seconds`` by itself.

    Args:
        threads: number of threads.
        poll_seconds: interval of polling.
    """

    def __init__(self, threads: int, poll_seconds: float) -> None:
        self._threads = threads
        self._poll_seconds = poll_seconds
        self._condition = threading.Condition()
        self._signals = 0
        self._polled = False

    def give(self) -> None:
        """Wake one thread, or let the next one that would wait continue."""
        with self._condition:
            self._signals = min(self._signals + 1, self._threads)
            self._condition.notify()

    def give_all(self) -> None:
        """Wake all threads, and let the others continue once instead of waiting."""
        with self._condition:
            self._signals = self._threads
            self._condition.notify_all()

    def take(self) -> None:
        """Take one signal if there is one: the caller is about to look for work."""
        with self._condition:
            self._signals = max(0, self._signals - 1)

    def wait(self, at_most: float = math.inf) -> bool:
        """Wait for a signal, or until it is time to poll; return whether there was a signal.

        Args:
            at_most: shorter interval of polling, in seconds.
        """
        with self._condition:
            while not self._signals:
                if self._polled:
                    self._condition.wait()
                    continue
                self._polled = True
                try:
                    signalled = self._condition.wait(min(self._poll_seconds, at_most))
                finally:
                    self._polled = False
                    self._condition.notify()  # another thread polls from now on
                if not signalled:
                    return False
            self._signals -= 1
            return True
