"""Waiting jobs, and cancelling."""

from __future__ import annotations

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import ApiStatusError
from ibmq_backend.records import Submission
from tests.contract.targets import Target
from tests.support.builders import flipped


def waiting_job(target: Target, account: AccountClient, number: int = 1) -> str:
    """Return the ID of a job in the queue of a paused device."""
    device = target.facts.device
    submission = Submission(device, flipped(device), target.tag(number))
    job_id = account.submit(submission).job_id
    target.wait_for(account, job_id, {"QUEUED"})
    return job_id


@pytest.mark.needs(Capability.QUEUE_INFO)
@pytest.mark.service
def test_waiting_jobs_have_queue_positions(target: Target, account: AccountClient) -> None:
    target.pause(target.facts.device)
    first, second = waiting_job(target, account, 1), waiting_job(target, account, 2)
    places = []
    for job_id in (first, second):
        record = account.job_status(job_id)
        assert record.status == "QUEUED"
        assert record.queue is not None
        assert record.queue.status == "PENDING_IN_QUEUE"
        assert record.queue.estimated_start is not None
        assert record.queue.estimated_complete is not None
        assert target.now <= record.queue.estimated_start <= record.queue.estimated_complete
        places.append(record.queue.position)
    assert places == [1, 2]
    assert account.status(target.facts.device).pending_jobs == 2


@pytest.mark.service
def test_waiting_job_runs_when_the_device_resumes(target: Target, account: AccountClient) -> None:
    target.pause(target.facts.device)
    job_id = waiting_job(target, account)
    with pytest.raises(ApiStatusError) as caught:
        account.job_result(job_id)
    assert (caught.value.status_code, caught.value.code) == target.facts.no_result
    target.resume(target.facts.device)
    target.wait_for(account, job_id)
    assert account.job_status(job_id).status == "DONE"
    assert account.job_result(job_id)["success"] is True


@pytest.mark.service
def test_waiting_job_can_be_cancelled(target: Target, account: AccountClient) -> None:
    target.pause(target.facts.device)
    job_id = waiting_job(target, account)
    assert account.cancel(job_id) is True
    record = account.job(job_id)
    assert (record.status, record.service_status) == ("CANCELLED", target.facts.ended[1])
    assert record.queue is None
    assert account.cancel(job_id) is True  # it stays cancelled


def test_ended_job_cannot_be_cancelled(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    submission = Submission(runner, flipped(runner), target.tag(1))
    job_id = account.submit(submission).job_id
    target.wait_for(account, job_id)
    assert account.cancel(job_id) is False
    assert account.job_status(job_id).status == "DONE"
