"""``cancel()`` says what became of the job, in every race of its life, in both dialects."""

from __future__ import annotations

import threading

import pytest

from ibmq_backend.exceptions import IBMQJobApiError
from ibmq_backend.records import Submission
from tests.faults.places import DEVICE, DIALECTS, a_place, circuit
from tests.support.emulator import until

FINAL = {"COMPLETED", "CANCELLED", "ERROR_RUNNING_JOB"}


@pytest.fixture(scope="module", params=DIALECTS)
def place(request):
    with a_place(request.param) as place:
        yield place


@pytest.fixture(autouse=True)
def healed(place):
    yield
    place.service.faults.clear()
    place.service.faults.release()
    place.engine.release()


def settled(place, job):
    """The final status on the server, whatever the client believes."""

    def look():
        return place.service.service_state.jobs.history(job.job_id())[-1]["status"]

    return until(look, lambda status: status in FINAL)


def running(place):
    """A job that runs for as long as the engine is held."""
    place.engine.hold()
    before = len(place.engine.tasks)
    job = place.backend.run(circuit())
    place.engine.wait_for_tasks(before + 1)
    return job


def queued(place):
    running(place)
    return place.backend.run(circuit())


def just_finished(place):
    place.engine.release()
    job = place.backend.run(circuit())
    settled(place, job)
    return job  # as far as the client knows it has just been made


STATES = {"queued": (queued, True), "running": (running, True), "finished": (just_finished, False)}
LOSSES = {
    "nothing lost": [],
    "reply lost": [{"operation": "cancelJob", "calls": 1, "kind": "lost_response"}],
    "every reply lost": [{"operation": "cancelJob", "kind": "lost_response"}],
    "done, but 504": [{"operation": "cancelJob", "kind": "status", "status": 504, "handled": True}],
    "reply broken": [{"operation": "cancelJob", "calls": "1-2", "kind": "truncate"}],
    "token lapsed": [{"operation": "cancelJob", "calls": 1, "kind": "expired_token"}],
    "state unreadable for a while": [
        {"operation": "getJob", "calls": "1-8", "kind": "status", "status": 503}
    ],
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("state", STATES)
def test_the_answer_is_what_became_of_the_job(place, state, loss):
    make, expected = STATES[state]
    job = make(place)
    place.service.faults.script(LOSSES[loss])
    answer = job.cancel()
    place.service.faults.clear()
    place.engine.release()
    assert (settled(place, job) == "CANCELLED") is answer is expected
    assert job.cancelled() is answer


@pytest.mark.parametrize("state", STATES)
def test_asking_twice_changes_nothing(place, state):
    make, expected = STATES[state]
    job = make(place)
    assert job.cancel() is job.cancel() is expected


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_request_that_never_arrived_is_an_error_and_the_job_goes_on(place, state):
    job = STATES[state][0](place)
    place.service.faults.script(
        [{"operation": "cancelJob", "kind": "status", "status": 503, "handled": False}]
    )
    with pytest.raises(IBMQJobApiError, match="cancel"):
        job.cancel()
    place.service.faults.clear()
    place.engine.release()
    assert settled(place, job) == "COMPLETED"


@pytest.mark.parametrize("place", ["classic"], indirect=True)
def test_a_job_without_its_data_can_be_cancelled(place):
    client = place.backend._api_client
    client.create(Submission(DEVICE["classic"], {}, "half-made", tags=("half",)))
    [job] = place.backend.jobs(job_tags=["half"])
    assert job.cancel() is True
    assert settled(place, job) == "CANCELLED"


def test_jobs_cancelled_while_they_end(place):
    """The engine lets go at the very moment of the request; either may win, and it is told."""
    answers = []
    for _ in range(12):
        job = running(place)
        start = threading.Barrier(2)

        def let_go(start=start):
            start.wait()
            place.engine.release()

        thread = threading.Thread(target=let_go)
        thread.start()
        start.wait()
        answer = job.cancel()
        thread.join()
        assert (settled(place, job) == "CANCELLED") is answer
        answers.append(answer)
    assert len(answers) == 12
