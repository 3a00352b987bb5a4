"""``cancel()`` returns whether the job was cancelled, in every race, in both dialects."""

from __future__ import annotations

import threading

import pytest

from ibmq_backend.exceptions import IBMQJobApiError
from ibmq_backend.records import Submission
from tests.faults.faulty_target import DEVICE, DIALECTS, circuit, faulty_target
from tests.support.emulator import until

FINAL = {"COMPLETED", "CANCELLED", "ERROR_RUNNING_JOB"}


@pytest.fixture(scope="module", params=DIALECTS)
def target(request):
    with faulty_target(request.param) as target:
        yield target


@pytest.fixture(autouse=True)
def clear_faults(target):
    yield
    target.service.faults.clear()
    target.service.faults.release()
    target.engine.release()
    until(target.statuses, lambda statuses: statuses <= FINAL)  # else the next job queues behind


def wait_until_final(target, job):
    """Return the final status on the server."""

    def look():
        return target.service.service_state.jobs.history(job.job_id())[-1]["status"]

    return until(look, lambda status: status in FINAL)


def submit_running(target):
    """Return a job that runs until the engine is released."""
    target.engine.hold()
    before = len(target.engine.tasks)
    job = target.backend.run(circuit())
    target.engine.wait_for_tasks(before + 1)
    return job


def submit_queued(target):
    submit_running(target)
    return target.backend.run(circuit())


def submit_finished(target):
    target.engine.release()
    job = target.backend.run(circuit())
    wait_until_final(target, job)
    return job  # the client has not asked for its status yet


STATES = {
    "queued": (submit_queued, True),
    "running": (submit_running, True),
    "finished": (submit_finished, False),
}
FAULTS = {
    "nothing lost": [],
    "reply lost": [{"operation": "cancelJob", "calls": 1, "kind": "lost_response"}],
    "every reply lost": [{"operation": "cancelJob", "kind": "lost_response"}],
    "cancelled, but 504": [
        {"operation": "cancelJob", "kind": "status", "status": 504, "handled": True}
    ],
    "reply broken": [{"operation": "cancelJob", "calls": "1-2", "kind": "truncate"}],
    "token expired": [{"operation": "cancelJob", "calls": 1, "kind": "expired_token"}],
    "status not available for a while": [
        {"operation": "getJob", "calls": "1-8", "kind": "status", "status": 503}
    ],
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("state", STATES)
def test_the_answer_matches_the_final_status(target, state, fault):
    submit, expected = STATES[state]
    job = submit(target)
    target.service.faults.script(FAULTS[fault])
    answer = job.cancel()
    target.service.faults.clear()
    target.engine.release()
    assert (wait_until_final(target, job) == "CANCELLED") is answer is expected
    assert job.cancelled() is answer


@pytest.mark.parametrize("state", STATES)
def test_cancelling_twice_gives_the_same_answer(target, state):
    submit, expected = STATES[state]
    job = submit(target)
    assert job.cancel() is job.cancel() is expected


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_request_that_never_arrived_raises_and_the_job_completes(target, state):
    job = STATES[state][0](target)
    target.service.faults.script(
        [{"operation": "cancelJob", "kind": "status", "status": 503, "handled": False}]
    )
    with pytest.raises(IBMQJobApiError, match="cancel"):
        job.cancel()
    target.service.faults.clear()
    target.engine.release()
    assert wait_until_final(target, job) == "COMPLETED"


@pytest.mark.parametrize("target", ["classic"], indirect=True)
def test_a_job_without_its_data_can_be_cancelled(target):
    client = target.backend._api_client
    client.create(Submission(DEVICE["classic"], {}, "half-made", tags=("half",)))
    [job] = target.backend.jobs(job_tags=["half"])
    assert job.cancel() is True
    assert wait_until_final(target, job) == "CANCELLED"


def test_cancelling_a_job_while_it_ends(target):
    """The job may end or be cancelled first; the answer must match the final status."""
    answers = []
    for _ in range(12):
        job = submit_running(target)
        start = threading.Barrier(2)

        def finish(start=start):
            start.wait()
            target.engine.release()

        thread = threading.Thread(target=finish)
        thread.start()
        start.wait()
        answer = job.cancel()
        thread.join()
        assert (wait_until_final(target, job) == "CANCELLED") is answer
        answers.append(answer)
    assert len(answers) == 12
