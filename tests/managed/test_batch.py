"""The batch of a job set on the emulated platform."""

from __future__ import annotations

import pytest

from ibmq_backend import IBMQ, IBMQJobManager
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import PREMIUM_PLAN, ServiceInstance
from ibmq_backend.emulator.service_state import DeviceState, Settings
from ibmq_backend.exceptions import IBMQJobSubmissionUncertain
from ibmq_backend.managed import batch
from tests.support.emulator import until
from tests.support.job_sets import bits, numbered

DEVICE = "ibm_perth"
SUBMISSION = {"createSession", "createJob", "updateSession", "listJobs"}


@pytest.fixture(scope="module")
def service(engine):
    instance = ServiceInstance("only", PREMIUM_PLAN)
    with LocalService(
        settings=Settings(seed=4), instances=[instance], engine=engine, faults=[]
    ) as running:
        yield running


@pytest.fixture
def backend(service):
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    yield provider.get_backend(DEVICE)
    service.faults.clear()


@pytest.fixture
def run(backend):
    """Return a function that runs circuits as jobs of one circuit each."""

    def submit(count, **options):
        return IBMQJobManager().run(
            numbered(count), backend, max_experiments_per_job=1, shots=20, **options
        )

    return submit


@pytest.fixture
def end_of_submission(service):
    """Return a function that waits for the thread of a set and returns what it sent."""

    def wait(job_set):
        job_set._submitter._thread.join(120)
        return [each.operation for each in service.faults.requests if each.operation in SUBMISSION]

    service.faults.script([])
    return wait


def sessions_of(service, job_set):
    """Return the session of each submitted job, as the service knows it."""
    ids = [job.job_id() for job in job_set.jobs() if job is not None]
    loaded = service.dialects.platform.state.runs.load(ids)
    return [run.session_id for _, run in loaded]


def test_several_jobs_share_a_batch(service, backend, run, end_of_submission):
    job_set = run(3)
    assert end_of_submission(job_set) == ["createSession", *["createJob"] * 3, "updateSession"]
    own, *others = sessions_of(service, job_set)
    assert own is not None
    assert others == [own, own]
    assert backend.session is None
    results = job_set.results(timeout=300)
    assert max(results.get_counts(2), key=results.get_counts(2).get) == bits(2)
    assert job_set.jobs()[0].scheduling_mode() == "batch"
    again = IBMQJobManager().retrieve_job_set(job_set.job_set_id(), backend.provider())
    assert again.results(timeout=300).success


def test_one_job_has_no_batch(service, run, end_of_submission):
    job_set = run(1)
    assert end_of_submission(job_set) == ["createJob"]
    assert sessions_of(service, job_set) == [None]


def test_session_of_the_user_is_used(service, backend, run, end_of_submission):
    with backend.open_session() as opened:
        job_set = run(2)
        assert end_of_submission(job_set) == ["createSession", "createJob", "createJob"]
    assert sessions_of(service, job_set) == [opened.session_id] * 2


def test_jobs_after_the_end_of_the_block_are_not_lost(service, backend, run, end_of_submission):
    delay = {"kind": "delay", "seconds": 300, "handled": False}
    service.faults.script([{"operation": "createJob", "calls": 1, **delay}])
    with backend.open_batch():
        job_set = run(2)
        until(
            lambda: [each.operation for each in service.faults.requests],
            lambda sent: "createJob" in sent,
        )
    service.faults.release()
    assert end_of_submission(job_set).count("createJob") == 3
    assert sessions_of(service, job_set) == [None, None]


def test_explicit_session_is_used(service, backend, run, end_of_submission):
    opened = backend.open_batch()
    backend._session = None
    job_set = run(2, session_id=opened.session_id)
    assert end_of_submission(job_set) == ["createSession", "createJob", "createJob"]
    assert sessions_of(service, job_set) == [opened.session_id] * 2


def test_without_a_batch_the_jobs_are_submitted(service, run, end_of_submission, caplog):
    service.faults.script([{"operation": "createSession", "kind": "status", "status": 503}])
    job_set = run(2)
    assert end_of_submission(job_set) == ["createSession", "createJob", "createJob"]
    assert sessions_of(service, job_set) == [None, None]
    told = [each for each in caplog.records if each.name == batch.logger.name]
    assert ["without a batch" in each.getMessage() for each in told] == [True]


@pytest.mark.parametrize(("status", "code"), [(400, 1217), (400, 4001), (404, None), (409, None)])
def test_batch_that_closes_early_loses_no_job(service, run, end_of_submission, status, code):
    error = {"message": "The session is closed.", **({} if code is None else {"code": code})}
    refusal = {"kind": "status", "status": status, "body": {"errors": [error]}}
    service.faults.script([{"operation": "createJob", "calls": 2, **refusal}])
    job_set = run(3)
    assert end_of_submission(job_set).count("createJob") == 4
    own, *others = sessions_of(service, job_set)
    assert own is not None
    assert others == [None, None]


def test_job_of_unknown_outcome_is_not_submitted_again(service, run, end_of_submission):
    service.faults.script(
        [
            {"operation": "createJob", "calls": 2, "kind": "lost_response"},
            {"operation": "listJobs", "kind": "status", "status": 404},
        ]
    )
    job_set = run(3)
    assert end_of_submission(job_set).count("createJob") == 3
    second = job_set.managed_jobs()[1]
    assert isinstance(second.submit_error, IBMQJobSubmissionUncertain)


def test_late_jobs_are_submitted_without_it(service, run, end_of_submission, monkeypatch):
    monkeypatch.setattr(batch, "USED_SHARE", 0.0)
    job_set = run(2)
    sent = end_of_submission(job_set)
    assert sent == ["createSession", "updateSession", "createJob", "createJob"]
    assert sessions_of(service, job_set) == [None, None]


def test_batch_that_cannot_be_closed_is_left_to_the_service(service, run, end_of_submission):
    service.faults.script([{"operation": "updateSession", "kind": "status", "status": 403}])
    job_set = run(2)
    assert end_of_submission(job_set)[-1] == "updateSession"
    assert job_set.results(timeout=300).success


def test_cancelled_set_closes_its_batch(service, run, end_of_submission):
    service.service_state.set_device_state(DEVICE, DeviceState(status="internal"))
    job_set = run(2)
    job_set.jobs()
    job_set.cancel()
    service.service_state.set_device_state(DEVICE, DeviceState())
    assert [status.name for status in job_set.statuses()] == ["CANCELLED", "CANCELLED"]
    assert end_of_submission(job_set).count("updateSession") == 1
