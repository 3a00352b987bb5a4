"""Names, tags and the end of a job's record; jobs that do not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import ApiNotFound
from ibmq_backend.records import JobQuery, Submission
from tests.contract.targets import OTHER, SIMULATOR, Target
from tests.support.builders import flipped


def ended_job(target: Target, account: AccountClient) -> str:
    """A job that nothing happens to any more."""
    submission = Submission(
        SIMULATOR, flipped(SIMULATOR), target.tag(1), name="first", tags=("old",)
    )
    job_id = account.submit(submission).job_id
    target.settle(account, job_id)
    return job_id


def test_name_can_be_changed(target: Target, account: AccountClient) -> None:
    job_id = ended_job(target, account)
    account.relabel(job_id, name="second, µ")
    record = account.job(job_id)
    assert record.name == "second, µ"
    assert set(record.tags or ()) == {"old", target.tag(1)}


def test_tags_are_replaced_as_a_whole(target: Target, account: AccountClient) -> None:
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
    assert (caught.value.status_code, caught.value.code) == (404, 3250)
    assert list(account.jobs(JobQuery(tags=(target.tag(1),)), limit=None)) == []


def test_unknown_job_is_not_found(account: AccountClient) -> None:
    calls: dict[str, Callable[[str], Any]] = {
        "getJob": account.job,
        "getJobStatus": account.job_status,
        "getJobDownloadUrl": account.job_input,
        "getResultDownloadUrl": account.job_result,
        "getJobProperties": account.job_properties,
        "cancelJob": account.cancel,
        "updateJob": lambda job_id: account.relabel(job_id, name="nobody"),
        "deleteJob": account.delete,
    }
    for operation, call in calls.items():
        with pytest.raises(ApiNotFound) as caught:
            call("0" * 24)
        error = caught.value
        assert (error.operation, error.status_code, error.code) == (operation, 404, 3250)


def test_job_belongs_to_its_instance(target: Target, account: AccountClient) -> None:
    job_id = ended_job(target, account)
    elsewhere = target.account(OTHER)
    with pytest.raises(ApiNotFound) as caught:
        elsewhere.job(job_id)
    assert caught.value.code == 3250
