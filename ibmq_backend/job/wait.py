"""Waiting for a job: by the service's stream where it has one, else by polling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isnan
from typing import Final, TypeVar

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.backoff import Backoff
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiError,
    ApiForbidden,
    ApiNotFound,
    ApiProtocolError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.progress import watching
from ibmq_backend.records import JobRecord

T = TypeVar("T")

FINAL: Final = frozenset({"DONE", "CANCELLED", "ERROR"})
POLLING: Final = Backoff(first=0.05, growth=1.5, longest=5.0, spread=(0.75, 1.25))
"""The pauses between two questions: quick at first, then growing."""

MAX_RETRY_AFTER_SECONDS: Final = 300.0  # a longer Retry-After is cut to this
MAX_UNREADABLE_SECONDS: Final = 120.0
MIN_REQUEST_SECONDS: Final = 0.5  # also when the time is up


class Waiter:
    """Waits for the end of one job, through outages of the service.

    Args:
        api_client: where to ask.
        job_id: which job.
        clock: seconds, monotonic.
        sleep: waits so many seconds; ``time.sleep`` when left out.
    """

    def __init__(
        self,
        api_client: AccountClient,
        job_id: str,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._api_client = api_client
        self._job_id = job_id
        self.clock = clock
        self.sleep = sleep or time.sleep  # looked up now: a replay has nothing to wait for

    def wait(
        self,
        timeout: float | None,
        interval: float | None,
        update: Callable[[JobRecord], None],
        report: Callable[[], None] | None,
    ) -> None:
        """Return when the job has ended.

        Args:
            timeout: seconds, ``None`` without limit.
            interval: seconds between reports; ``None`` reports every change.
            update: called with every reply.
            report: called for answers that are not final.

        Raises:
            TimeoutError: the time is over; its cause is the ``ApiError`` of an outage that goes on.
            ApiError: the service will never answer this question (unknown job, no access, a
                reply that cannot be understood).
        """
        deadline = self.end(timeout)
        reporter = _Reporter(self.clock, interval, report)
        with watching(self._job_id) as line:

            def take(record: JobRecord) -> None:
                update(record)
                queue = record.queue if record.status == "QUEUED" else None
                line.update(record.status, None if queue is None else queue.position)

            if Capability.STATUS_STREAM in self._api_client.capabilities and self._by_stream(
                deadline, take, reporter
            ):
                return
            self._by_polling(deadline, take, reporter)

    def _by_stream(
        self,
        deadline: float | None,
        update: Callable[[JobRecord], None],
        reporter: _Reporter,
    ) -> bool:
        """Return whether the stream reported the end; if not, polling goes on."""
        left = None if deadline is None else max(deadline - self.clock(), 0.0)
        try:
            for record in self._api_client.watch_job(self._job_id, left):
                update(record)
                if record.status in FINAL:
                    return True
                reporter.update(record)
        except (ApiAuthError, ApiForbidden, ApiNotFound):
            raise
        except ApiError:
            return False  # polling asks the same question in another way
        return False

    def _by_polling(
        self,
        deadline: float | None,
        update: Callable[[JobRecord], None],
        reporter: _Reporter,
    ) -> None:
        unreadable_since: float | None = None
        outage: ApiError | None
        for pause in POLLING.pauses():
            try:
                record, outage = self._ask(deadline)
                unreadable_since = None
            except ApiProtocolError as error:
                # The page of a captive portal is an outage; minutes of nonsense are an answer.
                now = self.clock()
                unreadable_since = now if unreadable_since is None else unreadable_since
                if now - unreadable_since > MAX_UNREADABLE_SECONDS:
                    raise
                record, outage = None, error
            if record is not None:
                update(record)
                if record.status in FINAL:
                    return
                reporter.update(record)
            left = None if deadline is None else deadline - self.clock()
            if left is not None and left <= 0:
                raise TimeoutError from outage
            self.sleep(pause if left is None else min(pause, left))

    def _ask(self, deadline: float | None) -> tuple[JobRecord | None, ApiError | None]:
        """Return the answer, or how the service is out of order for now."""
        left = None if deadline is None else max(deadline - self.clock(), MIN_REQUEST_SECONDS)
        try:
            with time_limit(left, self.clock):
                return self._api_client.job_status(self._job_id), None
        except ApiError as error:
            if not error.temporary:
                raise
            self._pause(error.retry_after or 0.0, deadline)
            return None, error

    def end(self, timeout: float | None) -> float | None:
        """Return the moment of :attr:`clock` at which a timeout that begins now is over.

        Raises:
            IBMQJobInvalidStateError: it is no number of seconds.
        """
        if timeout is None:
            return None
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or isnan(timeout):
            raise IBMQJobInvalidStateError(f"timeout must be seconds, or None, not {timeout!r}.")
        return self.clock() + timeout

    @contextmanager
    def until(self, end: float | None, grace: float) -> Iterator[None]:
        """Bound every request made inside the block by a moment and some seconds of grace."""
        left = None if end is None else max(end + grace - self.clock(), 0.0)
        with time_limit(left, self.clock):
            yield

    def retry_until(self, ask: Callable[[], T], deadline: float) -> T:
        """Return what ``ask`` returns, through outages of the service.

        Args:
            ask: the question; may be asked several times.
            deadline: moment of :attr:`clock` from which an outage is an error.

        Raises:
            ApiError: the service will never answer this, or not before the deadline.
        """
        for pause in POLLING.pauses():
            try:
                return ask()
            except ApiError as error:
                if not error.temporary or self.clock() >= deadline:
                    raise
                self._pause(max(pause, error.retry_after or 0.0), deadline)
        raise AssertionError("the pauses do not end")

    def _pause(self, seconds: float, deadline: float | None) -> None:
        seconds = min(seconds, MAX_RETRY_AFTER_SECONDS)
        left = seconds if deadline is None else max(deadline - self.clock(), 0.0)
        if seconds > 0:
            self.sleep(min(seconds, left))


def out_of_time(
    job_id: str, timeout: float | None, status: str, outage: BaseException | None
) -> IBMQJobTimeoutError:
    """Return the error of a wait that took too long.

    Args:
        job_id: which job.
        timeout: seconds that were given.
        status: the last state that the service reported.
        outage: why it has reported none lately, if so.
    """
    text = f"Job {job_id} did not end within {timeout} seconds; it "
    if isinstance(outage, ApiError):
        text += f"was {status} when the service last answered, and goes on. Now: {outage.message}"
    else:
        text += f"is {status} and goes on."
    return IBMQJobTimeoutError(text)


class _Reporter:
    """Decides which replies are reported to the user."""

    def __init__(
        self,
        clock: Callable[[], float],
        interval: float | None,
        report: Callable[[], None] | None,
    ) -> None:
        self._clock = clock
        self._interval = interval
        self._report = report
        self._last: JobRecord | None = None
        self._reported_at: float | None = None

    def update(self, record: JobRecord) -> None:
        """Report this answer when it is due."""
        if self._report is None:
            return
        if self._interval is None:
            previous, self._last = self._last, record
            if previous is not None and (previous.status, previous.queue) == (
                record.status,
                record.queue,
            ):
                return
        else:
            now = self._clock()
            if self._reported_at is not None and now - self._reported_at < self._interval:
                return
            self._reported_at = now
        self._report()
