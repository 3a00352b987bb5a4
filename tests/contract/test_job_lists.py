"""Searching jobs: conditions, order, pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import ApiStatusError
from ibmq_backend.records import JobQuery, Submission
from tests.contract.targets import DEVICE, SIMULATOR, Target, Trait
from tests.support.builders import flipped, impossible

# Conditions and the jobs of `jobs_of_all_kinds` that match, by the second word of their names.
QUERIES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["cancelled", "waiting", "failed", "done"]),
    ({"descending": False}, ["done", "failed", "waiting", "cancelled"]),
    ({"backend_name": DEVICE}, ["cancelled", "waiting", "failed"]),
    ({"backend_name": SIMULATOR}, ["done"]),
    ({"statuses": ("DONE",)}, ["done"]),
    ({"statuses": ("ERROR",)}, ["failed"]),
    ({"statuses": ("QUEUED", "CANCELLED")}, ["cancelled", "waiting"]),
    ({"statuses": ("RUNNING", "INITIALIZING", "VALIDATING")}, []),
    ({"name_pattern": "^job [df]"}, ["failed", "done"]),
    ({"name_pattern": "celled"}, ["cancelled"]),
    ({"tags": ("odd",)}, ["waiting", "done"]),
    ({"tags": ("odd", "late")}, ["cancelled", "waiting", "done"]),
    ({"tags": ("odd", "late"), "all_tags": True}, ["waiting"]),
    ({"experiment_id": "experiment-1"}, ["done"]),
    ({"where": {"id": {"neq": "none"}, "tags": "late"}}, ["cancelled", "waiting"]),
    (
        {"where": {"or": [{"name": "job done"}, {"name": "job failed"}]}, "backend_name": DEVICE},
        ["failed"],
    ),
    ({"backend_name": DEVICE, "statuses": ("DONE", "ERROR"), "tags": ("odd",)}, []),
]


def jobs_of_all_kinds(target: Target, account: AccountClient) -> None:
    """Submit a job that is done, one that failed, one that is waiting and one that is cancelled."""
    submissions = (
        Submission(
            SIMULATOR,
            flipped(SIMULATOR),
            target.tag(1),
            name="job done",
            tags=("odd",),
            experiment_id="experiment-1",
        ),
        Submission(DEVICE, impossible(DEVICE), target.tag(2), name="job failed"),
        Submission(
            DEVICE, flipped(DEVICE), target.tag(3), name="job waiting", tags=("odd", "late")
        ),
        Submission(DEVICE, flipped(DEVICE), target.tag(4), name="job cancelled", tags=("late",)),
    )
    target.pause(DEVICE)
    for submission, status in zip(submissions, ("DONE", "ERROR", "QUEUED", "QUEUED"), strict=True):
        job_id = account.submit(submission).job_id
        target.wait_for(account, job_id, {status})
        target.advance_clock(60.0)
    assert account.cancel(job_id)


@pytest.mark.needs(Trait.SEARCH_LANGUAGE)
@pytest.mark.service
def test_jobs_are_found_by_every_condition(target: Target, account: AccountClient) -> None:
    jobs_of_all_kinds(target, account)
    for conditions, expected in QUERIES:
        query = JobQuery(**conditions)
        found = [(job.name or "").removeprefix("job ") for job in account.jobs(query, limit=None)]
        assert found == expected, conditions
        assert len(list(account.job_summaries(query, limit=None))) == len(expected), conditions


@pytest.mark.needs(Trait.SERVER_SIDE_CHECKS)
@pytest.mark.service
def test_jobs_are_found_by_creation_time(target: Target, account: AccountClient) -> None:
    jobs_of_all_kinds(target, account)
    everything = list(account.jobs(JobQuery(descending=False), limit=None))
    created = [job.created for job in everything]
    assert None not in created
    for first, last in ((1, 2), (2, 3), (0, 0)):
        query = JobQuery(created_from=created[first], created_to=created[last], descending=False)
        assert list(account.jobs(query, limit=None)) == everything[first : last + 1]
    since = JobQuery(created_from=created[2], descending=False)
    assert list(account.jobs(since, limit=None)) == everything[2:]
    until = JobQuery(created_to=created[1], descending=False)
    assert list(account.jobs(until, limit=None)) == everything[:2]


@pytest.mark.service(page_cap=2)
def test_lists_contain_all_pages(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    for number in range(5):
        submission = Submission(runner, flipped(runner), target.tag(number), str(number))
        target.wait_for(account, account.submit(submission).job_id)
        target.advance_clock(1.0)

    def names(limit: int | None, skip: int = 0, *, descending: bool = True) -> str:
        found = account.jobs(JobQuery(descending=descending), limit, skip)
        return "".join(job.name or "" for job in found)

    assert names(None) == "43210"
    assert names(None, descending=False) == "01234"
    assert names(3) == "432"
    assert names(2, skip=1) == "32"
    assert names(None, skip=4) == "0"
    assert names(0) == ""


@pytest.mark.service(page_cap=2)
def test_summaries_contain_ids_and_times(target: Target, account: AccountClient) -> None:
    runner = target.facts.runner
    made: list[tuple[str, datetime | None]] = []
    for number in range(3):
        submission = Submission(runner, flipped(runner), target.tag(number))
        record = account.submit(submission)
        target.wait_for(account, record.job_id)
        record = account.job_status(record.job_id)
        made.insert(0, (record.job_id, record.created))
    summaries = list(account.job_summaries(JobQuery(), limit=None))
    assert [(one.job_id, one.created) for one in summaries] == made
    assert [one.job_id for one in account.job_summaries(JobQuery(), limit=1, skip=1)] == [
        made[1][0]
    ]


@pytest.mark.live
@pytest.mark.needs(Trait.SEARCH_LANGUAGE)
def test_invalid_condition_is_refused(account: AccountClient) -> None:
    query = JobQuery(where={"name": {"regexp": "("}})
    with pytest.raises(ApiStatusError) as caught:
        list(account.jobs(query, limit=None))
    assert caught.value.status_code == 400
    assert caught.value.operation == "listJobStatuses"


# Conditions that all services support, and the jobs that match.
COMMON_QUERIES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["waiting", "done"]),
    ({"descending": False}, ["done", "waiting"]),
    ({"statuses": ("DONE",)}, ["done"]),
    ({"statuses": ("QUEUED", "CANCELLED")}, ["waiting"]),
    ({"statuses": ("ERROR",)}, []),
    ({"name_pattern": "^job w"}, ["waiting"]),
    ({"tags": ("odd",)}, ["waiting", "done"]),
    ({"tags": ("odd", "late"), "all_tags": True}, ["waiting"]),
]


@pytest.mark.service
def test_jobs_are_found_by_common_conditions(target: Target, account: AccountClient) -> None:
    device, runner = target.facts.device, target.facts.runner
    target.pause(device)
    for name, number, word, tags in (
        (runner, 1, "DONE", ("odd",)),
        (device, 2, "QUEUED", ("odd", "late")),
    ):
        label = {"DONE": "job done", "QUEUED": "job waiting"}[word]
        submission = Submission(name, flipped(name), target.tag(number), name=label, tags=tags)
        target.wait_for(account, account.submit(submission).job_id, {word})
        target.advance_clock(60.0)
    for conditions, expected in (
        *COMMON_QUERIES,
        ({"backend_name": device}, ["waiting"]),
        ({"backend_name": runner}, ["done"]),
    ):
        query = JobQuery(**conditions)
        found = [(job.name or "").removeprefix("job ") for job in account.jobs(query, limit=None)]
        assert found == expected, conditions
