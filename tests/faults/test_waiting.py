"""Waiting: the caller's time is kept, outages are outlived, and little is asked meanwhile."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import timedelta

import pytest

from ibmq_backend.exceptions import IBMQJobApiError, IBMQJobTimeoutError
from ibmq_backend.managed import IBMQJobManager
from tests.faults.places import DIALECTS, PATIENT, a_place, circuit
from tests.support.virtual_time import VirtualTime

PATIENCE = 0.3  # seconds given to result()
REPORTS = "IBMQ_BACKEND_LATE_SECONDS" in os.environ
LATE = float(os.environ.get("IBMQ_BACKEND_LATE_SECONDS", "5"))
"""Seconds after its time at which a wait counts as not ended; 1 is what is promised, but a busy
machine may sleep as long itself. Everything that ignores the deadline takes 60 s and more."""

EVER = "1-"
FOREVER = 3600.0
KINDS = {
    "refuse": {},
    "refuse, nobody listens": {"kind": "refuse", "seconds": FOREVER},
    "reset_before": {},
    "reset_during": {},
    "lost_response": {},
    "truncate": {},
    "stall": {"seconds": FOREVER},
    "stall before the body": {"kind": "stall", "seconds": FOREVER, "after_bytes": 0},
    "delay": {"seconds": FOREVER},
    "status": {"status": 503},
    "html": {},
    "wrong_json": {},
    "rate_limit": {"retry_after": 86400},
    "rate_limit by date": {"kind": "rate_limit", "retry_after": 86400, "as_date": True},
    "expired_token": {},
    "clock_skew": {"seconds": -86400.0},
}
STATUS = {"classic": "getJobStatus", "platform": "getJob"}
READING = {
    "classic": ("getJob", "getResultDownloadUrl", "getStoredObject"),
    "platform": ("getJob", "getJobResults"),
}


def fault(operation, name, calls=EVER):
    return {"operation": operation, "calls": calls, "kind": name, **KINDS[name]}


@pytest.fixture(scope="module", params=DIALECTS)
def place(request):
    with a_place(request.param, settings=PATIENT, sleep=time.sleep) as place:
        yield place


@pytest.fixture
def healed(place):
    yield place
    place.service.faults.clear()
    place.service.faults.release()
    place.engine.release()


def timed_result(job, tally):
    begun = time.monotonic()
    try:
        job.result(timeout=PATIENCE)
        outcome = "result"
    except IBMQJobTimeoutError:
        outcome = "timeout"
    except IBMQJobApiError:
        outcome = "error"
    late = time.monotonic() - begun - PATIENCE
    tally["latest"] = max(tally["latest"], late)
    assert late < LATE
    return outcome


TALLY = {"latest": 0.0}


@pytest.fixture(scope="module", autouse=True)
def tell_the_latest():
    yield
    if REPORTS:
        print(f"\nresult() ended at most {TALLY['latest']:.2f} s after its time")


@pytest.mark.parametrize("name", KINDS)
def test_an_unfinished_job_times_out_in_time(healed, name):
    healed.engine.hold()
    job = healed.backend.run(circuit())
    operation = STATUS[healed.dialect] if name == "expired_token" else "*"
    healed.service.faults.script([fault(operation, name)])
    outcome = timed_result(job, TALLY)
    # A service that refuses every new token as well says something about the account.
    assert outcome == "timeout" or (outcome, name) == ("error", "expired_token")
    healed.service.faults.clear()
    healed.service.faults.release()
    healed.engine.release()
    assert job.result(timeout=60).success


@pytest.mark.parametrize("name", ["stall", "delay", "status", "rate_limit", "refuse"])
def test_an_ended_job_whose_result_does_not_come_times_out_in_time(healed, name):
    for operation in READING[healed.dialect]:
        job = healed.backend.run(circuit())
        until_done(healed, job)
        healed.service.faults.script([fault(operation, name)])
        assert timed_result(job, TALLY) in ("timeout", "result")
        healed.service.faults.clear()
        healed.service.faults.release()
        assert job.result(timeout=60).success


def until_done(place, job):
    other = place.backend.retrieve_job(job.job_id())
    other.wait_for_final_state(timeout=60)


# -- an hour ---------------------------------------------------------------------------------------

OUTAGES = [
    [{"operation": "*", "kind": "status", "status": 503}],
    [{"operation": "*", "kind": "html"}],
    [{"operation": "*", "kind": "refuse"}],
    [{"operation": "*", "kind": "status", "status": 524}],
    [{"operation": "*", "kind": "reset_before"}],
    [{"operation": "*", "kind": "rate_limit", "retry_after": 30}],
    [{"operation": "*", "kind": "lost_response"}],
    [{"operation": "*", "kind": "truncate"}],
    [{"operation": "*", "kind": "html", "status": 200}],
    [{"operation": "*", "kind": "rate_limit", "retry_after": 20, "as_date": True}],
    [{"operation": "*", "kind": "status", "status": 429, "headers": {"Retry-After": "999999"}}],
    [{"operation": "*", "kind": "status", "status": 500}],
]
NIGHT = 8 * 3600.0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_hour_with_everything_in_it_ends_done(dialect):
    virtual = VirtualTime()
    with a_place(dialect, sleep=virtual.sleep, clock=virtual) as place:
        place.engine.hold()
        job = place.backend.run(circuit())
        job._waiter.clock, job._waiter.sleep = virtual, virtual.sleep
        faults = place.service.faults
        asked = Counter()

        def play(script):
            def change():
                asked.update(request.operation for request in faults.requests)
                faults.script(script)

            return change

        def end_the_outage():
            play([])()
            faults.release()

        def at(minute, happening):
            asleep = NIGHT if minute > 20 else 0.0
            virtual.at(60.0 * minute + asleep, happening)

        for number, outage in enumerate(OUTAGES):
            at(1.5 + 4.8 * number, play(outage))
            at(3.0 + 4.8 * number, end_the_outage)
        once = {"operation": STATUS[dialect], "calls": 1}
        at(5.0, play([{**once, "kind": "expired_token"}]))
        at(14.0, play([{**once, "kind": "stall"}]))
        at(20.0, lambda: virtual.pass_by(NIGHT))  # the lid is closed
        at(33.0, play([{**once, "kind": "expired_token"}]))
        at(60.0, place.engine.release)
        # the websocket cannot be opened, so that the hour is polled through
        faults.script([{"operation": "jobStatusStream", "kind": "status", "status": 503}])
        result = job.result()
        play([])()
        assert result.success
        assert job.status().name == "DONE"
        assert virtual.now >= NIGHT + 3600
        total = sum(asked.values())
        assert asked[STATUS[dialect]] > 300
        assert total < 1500
        logins = asked["loginWithToken"] + asked["exchangeToken"]
        assert 2 <= logins < 120
        if REPORTS:
            print(f"\n{dialect}: an hour took {total} requests: {dict(asked)}")


# -- the stream ------------------------------------------------------------------------------------

BREAKS = {
    "refused": {"kind": "refuse"},
    "forbidden": {"kind": "status", "status": 403},
    "overloaded": {"kind": "rate_limit", "retry_after": 5},
    "token lapsed": {"kind": "expired_token"},
    "cut at once": {"kind": "reset_during", "after_frames": 0},
    "cut after two words": {"kind": "reset_during", "after_frames": 2},
    "gone without a word": {"kind": "lost_response", "after_frames": 2},
    "half a frame": {"kind": "truncate", "after_frames": 2},
    "nonsense": {"kind": "wrong_json", "after_frames": 1},
}


@pytest.mark.parametrize("place", ["classic"], indirect=True)
@pytest.mark.parametrize("name", BREAKS)
def test_a_stream_that_breaks_loses_nothing(healed, name):
    healed.engine.hold()
    job = healed.backend.run(circuit())
    healed.service.faults.script([{"operation": "jobStatusStream", **BREAKS[name]}])
    seen = []

    def told(_job_id, status, _job, **_more):
        seen.append(status.name)
        healed.engine.release()

    job.wait_for_final_state(timeout=60, callback=told)
    order = ["INITIALIZING", "VALIDATING", "QUEUED", "RUNNING"]
    assert seen
    assert [order.index(word) for word in seen] == sorted(order.index(word) for word in seen)
    assert job.result().success


# -- many jobs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_many_jobs_are_waited_for_with_one_question_at_a_time(dialect):
    def questions(count):
        virtual = VirtualTime()
        place.service.faults.script(
            [{"operation": "jobStatusStream", "kind": "status", "status": 503}]
        )
        place.engine.hold()
        job_set = IBMQJobManager().run(
            [circuit() for _ in range(count)], place.backend, max_experiments_per_job=1
        )
        for job in job_set.jobs():
            job._waiter.clock, job._waiter.sleep = virtual, virtual.sleep
        before = len(place.service.faults.requests)
        asked = []

        def release():
            asked.append(len(place.service.faults.requests) - before)
            place.engine.release()

        virtual.at(600.0, release)
        results = job_set.results()
        assert results.success
        return asked[0]

    with a_place(dialect) as place:
        alone, together = questions(1), questions(6)
    assert 100 < alone < 160
    assert together <= alone * 1.1 + 2


def test_a_timeout_of_days_is_no_trouble(healed):
    job = healed.backend.run(circuit())
    assert job.result(timeout=timedelta(days=365).total_seconds()).success
