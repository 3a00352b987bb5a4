"""Waiting ends on time, survives outages and sends few requests."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import timedelta

import pytest

from ibmq_backend.exceptions import IBMQJobApiError, IBMQJobTimeoutError
from ibmq_backend.managed import IBMQJobManager
from tests.faults.faulty_target import DIALECTS, PATIENT, QUICK, circuit, faulty_target
from tests.support.virtual_time import VirtualTime

TIMEOUT_SECONDS = 0.3  # of result()
REPORTS = "IBMQ_BACKEND_LATE_SECONDS" in os.environ
MAX_LATE_SECONDS = float(os.environ.get("IBMQ_BACKEND_LATE_SECONDS", "5"))
"""How late a wait may end. One second is documented, but a busy machine needs more; a wait that
ignores its deadline takes 60 s and more."""

ALL_CALLS = "1-"
AN_HOUR = 3600.0
KINDS = {
    "refuse": {},
    "refuse for an hour": {"kind": "refuse", "seconds": AN_HOUR},
    "reset_before": {},
    "reset_during": {},
    "lost_response": {},
    "truncate": {},
    "stall": {"seconds": AN_HOUR},
    "stall before the body": {"kind": "stall", "seconds": AN_HOUR, "after_bytes": 0},
    "delay": {"seconds": AN_HOUR},
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


def fault(operation, name, calls=ALL_CALLS):
    return {"operation": operation, "calls": calls, "kind": name, **KINDS[name]}


@pytest.fixture(scope="module", params=DIALECTS)
def target(request):
    with faulty_target(request.param, settings=PATIENT, sleep=time.sleep) as target:
        yield target


@pytest.fixture
def healthy_target(target):
    yield target
    target.service.faults.clear()
    target.service.faults.release()
    target.engine.release()


def timed_result(job, tally):
    begun = time.monotonic()
    try:
        job.result(timeout=TIMEOUT_SECONDS)
        outcome = "result"
    except IBMQJobTimeoutError:
        outcome = "timeout"
    except IBMQJobApiError:
        outcome = "error"
    late = time.monotonic() - begun - TIMEOUT_SECONDS
    tally["latest"] = max(tally["latest"], late)
    assert late < MAX_LATE_SECONDS
    return outcome


TALLY = {"latest": 0.0}


@pytest.fixture(scope="module", autouse=True)
def report_longest_delay():
    yield
    if REPORTS:
        print(f"\nresult() ended at most {TALLY['latest']:.2f} s late")


@pytest.mark.parametrize("name", KINDS)
def test_result_of_an_unfinished_job_times_out_on_time(healthy_target, name):
    healthy_target.engine.hold()
    job = healthy_target.backend.run(circuit())
    operation = STATUS[healthy_target.dialect] if name == "expired_token" else "*"
    healthy_target.service.faults.script([fault(operation, name)])
    outcome = timed_result(job, TALLY)
    # An error is right if the service refuses every new token as well.
    assert outcome == "timeout" or (outcome, name) == ("error", "expired_token")
    healthy_target.service.faults.clear()
    healthy_target.service.faults.release()
    healthy_target.engine.release()
    assert job.result(timeout=60).success


@pytest.mark.parametrize("name", ["stall", "delay", "status", "rate_limit", "refuse"])
def test_result_times_out_on_time_when_the_download_fails(healthy_target, name):
    for operation in READING[healthy_target.dialect]:
        job = healthy_target.backend.run(circuit())
        until_done(healthy_target, job)
        healthy_target.service.faults.script([fault(operation, name)])
        assert timed_result(job, TALLY) in ("timeout", "result")
        healthy_target.service.faults.clear()
        healthy_target.service.faults.release()
        assert job.result(timeout=60).success


def until_done(target, job):
    other = target.backend.retrieve_job(job.job_id())
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
SUSPENDED_SECONDS = 8 * 3600.0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_waiting_through_an_hour_of_outages_gives_the_result(dialect):
    virtual = VirtualTime()
    with faulty_target(dialect, settings=QUICK, sleep=virtual.sleep, clock=virtual) as target:
        target.engine.hold()
        job = target.backend.run(circuit())
        job._waiter.clock, job._waiter.sleep = virtual, virtual.sleep
        faults = target.service.faults
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
            asleep = SUSPENDED_SECONDS if minute > 20 else 0.0
            virtual.at(60.0 * minute + asleep, happening)

        for number, outage in enumerate(OUTAGES):
            at(1.5 + 4.8 * number, play(outage))
            at(3.0 + 4.8 * number, end_the_outage)
        once = {"operation": STATUS[dialect], "calls": 1}
        at(5.0, play([{**once, "kind": "expired_token"}]))
        at(14.0, play([{**once, "kind": "stall"}]))
        at(20.0, lambda: virtual.pass_by(SUSPENDED_SECONDS))  # the machine is suspended
        at(33.0, play([{**once, "kind": "expired_token"}]))
        at(60.0, target.engine.release)
        # without the websocket the client polls for the whole hour
        faults.script([{"operation": "jobStatusStream", "kind": "status", "status": 503}])
        result = job.result()
        play([])()
        assert result.success
        assert job.status().name == "DONE"
        assert virtual.now >= SUSPENDED_SECONDS + 3600
        total = sum(asked.values())
        assert asked[STATUS[dialect]] > 150
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
    "token expired": {"kind": "expired_token"},
    "cut at once": {"kind": "reset_during", "after_frames": 0},
    "cut after two frames": {"kind": "reset_during", "after_frames": 2},
    "closed without a close frame": {"kind": "lost_response", "after_frames": 2},
    "half a frame": {"kind": "truncate", "after_frames": 2},
    "wrong JSON": {"kind": "wrong_json", "after_frames": 1},
}


@pytest.mark.parametrize("target", ["classic"], indirect=True)
@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_status_stream_loses_no_status(healthy_target, name):
    healthy_target.engine.hold()
    job = healthy_target.backend.run(circuit())
    healthy_target.service.faults.script([{"operation": "jobStatusStream", **BREAKS[name]}])
    seen = []

    def collect(_job_id, status, _job, **_more):
        seen.append(status.name)
        healthy_target.engine.release()

    job.wait_for_final_state(timeout=60, callback=collect)
    order = ["INITIALIZING", "VALIDATING", "QUEUED", "RUNNING"]
    assert seen
    assert [order.index(word) for word in seen] == sorted(order.index(word) for word in seen)
    assert job.result().success


# -- many jobs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_waiting_for_many_jobs_sends_one_request_at_a_time(dialect):
    def count_requests(count):
        virtual = VirtualTime()
        target.service.faults.script(
            [{"operation": "jobStatusStream", "kind": "status", "status": 503}]
        )
        target.engine.hold()
        job_set = IBMQJobManager().run(
            [circuit() for _ in range(count)], target.backend, max_experiments_per_job=1
        )
        for job in job_set.jobs():
            job._waiter.clock, job._waiter.sleep = virtual, virtual.sleep
        before = len(target.service.faults.requests)
        asked = []

        def release():
            asked.append(len(target.service.faults.requests) - before)
            target.engine.release()

        virtual.at(600.0, release)
        results = job_set.results()
        assert results.success
        return asked[0]

    with faulty_target(dialect) as target:
        alone, together = count_requests(1), count_requests(6)
    assert 40 < alone < 80
    assert together <= alone * 1.1 + 2


def test_a_timeout_of_a_year_is_accepted(healthy_target):
    job = healthy_target.backend.run(circuit())
    assert job.result(timeout=timedelta(days=365).total_seconds()).success
