"""Decides whether and when to repeat a request, without a clock, sleeping or HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from math import isfinite
from typing import Final

from attrs import field, frozen, validators

from ibmq_backend.backoff import Backoff

REQUEST_TIMEOUT: Final = 408
TOO_MANY_REQUESTS: Final = 429
SERVER_ERRORS_FROM: Final = 500
_LASTING_SERVER_ERRORS: Final = frozenset({501, 505, 511})  # repeating changes nothing


class Failure(Enum):
    """How an attempt without a reply failed."""

    NOT_SENT = "not sent"
    """No connection was made, so the service has not received the request."""

    UNKNOWN = "unknown"
    """At least a part of the request was sent; the service may have acted on it."""

    LASTING = "lasting"
    """Repeating changes nothing: untrusted certificate, no TLS on the port, invalid URL."""


@frozen
class Outcome:
    """The outcome of one attempt.

    Attributes:
        status: HTTP status, or ``None`` without a reply.
        failure: reason why there is no reply.
        malformed: True if the reply does not have the expected content, for example the page of a
            proxy, an empty body or half a document.
        server_delay: seconds that the service asked to wait (``Retry-After``).
    """

    status: int | None = None
    failure: Failure | None = None
    malformed: bool = False
    server_delay: float | None = None


@frozen
class RetryPolicy:
    """Limits of retries.

    Attributes:
        attempts: total number of attempts; 1 disables retries.
        first_delay: longest pause before the second attempt, in seconds; doubles each time.
        longest_delay: limit of the doubling, in seconds.
        budget: seconds after the first attempt in which a new attempt may start. It exceeds one
            read timeout, so that a single stalled reply is retried.
        attempts_to_connect: total number of attempts before the first valid reply of the service.
            It is small, so that a wrong URL or a closed port is reported soon.
    """

    attempts: int = field(default=6, validator=validators.ge(1))
    first_delay: float = field(default=0.5, validator=validators.ge(0.0))
    longest_delay: float = field(default=8.0, validator=validators.ge(0.0))
    budget: float = field(default=90.0, validator=validators.ge(0.0))
    attempts_to_connect: int = field(default=2, validator=validators.ge(1))

    @property
    def backoff(self) -> Backoff:
        """The pauses between attempts, with full jitter."""
        return Backoff(self.first_delay, 2.0, self.longest_delay, spread=(0.0, 1.0))


@frozen
class Retry:
    """Repeat the request after ``delay`` seconds."""

    delay: float


@frozen
class Stop:
    """Return the outcome to the caller."""

    reason: str


Decision = Retry | Stop


def decide(
    policy: RetryPolicy,
    outcome: Outcome,
    *,
    safe: bool,
    attempt: int,
    elapsed: float,
    time_left: float | None = None,
    answered: bool = True,
    random: Callable[[], float],
) -> Decision:
    """Decide whether to make another attempt.

    Args:
        policy: limits of retries.
        outcome: outcome of the last attempt.
        safe: True if the request may be sent twice.
        attempt: number of the last attempt, from 1.
        elapsed: seconds since the first attempt began.
        time_left: seconds until the caller's deadline; ``None`` if there is none.
        answered: True if the service has sent a valid reply or an error status before.
        random: source of the jitter, uniform in [0, 1).

    Returns:
        ``Retry`` with the pause in seconds (exponential with full jitter, at least as long as the
        service asked for), or ``Stop``.
    """
    if not _is_temporary(outcome):
        return Stop("settled")
    if not safe and not is_certainly_unseen(outcome):
        return Stop("the service may have acted on it")
    is_unusable = outcome.failure is Failure.NOT_SENT or outcome.malformed
    never_reached = is_unusable and not answered
    most = min(policy.attempts, policy.attempts_to_connect) if never_reached else policy.attempts
    if attempt >= most:
        return Stop("attempts used up")
    delay = policy.backoff.pause(attempt, random) + (outcome.server_delay or 0.0)
    if elapsed + delay > policy.budget:
        return Stop("time budget used up")
    if time_left is not None and delay >= time_left:
        return Stop("the caller's deadline comes first")
    return Retry(delay)


def _is_temporary(outcome: Outcome) -> bool:
    if outcome.status is None:
        return outcome.failure is not Failure.LASTING
    if outcome.malformed:
        return True
    if outcome.status in (REQUEST_TIMEOUT, TOO_MANY_REQUESTS):
        return True
    return outcome.status >= SERVER_ERRORS_FROM and outcome.status not in _LASTING_SERVER_ERRORS


def is_certainly_unseen(outcome: Outcome) -> bool:
    """Return whether the service certainly has not acted on the request."""
    return outcome.failure is Failure.NOT_SENT or outcome.status == TOO_MANY_REQUESTS


def parse_retry_after(
    value: str | None, now: datetime | None = None, *, date: str | None = None
) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for.

    Args:
        value: seconds or an HTTP date.
        now: time from which a date is counted; by default the current time.
        date: ``Date`` header of the same reply. It is used instead of ``now``, since the clocks of
            this machine and of the service may differ.

    Returns:
        Seconds, 0 or more and finite; ``None`` without a valid header.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        seconds = float(text)
        return seconds if isfinite(seconds) else None
    moment = _moment(text)
    if moment is None:
        return None
    sent = _moment(date) or now or datetime.now(UTC)
    return max(0.0, (moment - sent).total_seconds())


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
