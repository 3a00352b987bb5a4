"""Lists and limits follow an index, so that stored jobs do not slow them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.job_data import JobData
from ibmq_backend.emulator.store.job_scan import Selection, scan_jobs
from ibmq_backend.emulator.store.quotas import Quota, Quotas

INSTANCE = Instance("ibm-q", "open", "main")
REQUEST = JobRequest("a" * 24, "classic", INSTANCE, "ibmq_vigo", "1.0.0")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(str(tmp_path / "store.sqlite"))
    yield store
    store.close()


def plans_of(store: Store) -> list[str]:
    """Return the list to which the plan of every later statement is added."""
    found: list[str] = []

    @event.listens_for(store._engine, "before_cursor_execute")
    def explain(_connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            found.extend(row[3] for row in rows)

    return found


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
    store: Store, conditions: dict[str, Any], ascending: bool
) -> None:
    found = plans_of(store)
    selection = Selection(ascending=ascending, **conditions)
    list(scan_jobs(store, "a" * 24, "classic", INSTANCE, selection))
    (plan,) = found
    index = "jobs_of_project (user_id=? AND hub=? AND group_name=? AND project=?"
    assert plan.startswith(f"SEARCH jobs USING INDEX {index}")


def test_limits_of_a_user_are_found_by_index(store: Store) -> None:
    quotas = Quotas(JobData(store), Quota(10, 10))
    with store.write() as connection:
        quotas.check_jobs(connection, REQUEST.user_id)  # the totals are computed once
        quotas.check_bytes(connection, REQUEST.user_id)
    found = plans_of(store)
    with store.write() as connection:
        quotas.check_jobs(connection, REQUEST.user_id)
        quotas.check_bytes(connection, REQUEST.user_id)
        quotas.check_unfinished(connection, REQUEST, 5)
    assert found == [
        *["SEARCH counters USING INDEX sqlite_autoindex_counters_1 (name=?)"] * 2,
        "SEARCH jobs USING INDEX jobs_by_device (status=? AND backend_name=? AND user_id=?)",
    ]
