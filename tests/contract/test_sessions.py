"""Sessions and batches, and the log of a job."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import ApiNotFound, ApiStatusError
from ibmq_backend.records import JobTerms, Submission
from tests.contract.targets import Target
from tests.support.builders import flipped

pytestmark = pytest.mark.needs(Capability.SESSIONS)


def submit(target: Target, account: AccountClient, device: str, session_id: str) -> str:
    """Submit a job to a session and return its id."""
    terms = JobTerms(session_id=session_id)
    submission = Submission(device, flipped(device), target.tag(1), terms=terms)
    return account.submit(submission).job_id


def test_batch_runs_its_jobs_and_then_accepts_no_more(
    target: Target, account: AccountClient
) -> None:
    runner = target.facts.runner
    opened = account.open_session(runner, "batch", 300)
    assert (opened.mode, opened.accepting_jobs, opened.max_seconds) == ("batch", True, 300)
    job_id = submit(target, account, runner, opened.session_id)
    target.wait_for(account, job_id)
    assert account.job(job_id).run_mode == "batch"
    assert account.session(opened.session_id).state == "active"
    account.close_session(opened.session_id)
    closed = account.session(opened.session_id)
    assert (closed.state, closed.accepting_jobs) == ("closed", False)
    with pytest.raises(ApiStatusError) as caught:
        submit(target, account, runner, opened.session_id)
    assert (caught.value.status_code, caught.value.code) == (400, 1217)


def test_cancelled_session_does_not_run_its_waiting_jobs(
    target: Target, account: AccountClient
) -> None:
    device = target.facts.device
    target.pause(device)
    opened = account.open_session(device, "dedicated")
    job_id = submit(target, account, device, opened.session_id)
    account.close_session(opened.session_id, cancel=True)
    error = account.job(job_id).error
    assert error is not None
    assert error.code == 1217


def test_unknown_session_is_as_good_as_closed(target: Target, account: AccountClient) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    account.close_session(nobody)
    account.close_session(nobody, cancel=True)
    with pytest.raises(ApiNotFound):
        account.session(nobody)


@pytest.mark.needs(Capability.JOB_LOGS)
def test_log_of_a_job_that_is_done_is_empty(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    job_id = account.submit(Submission(runner, flipped(runner), target.tag(1))).job_id
    target.wait_for(account, job_id)
    assert account.job_logs(job_id) == ""
    with pytest.raises(ApiNotFound) as caught:
        account.job_logs(target.facts.unknown_job_id)
    assert (caught.value.status_code, caught.value.code) == target.facts.no_job
