"""Waiting for a job, by the status stream of the service if it has one, else by polling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from math import inf, isnan
from numbers import Real
from typing import Final, TypeVar

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.backoff import Polling
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
from ibmq_backend.job.progress import muted, watching
from ibmq_backend.records import JobRecord

T = TypeVar("T")

FINAL: Final = frozenset({"DONE", "CANCELLED", "ERROR"})
POLLING: Final = Polling(first=0.1, usual=0.36, share=1 / 8, longest=45.0, spread=0.9)
"""Pauses between requests: 5 requests for a job of a second, fewer than 150 for one of an hour."""

MAX_RETRY_AFTER_SECONDS: Final = 300.0  # longer Retry-After headers are cut to this
MAX_UNREADABLE_SECONDS: Final = 120.0
MIN_REQUEST_SECONDS: Final = 0.5  # allowed for the last request of a wait


class Waiter:
    """Waits for one job to end and retries during outages of the service.

    Args:
        api_client: client of the account.
        job_id: id of the job.
        clock: returns the time in seconds and never goes back.
        sleep: waits for a number of seconds; by default ``time.sleep``.
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
        self.sleep = sleep or time.sleep  # looked up now, since a replay replaces it

    def wait(
        self,
        timeout: float | None,
        interval: float | None,
        update: Callable[[JobRecord], None],
        report: Callable[[], None] | None,
    ) -> None:
        """Wait until the job has ended.

        Args:
            timeout: maximum wait in seconds; ``None`` waits without limit.
            interval: seconds between reports; ``None`` reports every change.
            update: called with every reply.
            report: called for replies of a job that has not ended.

        Raises:
            TimeoutError: the timeout is over; its cause is the ``ApiError`` of an outage, if any.
            ApiError: the request can never succeed (unknown job, no access, malformed reply).
        """
        deadline = self.end(timeout)
        reporter = _Reporter(self.clock, interval, report)
        # A callback replaces the progress display.
        display = nullcontext() if report is None else muted()
        with noting_interrupts(self._job_id), display, watching(self._job_id) as row:

            def handle(record: JobRecord) -> None:
                update(record)
                queue = record.queue if record.status == "QUEUED" else None
                row.update(record.status, None if queue is None else queue.position)

            if Capability.STATUS_STREAM in self._api_client.capabilities and self._by_stream(
                deadline, handle, reporter
            ):
                return
            self._by_polling(deadline, handle, reporter)

    def _by_stream(
        self,
        deadline: float | None,
        update: Callable[[JobRecord], None],
        reporter: _Reporter,
    ) -> bool:
        """Return whether the stream reported the end; if not, poll."""
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
            return False  # polling may still work
        return False

    def _by_polling(
        self,
        deadline: float | None,
        update: Callable[[JobRecord], None],
        reporter: _Reporter,
    ) -> None:
        unreadable_since: float | None = None
        outage: ApiError | None
        began = self.clock()
        while True:
            try:
                record, outage = self._ask(deadline)
                unreadable_since = None
            except ApiProtocolError as error:
                # A captive portal is a short outage; minutes of malformed replies are an error.
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
            now = self.clock()
            if deadline is not None and now >= deadline:
                raise TimeoutError from outage
            pause = min(POLLING.pause(now - began), reporter.longest_pause)
            self.sleep(pause if deadline is None else min(pause, deadline - now))

    def _ask(self, deadline: float | None) -> tuple[JobRecord | None, ApiError | None]:
        """Return the reply, or the error of an outage."""
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
        """Return the time on :attr:`clock` at which a timeout that begins now is over.

        Raises:
            IBMQJobInvalidStateError: the timeout is not a number of seconds.
        """
        if timeout is None:
            return None
        if isinstance(timeout, bool) or not isinstance(timeout, Real) or isnan(timeout):
            raise IBMQJobInvalidStateError(
                f"timeout must be a number of seconds or None, not {timeout!r}."
            )
        return self.clock() + float(timeout)

    @contextmanager
    def until(self, end: float | None, grace: float) -> Iterator[None]:
        """Limit requests inside the block to the time until ``end``, plus ``grace`` seconds."""
        left = None if end is None else max(end + grace - self.clock(), 0.0)
        with noting_interrupts(self._job_id), time_limit(left, self.clock):
            yield

    def retry_until(self, ask: Callable[[], T], deadline: float) -> T:
        """Return what ``ask`` returns, after retries during outages of the service.

        Args:
            ask: sends the request; may be called several times.
            deadline: time on :attr:`clock` after which an outage is an error.

        Raises:
            ApiError: the request can never succeed, or did not before the deadline.
        """
        for pause in POLLING.pauses(self.clock):
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


def fetching(job_id: str) -> str:
    """Return the line that fetches a job, also in another session."""
    return f"backend.retrieve_job({job_id!r})"


@contextmanager
def noting_interrupts(job_id: str) -> Iterator[None]:
    """Add a note to a Ctrl-C inside the block, which says how to fetch the job later."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        note = f"Job {job_id} was not cancelled. {fetching(job_id)} fetches it later."
        if note not in getattr(interrupt, "__notes__", ()):
            interrupt.add_note(note)
        raise


def timeout_error(
    job_id: str, timeout: float | None, status: str, outage: BaseException | None
) -> IBMQJobTimeoutError:
    """Return the error for a wait that exceeded its timeout.

    Args:
        job_id: id of the job.
        timeout: the timeout in seconds.
        status: the last state that the service reported.
        outage: error of a current outage of the service, if any.
    """
    text = f"Job {job_id} did not end within {timeout} seconds; it "
    if isinstance(outage, ApiError):
        text += f"was {status} in the last reply of the service. Current error: {outage.message}"
    else:
        text += f"is still {status}."
    return IBMQJobTimeoutError(f"{text} Wait again, or fetch it later: {fetching(job_id)}.")


class _Reporter:
    """Calls the report function for the replies that are due."""

    def __init__(
        self,
        clock: Callable[[], float],
        interval: float | None,
        report: Callable[[], None] | None,
    ) -> None:
        self._clock = clock
        self._interval = interval
        self._report = report
        self.longest_pause = inf
        if report is not None and interval is not None:
            self.longest_pause = max(interval, POLLING.usual)
        self._last: JobRecord | None = None
        self._reported_at: float | None = None

    def update(self, record: JobRecord) -> None:
        """Report this reply if it is due."""
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
