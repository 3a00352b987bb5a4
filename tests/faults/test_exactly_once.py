"""One ``run()``, one job: whatever goes wrong on the way, in both dialects, over real HTTP.

``IBMQ_BACKEND_FAULT_SCHEDULES=500 pytest -s tests/faults/test_exactly_once.py`` tries more
schedules and prints what became of them.
"""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings

from ibmq_backend.exceptions import IBMQError, IBMQJobSubmissionUncertain
from tests.faults.places import DIALECTS, Place, a_place, circuit
from tests.faults.schedules import SCHEDULES, schedules

NUMBERS = itertools.count(1)
PROFILE = settings(
    max_examples=SCHEDULES or 25,
    deadline=None,
    derandomize=not SCHEDULES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
GOING_ON = {"CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED"}


@pytest.fixture(scope="module", params=DIALECTS)
def place(request):
    with a_place(request.param) as place:
        place.tally = Counter()
        yield place
        if SCHEDULES:
            print(f"\n{request.param}: {dict(place.tally)}")


def submit_under(place: Place, script) -> None:
    """Run one circuit under a fault script, and hold what became of it to the promise."""
    tag = f"example-{next(NUMBERS)}"
    place.slept.clear()
    place.service.faults.script(script)
    job, failure = None, None
    try:
        job = place.backend.run(circuit(), job_tags=[tag])
    except IBMQError as error:
        failure = error
    requests = place.service.faults.requests
    place.service.faults.clear()
    there = place.jobs_with(tag)
    place.tally["schedules"] += 1
    place.tally["requests"] += len(requests)
    place.tally["duplicated"] += len(there) > 1
    place.tally["lost"] += job is not None and job.job_id() not in there
    place.tally["returned" if job else type(failure).__name__] += 1

    assert len(there) <= 1, there
    stuck = [job_id for job_id, status in there.items() if status == "CREATING"]
    place.tally["stuck"] += len(stuck)
    # Only where nothing could be asked any more, not even in three attempts; and it is told.
    assert all(job_id in told_by(failure) for job_id in stuck)
    assert len(requests) < 150
    if job is not None:
        assert list(there) == [job.job_id()]
        assert there[job.job_id()] in GOING_ON
        assert job.result(timeout=30).success
    elif isinstance(failure, IBMQJobSubmissionUncertain):
        found = place.backend.jobs(job_tags=[failure.submission_id])
        assert [each.job_id() for each in found] == list(there)
    else:
        assert not GOING_ON & set(there.values()), failure
        assert failure.message


def told_by(error: BaseException | None) -> str:
    told = []
    while error is not None:
        told += [str(error), *getattr(error, "__notes__", [])]
        error = error.__cause__
    return "\n".join(told)


def lost(operation, calls=1, **more):
    return {"operation": operation, "calls": calls, "kind": "lost_response", **more}


def status(operation, number, calls, **more):
    return {"operation": operation, "calls": calls, "kind": "status", "status": number, **more}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_schedule_draws_what_the_fault_layer_takes(dialect):
    from ibmq_backend.emulator.faults.script import FaultScript

    @settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck))
    @given(script=schedules(dialect))
    def check(script):
        assert len(FaultScript.of(script).faults) == len(script)

    check()


def test_random_schedules(place):
    @PROFILE
    @given(script=schedules(place.dialect))
    @example(script=[lost("createJob")])
    @example(script=[status("createJob", 401, 1, handled=True)])
    @example(script=[status("createJob", 524, 1, handled=True)])
    @example(script=[status("createJob", 503, "1-3")])
    @example(script=[{"operation": "createJob", "calls": 1, "kind": "expired_token"}])
    @example(script=[{"operation": "createJob", "calls": 1, "kind": "delay", "seconds": 30.0}])
    def check(script):
        submit_under(place, script)

    check()


UPLOADS = {
    "the upload breaks half-way, once": [
        {"operation": "putStoredObject", "calls": 1, "kind": "reset_before", "after_bytes": 20}
    ],
    "the upload breaks half-way, again and again": [
        {"operation": "putStoredObject", "kind": "reset_before", "after_bytes": 20}
    ],
    "the address of the upload has lapsed": [status("putStoredObject", 403, 1)],
    "no address of an upload holds": [status("putStoredObject", 403, "1-")],
    "the reply to the upload is lost": [lost("putStoredObject")],
    "nobody takes the notice": [status("markJobDataUploaded", 503, "1-")],
    "the replies to the notice are lost": [lost("markJobDataUploaded", "1-")],
    "the notice is lost, and what became of it": [
        lost("markJobDataUploaded", "1-"),
        status("getJobStatus", 503, "1-"),
    ],
    "cancelling fails at first": [
        status("putStoredObject", 503, "1-"),
        status("cancelJob", 503, "1-7"),
    ],
    "cancelling is answered with nonsense at first": [
        status("putStoredObject", 503, "1-"),
        {"operation": "cancelJob", "calls": "1-2", "kind": "html", "status": 200},
    ],
}


@pytest.mark.parametrize("place", ["classic"], indirect=True)
@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_that_breaks_is_resumed_or_its_job_removed(place, name):
    before = place.tally["stuck"]
    submit_under(place, UPLOADS[name])
    assert place.tally["stuck"] == before


def test_an_outage_that_outlasts_everything_is_told(place):
    place.service.faults.script([status("*", 503, "1-")])
    with pytest.raises(IBMQError) as caught:
        place.backend.run(circuit(), job_tags=["outage"])
    place.service.faults.clear()
    assert place.jobs_with("outage") == {}
    assert "503" in caught.value.message or "503" in str(caught.value.__cause__)
