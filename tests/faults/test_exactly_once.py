"""Each ``run()`` creates at most one job under random faults, in both dialects, over real HTTP.

``IBMQ_BACKEND_FAULT_SCHEDULES=500 pytest -s tests/faults/test_exactly_once.py`` tries more
schedules and prints their outcomes.
"""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings

from ibmq_backend.exceptions import IBMQError, IBMQJobSubmissionUncertain
from tests.faults.faulty_target import DIALECTS, QUICK, FaultyTarget, circuit, faulty_target
from tests.faults.schedules import SCHEDULES, schedules

NUMBERS = itertools.count(1)
PROFILE = settings(
    max_examples=SCHEDULES or 25,
    deadline=None,
    derandomize=not SCHEDULES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ACTIVE_STATUSES = {"CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED"}


@pytest.fixture(scope="module", params=DIALECTS)
def target(request):
    with faulty_target(request.param, settings=QUICK) as target:
        target.tally = Counter()
        yield target
        if SCHEDULES:
            print(f"\n{request.param}: {dict(target.tally)}")


def submit_with_faults(target: FaultyTarget, script) -> None:
    """Run one circuit under a fault script, and check that it created at most one job."""
    tag = f"example-{next(NUMBERS)}"
    target.slept.clear()
    target.service.faults.script(script)
    job, failure = None, None
    try:
        job = target.backend.run(circuit(), job_tags=[tag])
    except IBMQError as error:
        failure = error
    requests = target.service.faults.requests
    target.service.faults.clear()
    created = target.jobs_with(tag)
    target.tally["schedules"] += 1
    target.tally["requests"] += len(requests)
    target.tally["duplicated"] += len(created) > 1
    target.tally["lost"] += job is not None and job.job_id() not in created
    target.tally["returned" if job else type(failure).__name__] += 1

    assert len(created) <= 1, created
    stuck = [job_id for job_id, status in created.items() if status == "CREATING"]
    target.tally["stuck"] += len(stuck)
    # Possible only if all three attempts to clean up failed; the error then names the job.
    assert all(job_id in messages_of(failure) for job_id in stuck)
    assert len(requests) < 150
    if job is not None:
        assert list(created) == [job.job_id()]
        assert created[job.job_id()] in ACTIVE_STATUSES
        assert job.result(timeout=120).success
    elif isinstance(failure, IBMQJobSubmissionUncertain):
        found = target.backend.jobs(job_tags=[failure.submission_id])
        assert [each.job_id() for each in found] == list(created)
    else:
        assert not ACTIVE_STATUSES & set(created.values()), failure
        assert failure.message


def messages_of(error: BaseException | None) -> str:
    messages = []
    while error is not None:
        messages += [str(error), *getattr(error, "__notes__", [])]
        error = error.__cause__ or error.__context__
    return "\n".join(messages)


def lost(operation, calls=1, **more):
    return {"operation": operation, "calls": calls, "kind": "lost_response", **more}


def status(operation, number, calls, **more):
    return {"operation": operation, "calls": calls, "kind": "status", "status": number, **more}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_schedules_are_valid_fault_scripts(dialect):
    from ibmq_backend.emulator.faults.script import FaultScript

    @settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck))
    @given(script=schedules(dialect))
    def check(script):
        assert len(FaultScript.of(script).faults) == len(script)

    check()


def test_random_schedules(target):
    @PROFILE
    @given(script=schedules(target.dialect))
    @example(script=[lost("createJob")])
    @example(script=[status("createJob", 401, 1, handled=True)])
    @example(script=[status("createJob", 524, 1, handled=True)])
    @example(script=[status("createJob", 503, "1-3")])
    @example(script=[{"operation": "createJob", "calls": 1, "kind": "expired_token"}])
    @example(script=[{"operation": "createJob", "calls": 1, "kind": "delay", "seconds": 30.0}])
    def check(script):
        submit_with_faults(target, script)

    check()


UPLOADS = {
    "the upload breaks half-corruption, once": [
        {"operation": "putStoredObject", "calls": 1, "kind": "reset_before", "after_bytes": 20}
    ],
    "the upload breaks half-corruption, again and again": [
        {"operation": "putStoredObject", "kind": "reset_before", "after_bytes": 20}
    ],
    "the upload URL has expired": [status("putStoredObject", 403, 1)],
    "every upload URL is refused": [status("putStoredObject", 403, "1-")],
    "the reply to the upload is lost": [lost("putStoredObject")],
    "the notice of the upload is refused": [status("markJobDataUploaded", 503, "1-")],
    "the replies to the notice are lost": [lost("markJobDataUploaded", "1-")],
    "the replies to the notice are lost, and the status is not available": [
        lost("markJobDataUploaded", "1-"),
        status("getJobStatus", 503, "1-"),
    ],
    "cancelling fails at first": [
        status("putStoredObject", 503, "1-"),
        status("cancelJob", 503, "1-7"),
    ],
    "cancelling first gets an HTML page": [
        status("putStoredObject", 503, "1-"),
        {"operation": "cancelJob", "calls": "1-2", "kind": "html", "status": 200},
    ],
}


@pytest.mark.parametrize("target", ["classic"], indirect=True)
@pytest.mark.parametrize("name", UPLOADS)
def test_a_broken_upload_is_resumed_or_its_job_is_removed(target, name):
    before = target.tally["stuck"]
    submit_with_faults(target, UPLOADS[name])
    assert target.tally["stuck"] == before


def test_an_outage_longer_than_all_retries_raises_an_error(target):
    target.service.faults.script([status("*", 503, "1-")])
    with pytest.raises(IBMQError) as error:
        target.backend.run(circuit(), job_tags=["outage"])
    target.service.faults.clear()
    assert target.jobs_with("outage") == {}
    assert error.value.status_code == 503
