"""Waiting, on a virtual clock: pauses, deadlines, outages, and errors that end the wait."""

import itertools

import pytest

from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiConnectionError,
    ApiNotFound,
    ApiNotSupported,
    ApiProtocolError,
    ApiRateLimited,
    ApiServerError,
    ApiTimeoutError,
)
from ibmq_backend.job.wait import (
    MAX_UNREADABLE_SECONDS,
    Waiter,
    noting_interrupts,
    timeout_error,
)
from ibmq_backend.records import JobRecord, QueueRecord
from tests.support.fake_account import FakeAccount
from tests.support.virtual_time import VirtualTime


def record(status, position=None):
    queue = None if position is None else QueueRecord(position=position)
    return JobRecord("id", status, status, queue=queue)


@pytest.fixture
def clock():
    return VirtualTime(1000.0)


def wait(account, clock, timeout=None, interval=None, report=None):
    told = []
    Waiter(account, "id", clock, clock.sleep).wait(timeout, interval, told.append, report)
    return told


def test_waits_through_every_state(clock):
    account = FakeAccount(record("QUEUED", 2), record("RUNNING"), record("DONE"))
    assert [each.status for each in wait(account, clock)] == ["QUEUED", "RUNNING", "DONE"]


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("seconds", "requests", "late"),
    [(0.04, 2, 0.1), (1, 5, 0.2), (10, 23, 1.3), (60, 40, 8), (3600, 140, 45), (86400, 2200, 45)],
)
def test_requests_and_lateness_are_bounded(clock, monkeypatch, seconds, requests, late, jitter):
    monkeypatch.setattr("random.random", lambda: jitter)
    end = clock.now + seconds
    account = FakeAccount(lambda: record("DONE" if clock.now >= end else "RUNNING"))
    wait(account, clock)
    assert len(account.asked) <= requests
    assert clock.now - end <= late


@pytest.mark.parametrize("timeout", [0, 0.01, 1, 7.3, 60])
def test_timeout_ends_the_wait_within_a_second(clock, timeout):
    start = clock.now
    with pytest.raises(TimeoutError):
        wait(FakeAccount(record("RUNNING")), clock, timeout=timeout)
    assert timeout <= clock.now - start + 1e-9
    assert clock.now - start <= timeout + 1


@pytest.mark.parametrize(
    "outage",
    [
        ApiConnectionError("gone"),
        ApiTimeoutError("slow"),
        ApiServerError("down", status_code=503),
        ApiServerError("edge", status_code=524),
        ApiRateLimited("slow down", status_code=429, retry_after=30),
    ],
)
def test_outages_are_retried(clock, outage):
    account = FakeAccount(record("RUNNING"), outage, outage, outage, record("DONE"))
    assert [each.status for each in wait(account, clock)] == ["RUNNING", "DONE"]


def test_retry_after_is_followed_until_the_deadline(clock):
    start = clock.now
    limited = ApiRateLimited("slow down", status_code=429, retry_after=30)
    wait(FakeAccount(limited, record("DONE")), clock)
    assert clock.now - start >= 30
    start = clock.now
    with pytest.raises(TimeoutError):
        wait(FakeAccount(limited), clock, timeout=5)
    assert clock.now - start <= 6


@pytest.mark.parametrize(
    "refusal",
    [
        ApiNotFound("no such job", status_code=404),
        ApiAuthError("token", status_code=401),
    ],
)
def test_permanent_errors_end_the_wait(clock, refusal):
    account = FakeAccount(record("RUNNING"), refusal)
    with pytest.raises(type(refusal)):
        wait(account, clock)
    assert len(account.asked) == 2


def test_malformed_replies_are_retried_for_a_while(clock):
    nonsense = ApiProtocolError("nonsense", status_code=200)
    account = FakeAccount(*[nonsense] * 10, record("DONE"))
    assert [each.status for each in wait(account, clock)] == ["DONE"]
    start = clock.now
    with pytest.raises(ApiProtocolError):
        wait(FakeAccount(nonsense), clock)
    assert MAX_UNREADABLE_SECONDS < clock.now - start < MAX_UNREADABLE_SECONDS + 30
    with pytest.raises(TimeoutError):
        wait(FakeAccount(nonsense), clock, timeout=20)


def test_stream_is_used_where_offered(clock):
    account = FakeAccount(stream=[record("QUEUED", 1), record("RUNNING"), record("DONE")])
    assert [each.status for each in wait(account, clock)] == ["QUEUED", "RUNNING", "DONE"]
    assert len(account.asked) == 0


@pytest.mark.parametrize(
    "stream",
    [
        [ApiConnectionError("closed")],
        [ApiNotSupported("none")],
        [record("RUNNING"), ApiConnectionError("closed")],
        [record("RUNNING")],
        [],
    ],
)
def test_broken_stream_falls_back_to_polling(clock, stream):
    account = FakeAccount(record("DONE"), stream=stream)
    assert wait(account, clock)[-1].status == "DONE"
    assert len(account.asked) == 1


def test_reports_follow_changes_when_no_interval_is_given(clock):
    account = FakeAccount(
        record("QUEUED", 2), record("QUEUED", 2), record("QUEUED", 1), record("DONE")
    )
    calls = []
    wait(account, clock, report=lambda: calls.append(clock.now))
    assert len(calls) == 2


def test_reports_come_at_the_interval_given(clock):
    account = FakeAccount(*[record("RUNNING")] * 60, record("DONE"))
    calls = []
    wait(account, clock, interval=10, report=lambda: calls.append(clock.now))
    gaps = [later - earlier for earlier, later in itertools.pairwise(calls)]
    assert len(calls) > 5
    assert all(10 <= gap < 20 for gap in gaps)


def test_an_interrupt_says_once_how_to_fetch_the_job():
    with (
        pytest.raises(KeyboardInterrupt) as caught,
        noting_interrupts("abc"),
        noting_interrupts("abc"),
    ):
        raise KeyboardInterrupt
    assert caught.value.__notes__ == [
        "Job abc was not cancelled. backend.retrieve_job('abc') fetches it later."
    ]


def test_an_interrupted_wait_says_how_to_fetch_the_job():
    class Interrupted(VirtualTime):
        def sleep(self, seconds):
            raise KeyboardInterrupt

    stopped = Interrupted()
    with pytest.raises(KeyboardInterrupt) as caught:
        wait(FakeAccount(record("QUEUED")), stopped)
    assert "backend.retrieve_job('id')" in caught.value.__notes__[0]


def test_a_timeout_says_how_to_fetch_the_job():
    assert "backend.retrieve_job('abc')" in timeout_error("abc", 1, "QUEUED", None).message
