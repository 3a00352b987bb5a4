from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend._http.retry import (
    Failure,
    Outcome,
    Retry,
    RetryPolicy,
    Stop,
    decide,
    parse_retry_after,
)

POLICY = RetryPolicy(attempts=4, first_delay=1.0, longest_delay=8.0, budget=60.0)

OUTCOMES = st.one_of(
    st.builds(
        Outcome,
        status=st.integers(200, 599),
        server_delay=st.none() | st.floats(0, 120, allow_nan=False),
    ),
    st.builds(Outcome, failure=st.sampled_from(Failure)),
    st.builds(Outcome, status=st.integers(200, 299), malformed=st.just(True)),
)


def verdict(
    outcome, *, safe=True, attempt=1, elapsed=0.0, time_left=None, answered=True, jitter=1.0
):
    return decide(
        POLICY,
        outcome,
        safe=safe,
        attempt=attempt,
        elapsed=elapsed,
        time_left=time_left,
        answered=answered,
        random=lambda: jitter,
    )


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 521, 522, 524, 530, 599])
def test_temporary_statuses_are_retried_if_safe(status):
    assert isinstance(verdict(Outcome(status=status)), Retry)


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 409, 413, 422, 501, 505])
def test_permanent_statuses_are_not_retried(status):
    assert isinstance(verdict(Outcome(status=status)), Stop)


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        (Outcome(status=429), True),
        (Outcome(failure=Failure.NOT_SENT), True),
        (Outcome(failure=Failure.UNKNOWN), False),
        (Outcome(status=200, malformed=True), False),
        (Outcome(failure=Failure.LASTING), False),
        (Outcome(status=408), False),
        (Outcome(status=500), False),
        (Outcome(status=503), False),
        (Outcome(status=524), False),
    ],
)
def test_unsafe_requests_are_retried_only_if_certainly_not_accepted(outcome, again):
    assert isinstance(verdict(outcome, safe=False), Retry) is again


def test_malformed_replies_are_retried_if_safe():
    assert verdict(Outcome(status=200, malformed=True)) == Retry(1.0)
    assert isinstance(verdict(Outcome(status=200, malformed=True), attempt=4), Stop)


@pytest.mark.parametrize(
    "outcome", [Outcome(status=200, malformed=True), Outcome(failure=Failure.NOT_SENT)]
)
def test_fewer_attempts_are_made_before_the_first_valid_reply(outcome):
    assert isinstance(verdict(outcome, answered=False), Retry)
    assert isinstance(verdict(outcome, answered=False, attempt=2), Stop)
    assert isinstance(verdict(outcome, answered=True, attempt=2), Retry)


def test_pauses_double_up_to_the_limit():
    delays = []
    for attempt in (1, 2, 3):
        decision = verdict(Outcome(status=503), attempt=attempt)
        assert isinstance(decision, Retry)
        delays.append(decision.delay)
    assert delays == [1.0, 2.0, 4.0]
    assert verdict(Outcome(status=503), attempt=4) == Stop("attempts used up")


def test_a_pause_is_at_least_as_long_as_the_server_asks():
    decision = verdict(Outcome(status=429, server_delay=7.0), jitter=0.0)
    assert decision == Retry(7.0)


def test_stops_when_the_server_asks_for_more_than_the_budget():
    assert isinstance(verdict(Outcome(status=503, server_delay=61.0)), Stop)


def test_stops_before_the_callers_deadline():
    assert isinstance(verdict(Outcome(status=503), time_left=0.9), Stop)
    assert isinstance(verdict(Outcome(status=503), time_left=1.1), Retry)


@given(
    outcome=OUTCOMES,
    safe=st.booleans(),
    attempt=st.integers(1, 10),
    elapsed=st.floats(0, 100),
    left=st.none() | st.floats(0, 100),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_a_retry_respects_every_limit(outcome, safe, attempt, elapsed, left, jitter):
    decision = verdict(
        outcome, safe=safe, attempt=attempt, elapsed=elapsed, time_left=left, jitter=jitter
    )
    if isinstance(decision, Stop):
        return
    assert attempt < POLICY.attempts
    assert decision.delay >= (outcome.server_delay or 0.0)
    assert elapsed + decision.delay <= POLICY.budget
    assert left is None or decision.delay < left
    assert safe or outcome.status == 429 or outcome.failure is Failure.NOT_SENT
    assert outcome.failure is not Failure.LASTING
    is_error = outcome.status is None or outcome.status >= 500 or outcome.status in (408, 429)
    assert is_error or outcome.malformed


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        (" 1.5 ", 1.5),
        ("Tue, 04 May 2021 11:35:00 GMT", 30.0),
        ("Tue, 04 May 2021 11:34:00 GMT", 0.0),
        ("Tue, 04 May 2021 11:35:00 -0000", 30.0),
        ("soon", None),
        ("-4", None),
        ("9" * 400, None),
        ("1e9", None),
        ("Tue, 04 May 2021 11:35:00 +9999", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(value, seconds):
    now = datetime(2021, 5, 4, 11, 34, 30, tzinfo=UTC)
    assert parse_retry_after(value, now) == seconds


@pytest.mark.parametrize("wrong_by", [-7200, 0, 7200])
def test_a_date_is_counted_from_the_clock_of_the_service(wrong_by):
    here = datetime(2021, 5, 4, 11, 34, 30, tzinfo=UTC) + timedelta(seconds=wrong_by)
    sent, again = "Tue, 04 May 2021 11:34:30 GMT", "Tue, 04 May 2021 11:35:00 GMT"
    assert parse_retry_after(again, here, date=sent) == 30.0
    assert parse_retry_after(again, here, date="yesterday") == max(0.0, 30.0 - wrong_by)


@pytest.mark.slow
@given(value=st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]?\w+"))
def test_invalid_retry_after_headers_are_ignored(value):
    seconds = parse_retry_after(value, date=value)
    assert seconds is None or 0.0 <= seconds < float("inf")


@pytest.mark.parametrize("attempt", [1, 64, 5000])
def test_any_number_of_attempts_can_be_allowed(attempt):
    policy = RetryPolicy(attempts=10_000, budget=1e9)
    decision = decide(
        policy, Outcome(status=503), safe=True, attempt=attempt, elapsed=0.0, random=lambda: 1.0
    )
    assert isinstance(decision, Retry)
    assert decision.delay <= policy.longest_delay
