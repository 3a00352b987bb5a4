"""Jobs are listed page by page, without reading or sorting all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert, text

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.job_lists import Change, JobFilter, JobLists, page_query
from ibmq_backend.emulator.store.schema import events, jobs

MARY, JOHN = "a" * 24, "b" * 24
FAILED = (lifecycle.ERROR_CREATING, lifecycle.ERROR_VALIDATING, lifecycle.ERROR_RUNNING)


def job(number: int, **values: Any) -> dict[str, Any]:
    row = {
        "id": f"{number:024x}",
        "sequence": number,
        "creation_ms": 1000 + number,
        "user_id": MARY,
        "dialect": "classic",
        "hub": "ibm-q",
        "group_name": "open",
        "project": "main",
        "backend_name": "ibmq_vigo",
        "backend_version": "1.0.0",
        "status": lifecycle.COMPLETED,
        "final": True,
        "steps": [],
        "last_step_ms": 0,
        "revision": 1,
        "name": None,
        "tags": [],
        "seed": 1,
        "deleted": False,
        "attempts": 0,
        "run_ms": 0,
    }
    return {**row, **values}


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(store_url)
    rows = [
        job(1, name="50% Bell"),
        job(2, user_id=JOHN, name="bell pair", status=lifecycle.QUEUED),
        job(3, backend_name="ibmq_lima", status=lifecycle.ERROR_RUNNING),
        job(4, deleted=True),
        job(5, status=lifecycle.ERROR_VALIDATING, name="BELL_2"),
        job(6, user_id=JOHN, backend_name="ibmq_lima"),
    ]
    with store.write() as connection:
        connection.execute(insert(jobs), rows)
    yield store
    store.close()


def numbers(records: list[JobRecord]) -> list[int]:
    return [int(record.id, 16) for record in records]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (JobFilter(), [6, 5, 3, 2, 1]),
        (JobFilter(user_id=MARY), [5, 3, 1]),
        (JobFilter(backend_name="ibmq_lima"), [6, 3]),
        (JobFilter(user_id=MARY, statuses=FAILED), [5, 3]),
        (JobFilter(text="bell"), [5, 2, 1]),
        (JobFilter(text="%"), [1]),
        (JobFilter(text="_"), [5]),
        (JobFilter(text="'; --"), []),
        (JobFilter(text="\0"), []),
        (JobFilter(backend_name="\0"), []),
        (JobFilter(text=f"{3:024X}"), [3]),
        (JobFilter(user_id=JOHN, text=f"{3:024x}"), []),
        (JobFilter(user_id=JOHN, backend_name="ibmq_vigo", statuses=("QUEUED",), text="P"), [2]),
    ],
)
def test_filters(store: Store, chosen: JobFilter, expected: list[int]) -> None:
    assert numbers(JobLists(store).page(chosen)) == expected


def test_pages(store: Store) -> None:
    lists, seen, before = JobLists(store), [], None
    while page := lists.page(JobFilter(), before, 2):
        seen.append(numbers(page))
        before = page[-1].creation_ms
    assert seen == [[6, 5], [3, 2], [1]]
    assert numbers(lists.page(JobFilter(), 10**400)) == [6, 5, 3, 2, 1]


def test_owners(store: Store) -> None:
    assert sorted(JobLists(store).owners()) == [MARY, JOHN]


def test_changes(store: Store) -> None:
    lists = JobLists(store)
    assert lists.last_change() == 0
    rows = [
        {"job_id": f"{number:024x}", "at_ms": 1, "status": status, "attempt": 0}
        for number, status in ((2, "RUNNING"), (3, "QUEUED"), (2, "COMPLETED"))
    ]
    with store.write() as connection:
        connection.execute(insert(events), rows)
    last = lists.last_change()
    assert [one.status for one in lists.changes_after(0)] == ["RUNNING", "QUEUED", "COMPLETED"]
    assert lists.changes_after(last - 1) == [Change(last, f"{2:024x}", JOHN, "COMPLETED")]


@pytest.mark.parametrize("user_id", [None, MARY])
@pytest.mark.parametrize("before_ms", [None, 3])
@pytest.mark.parametrize(
    "rest",
    [
        dict(zip(("backend_name", "statuses", "text"), values, strict=True))
        for values in itertools.product((None, "ibmq_vigo"), ((), FAILED), ("", "bell"))
    ],
    ids=str,
)
def test_a_page_follows_an_index(
    tmp_path_factory: pytest.TempPathFactory,
    user_id: str | None,
    before_ms: int | None,
    rest: dict[str, Any],
) -> None:
    store = Store(str(tmp_path_factory.getbasetemp() / "plans.sqlite"))
    query = page_query(JobFilter(user_id, **rest), before_ms).limit(50)
    compiled = query.compile(store._engine, compile_kwargs={"literal_binds": True})
    with store.read() as connection:
        (plan,) = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}".replace(":", r"\:")))
    store.close()
    name, found = (
        ("sqlite_autoindex_jobs_3", "") if user_id is None else ("jobs_of_user", "user_id=? AND ")
    )
    assert plan.detail == f"SEARCH jobs USING INDEX {name} ({found}creation_ms<?)"
