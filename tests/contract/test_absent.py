"""Features that a dialect lacks: an error names them, or there is nothing to return."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import ApiInputError, ApiNotSupported
from ibmq_backend.records import JobQuery, Submission
from tests.contract.targets import Target, Trait
from tests.support.builders import flipped, impossible


@pytest.mark.lacks(Capability.RESERVATIONS)
def test_reservations_are_not_offered(target: Target, account: AccountClient) -> None:
    with pytest.raises(ApiNotSupported, match="reservations"):
        account.reservations(target.facts.device)
    with pytest.raises(ApiNotSupported, match="reservations"):
        account.my_reservations()


@pytest.mark.lacks(Capability.SESSIONS)
def test_sessions_are_not_offered(target: Target, account: AccountClient) -> None:
    with pytest.raises(ApiNotSupported, match="no sessions"):
        account.open_session(target.facts.device, "batch")


@pytest.mark.lacks(Capability.JOB_LOGS)
def test_logs_are_not_offered(target: Target, account: AccountClient) -> None:
    with pytest.raises(ApiNotSupported, match="log"):
        account.job_logs(target.facts.unknown_job_id)


@pytest.mark.lacks(Capability.USAGE)
def test_usage_is_not_offered(account: AccountClient) -> None:
    with pytest.raises(ApiNotSupported, match="time on devices"):
        account.usage()


@pytest.mark.lacks(Capability.STATUS_STREAM)
def test_stream_is_not_offered(target: Target, account: AccountClient) -> None:
    with pytest.raises(ApiNotSupported, match="status stream"):
        list(account.watch_job(target.facts.unknown_job_id, timeout=1.0))


@pytest.mark.lacks(Capability.QUEUE_INFO)
@pytest.mark.service
def test_waiting_job_has_no_queue_position(target: Target, account: AccountClient) -> None:
    device = target.facts.device
    target.pause(device)
    job_id = account.submit(Submission(device, flipped(device), target.tag(1))).job_id
    target.wait_for(account, job_id, {"QUEUED"})
    record = account.job_status(job_id)
    assert (record.status, record.queue) == ("QUEUED", None)
    assert account.status(device).pending_jobs == 1
    assert account.job_limit(device).running_jobs == 1


@pytest.mark.lacks(Trait.SERVER_SIDE_CHECKS)
def test_job_that_the_device_cannot_run_is_not_sent(target: Target, account: AccountClient) -> None:
    device = target.facts.device
    with pytest.raises(ApiInputError, match="teleport"):
        account.submit(Submission(device, impossible(device), target.tag(1)))
    assert list(account.jobs(JobQuery(), limit=None)) == []


@pytest.mark.lacks(Trait.EXPERIMENTS)
def test_experiments_are_not_offered(target: Target, account: AccountClient) -> None:
    device = target.facts.device
    submission = Submission(device, flipped(device), target.tag(1), experiment_id="experiment-1")
    with pytest.raises(ApiNotSupported, match="experiment_id"):
        account.submit(submission)


@pytest.mark.lacks(Trait.SEARCH_LANGUAGE)
def test_search_language_is_not_offered(account: AccountClient) -> None:
    with pytest.raises(ApiNotSupported):
        list(account.jobs(JobQuery(where={"name": "x"}), limit=None))
