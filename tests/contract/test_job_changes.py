"""Changing and deleting jobs; jobs that do not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import ApiNotFound
from ibmq_backend.records import JobQuery, Submission
from tests.contract.targets import Target
from tests.support.builders import flipped


def ended_job(target: Target, account: AccountClient) -> str:
    """Return the ID of a job that has ended."""
    runner = target.facts.runner
    submission = Submission(runner, flipped(runner), target.tag(1), name="first", tags=("old",))
    job_id = account.submit(submission).job_id
    target.wait_for(account, job_id)
    return job_id


def test_name_can_be_changed(target: Target, account: AccountClient) -> None:
    job_id = ended_job(target, account)
    account.relabel(job_id, name="second, µ")
    record = account.job(job_id)
    assert record.name == "second, µ"
    assert set(record.tags or ()) == {"old", target.tag(1)}


def test_tags_are_replaced(target: Target, account: AccountClient) -> None:
    job_id = ended_job(target, account)
    account.relabel(job_id, tags=["new", "newer"])
    assert set(account.job(job_id).tags or ()) == {"new", "newer"}
    account.relabel(job_id, tags=[])
    record = account.job(job_id)
    assert not record.tags
    assert record.name == "first"


def test_name_and_tags_can_be_changed_together(target: Target, account: AccountClient) -> None:
    job_id = ended_job(target, account)
    account.relabel(job_id, name="both", tags=["changed"])
    record = account.job(job_id)
    assert (record.name, record.tags) == ("both", ("changed",))


def test_deleted_job_is_gone(target: Target, account: AccountClient) -> None:
    job_id = ended_job(target, account)
    account.delete(job_id)
    with pytest.raises(ApiNotFound) as caught:
        account.job(job_id)
    assert (caught.value.status_code, caught.value.code) == target.facts.no_job
    assert list(account.jobs(JobQuery(tags=(target.tag(1),)), limit=None)) == []


@pytest.mark.live
def test_unknown_job_is_not_found(target: Target, account: AccountClient) -> None:
    calls: dict[str, Callable[[str], Any]] = {
        "job": account.job,
        "job_status": account.job_status,
        "job_input": account.job_input,
        "job_result": account.job_result,
        "job_properties": account.job_properties,
        "cancel": account.cancel,
        "relabel": lambda job_id: account.relabel(job_id, name="nobody"),
        "delete": account.delete,
    }
    assert calls.keys() == target.facts.job_operations.keys()
    for method, call in calls.items():
        with pytest.raises(ApiNotFound) as caught:
            call(target.facts.unknown_job_id)
        error = caught.value
        assert error.operation == target.facts.job_operations[method]
        assert (error.status_code, error.code) == target.facts.no_job


def test_job_belongs_to_its_instance(target: Target, account: AccountClient) -> None:
    job_id = ended_job(target, account)
    elsewhere = target.account(target.facts.other)
    with pytest.raises(ApiNotFound) as caught:
        elsewhere.job(job_id)
    assert (caught.value.status_code, caught.value.code) == target.facts.no_job
