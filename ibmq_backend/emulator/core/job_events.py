"""Notification of the threads of this process about changed jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Changes:
    """A list of callbacks, each called with the id of every job that changed.

    Callbacks run in the thread that made the change, after its transaction; they must be quick and
    must not raise. Changes by other processes are not reported: poll the database for them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[str], None]] = []

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call ``callback`` on every change.

        Returns:
            A function that cancels the subscription.
        """
        with self._lock:
            self._callbacks.append(callback)

        def unsubscribe() -> None:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return unsubscribe

    def publish(self, job_id: str) -> None:
        """Call all callbacks for a job that has changed."""
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback(job_id)
