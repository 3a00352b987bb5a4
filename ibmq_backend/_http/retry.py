"""Whether to send a request again, and when: a pure decision, without clock, sleep or HTTP."""

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
_LASTING_SERVER_ERRORS: Final = frozenset({501, 505, 511})  # asking again changes nothing


class Failure(Enum):
    """How an attempt failed that brought no reply."""

    NOT_SENT = "not sent"
    """The service cannot have seen the request: no connection came about."""

    UNKNOWN = "unknown"
    """The request, or part of it, left; what the service did with it is not known."""

    LASTING = "lasting"
    """Asking again changes nothing: certificate refused, no TLS there, address not usable."""


@frozen
class Outcome:
    """What one attempt brought.

    Attributes:
        status: HTTP status, or ``None`` when no reply came.
        failure: why no reply came.
        malformed: the reply does not hold what the operation promises: the page of a proxy, an
            empty body, half a document.
        server_delay: seconds the service asked to wait (``Retry-After``).
    """

    status: int | None = None
    failure: Failure | None = None
    malformed: bool = False
    server_delay: float | None = None


@frozen
class RetryPolicy:
    """Limits of retrying.

    Attributes:
        attempts: requests in all, the first one included; 1 switches retrying off.
        first_delay: longest wait before the second attempt, in seconds; doubles each time.
        longest_delay: cap of the doubling, in seconds.
        budget: seconds from the first attempt after which no new one starts; more than one read
            timeout, so that one reply that stalls is not the end.
        attempts_to_connect: requests in all as long as the service has never answered anything of
            use: a wrong address or a closed port is reported soon, an outage is retried until it
            ends.
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
    """Send it again after ``delay`` seconds."""

    delay: float


@frozen
class Stop:
    """Hand the outcome to the caller, whatever it is."""

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
    """Decide about the next attempt.

    Args:
        policy: the limits.
        outcome: what the last attempt brought.
        safe: sending the request twice does no harm.
        attempt: number of the last attempt, from 1.
        elapsed: seconds since the first attempt began.
        time_left: seconds until the caller gives up; ``None`` = does not.
        answered: the service has answered before with what it promises or with an error status,
            so that it is known to be there.
        random: source of the jitter, uniform in [0, 1).

    Returns:
        ``Retry`` with the wait in seconds (exponential with full jitter; never shorter than
        the service asked for), or ``Stop``.
    """
    if not _is_temporary(outcome):
        return Stop("settled")
    if not safe and not is_certainly_unseen(outcome):
        return Stop("the service may have acted on it")
    is_nothing_of_use = outcome.failure is Failure.NOT_SENT or outcome.malformed
    never_reached = is_nothing_of_use and not answered
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
    """Return whether the service has not acted on the attempt, whatever it was."""
    return outcome.failure is Failure.NOT_SENT or outcome.status == TOO_MANY_REQUESTS


def parse_retry_after(
    value: str | None, now: datetime | None = None, *, date: str | None = None
) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for.

    Args:
        value: seconds or an HTTP date.
        now: the moment to count a date from; the present when left out.
        date: the ``Date`` header of the same reply, which comes before ``now``: the clock of this
            machine may be wrong, and that of the service wrote both.

    Returns:
        Seconds, 0 or more and finite; ``None`` when there is no header or it makes no sense.
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
