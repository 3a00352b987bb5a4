"""Lists and limits follow an index, so that stored jobs do not slow them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Pool, event

from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.job_data import JobData
from ibmq_backend.emulator.store.job_scan import Selection, scan_jobs
from ibmq_backend.emulator.store.quotas import Quota, Quotas

INSTANCE = Instance("ibm-q", "open", "main")
REQUEST = JobRequest("a" * 24, "classic", INSTANCE, "ibmq_vigo", "1.0.0")


@pytest.fixture
def plans(tmp_path: Path) -> Iterator[list[str]]:
    """The list to which the plan of every statement of the store is added."""
    found: list[str] = []
    other = sqlite3.connect(tmp_path / "store.sqlite", check_same_thread=False)

    def explain(statement: str) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            rows = other.execute(f"EXPLAIN QUERY PLAN {statement}")
            found.extend(row[3] for row in rows)

    def watch(connection: sqlite3.Connection, _record: Any) -> None:
        connection.set_trace_callback(explain)

    event.listen(Pool, "connect", watch)
    yield found
    event.remove(Pool, "connect", watch)
    other.close()


@pytest.fixture
def store(tmp_path: Path, plans: list[str]) -> Iterator[Store]:
    store = Store(str(tmp_path / "store.sqlite"))
    plans.clear()
    yield store
    store.close()


@pytest.mark.parametrize("ascending", [False, True])
@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"offset": 5000},
        {"earliest": 5},
        {"latest": 5},
        {"backend_names": ("ibmq_vigo",)},
        {"statuses": ("RUNNING", "COMPLETED")},
        {"tags": ("a",)},
    ],
    ids=str,
)
def test_a_list_is_read_in_the_order_of_the_index(
    store: Store, plans: list[str], conditions: dict[str, Any], ascending: bool
) -> None:
    selection = Selection(ascending=ascending, **conditions)
    list(scan_jobs(store, "a" * 24, "classic", INSTANCE, selection))
    (plan,) = plans
    index = "jobs_of_project (user_id=? AND hub=? AND group_name=? AND project=?"
    assert plan.startswith(f"SEARCH jobs USING INDEX {index}")


def test_limits_of_a_user_are_found_by_index(store: Store, plans: list[str]) -> None:
    quotas = Quotas(JobData(store), Quota(10, 10))
    with store.write() as connection:
        quotas.check_jobs(connection, REQUEST.user_id)  # the totals are computed once
        quotas.check_bytes(connection, REQUEST.user_id)
    plans.clear()
    with store.write() as connection:
        quotas.check_jobs(connection, REQUEST.user_id)
        quotas.check_bytes(connection, REQUEST.user_id)
        quotas.check_unfinished(connection, REQUEST, 5)
    assert plans == [
        *["SEARCH counters USING INDEX sqlite_autoindex_counters_1 (name=?)"] * 2,
        "SEARCH jobs USING INDEX jobs_by_device (status=? AND backend_name=? AND user_id=?)",
    ]
