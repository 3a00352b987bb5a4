"""Threads for several requests at a time, and for requests whose replies nobody waits for."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context
from functools import partial
from typing import Any, Final, TypeVar

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiError

T = TypeVar("T")

_logger = get_logger(__name__)

MAX_LATE_THREADS: Final = 4
"""Late requests that are sent at a time."""

MAX_LATE_REQUESTS: Final = 1000
"""Requests that wait to be sent; more are dropped."""

LATE_SECONDS: Final = 0.02
"""Pause before late requests, in which the caller goes on with what it has."""

REQUEST_SECONDS: Final = 30.0
"""Time limit for one late request, with its retries."""

FINISH_SECONDS: Final = 2.0
"""By how much late requests may delay the end of the program or of the account."""


class DaemonThreads:
    """Makes calls in threads, in the order given.

    Unlike those of ``concurrent.futures``, the threads do not delay the end of the program. They
    end when there is nothing to do. If no thread can be started, as while Python 3.12 exits, the
    caller makes the calls. A forked process starts without calls.

    Args:
        at_most: number of calls at a time.
        name: name of the threads.
        delay: seconds after which a new thread makes its first call.
    """

    def __init__(self, at_most: int, name: str, delay: float = 0.0) -> None:
        self._at_most = at_most
        self._name = name
        self._delay = delay
        self._start()

    def _start(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._running = 0
        self._is_hurried = False

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Make a call soon and return its future result."""
        if self._process != os.getpid():
            self._start()
        future: Future[T] = Future()
        is_left_to_caller = False
        with self._changed:
            self._waiting.append((future, call))
            if self._running < self._at_most:
                try:
                    threading.Thread(target=self._run, name=self._name, daemon=True).start()
                    self._running += 1
                except RuntimeError:  # the threads that run make the call, if there are any
                    is_left_to_caller = not self._running
                    self._running += is_left_to_caller
        if is_left_to_caller:
            self._run()
        return future

    def waiting(self) -> int:
        """Return the number of calls that have not begun."""
        return len(self._waiting) if self._process == os.getpid() else 0

    def cancel(self) -> None:
        """Cancel all calls that have not begun."""
        if self._process != os.getpid():
            return
        with self._changed:
            while self._waiting:
                self._waiting.popleft()[0].cancel()

    def finish(self, seconds: float) -> None:
        """Wait up to some seconds until all calls are over; do not delay them any more."""
        if self._process != os.getpid():
            return
        end = time.monotonic() + seconds
        with self._changed:
            self._is_hurried = True
            self._changed.notify_all()
            while self._running and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            self._is_hurried = False

    def _run(self) -> None:
        with self._changed:
            if self._delay:
                self._changed.wait_for(lambda: self._is_hurried, self._delay)
        while True:
            with self._changed:
                if not self._waiting:
                    self._running -= 1
                    self._changed.notify_all()
                    return
                future, call = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call()
            except BaseException as error:  # it belongs to the future
                future.set_exception(error)
            else:
                future.set_result(result)


class LateRequests:
    """Sends requests that nobody waits for, few at a time, after the caller has gone on.

    A failure is logged only. At the end of the program, requests that are left are sent within
    :data:`FINISH_SECONDS`; how many are not is logged.
    """

    def __init__(self) -> None:
        self._threads = DaemonThreads(MAX_LATE_THREADS, "ibmq-late-requests", LATE_SECONDS)
        self._is_at_exit = False

    def send(self, request: Callable[[], object]) -> None:
        """Send a request later."""
        if self._threads.waiting() >= MAX_LATE_REQUESTS:
            _logger.info("Too many requests are waiting; one is not sent.")
            return
        if not self._is_at_exit:
            self._is_at_exit = True
            atexit.register(self.finish)
        self._threads.submit(partial(Context().run, self.send_now, request))

    def send_now(self, request: Callable[[], object]) -> None:
        """Send a request at once, for programs whose order of requests matters."""
        with time_limit(REQUEST_SECONDS):
            try:
                request()
            except ApiError as error:
                _logger.info("A request whose reply is not needed failed: %s", error.message)

    def finish(self) -> None:
        """Wait until all requests are sent, but not long."""
        self._threads.finish(FINISH_SECONDS)
        if left := self._threads.waiting():
            _logger.info("%s requests whose replies are not needed are not sent.", left)
        self._threads.cancel()
        atexit.unregister(self.finish)
        self._is_at_exit = False
