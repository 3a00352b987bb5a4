"""The totals of a user are those of the stored jobs, whatever happened to the jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.job_data import PIECE_BYTES
from ibmq_backend.emulator.store.jobs import QOBJ
from ibmq_backend.emulator.store.retention import Retention, prune
from ibmq_backend.emulator.store.schema import counters, job_data, jobs

USERS = ("a" * 24, "b" * 24)


@pytest.fixture
def state(store_url: str, catalog: Catalog, clock: ManualClock) -> Iterator[ServiceState]:
    made = ServiceState(store_url, catalog=catalog, clock=clock)
    yield made
    made.close()


def create(state: ServiceState, user_id: str, *sizes: int) -> str:
    instance = Instance("ibm-q", "open", "main")
    request = JobRequest(user_id, "classic", instance, "ibmq_vigo", "1.0.0")
    job_id = state.jobs.create(request, -1).id
    for size in sizes:
        state.jobs.put_qobj(job_id, raw_bytes(b"x" * size))
    return job_id


def check(state: ServiceState) -> None:
    """Compare the kept totals with the jobs."""
    with state.store.read() as connection:
        kept = {row.name: row.value for row in connection.execute(select(counters))}
        for user_id in USERS:
            own = (jobs.c.user_id == user_id, jobs.c.deleted.is_(False))
            count = connection.execute(select(func.count()).where(*own)).scalar_one()
            size = func.coalesce(func.sum(func.length(job_data.c.content)), 0)
            joined = job_data.join(jobs, jobs.c.id == job_data.c.job_id)
            stored = connection.execute(
                select(size).select_from(joined).where(jobs.c.user_id == user_id)
            ).scalar_one()
            assert kept.get(f"jobs of {user_id}", count) == count
            assert kept.get(f"stored bytes of {user_id}", stored) == stored


def test_totals_follow_the_jobs(state: ServiceState) -> None:
    first, second = USERS
    replaced = create(state, first, 10, 7)
    create(state, first, PIECE_BYTES + 1)
    create(state, second, 5)
    check(state)
    state.jobs.delete(replaced)
    check(state)
    state.jobs.delete(create(state, first))
    check(state)
    emptied = create(state, second, 6)
    with state.store.write() as connection:
        state.jobs.data.delete(connection, emptied, QOBJ)
    check(state)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_totals_after_old_jobs_are_deleted(state: ServiceState, clock: ManualClock) -> None:
    for user_id in USERS:
        state.jobs.cancel(create(state, user_id, 3))
    clock.advance(10 * 86_400)
    last = create(state, USERS[0], 4)
    assert prune(state.store, state.jobs.now(), Retention(1, 100, 10**9)) == 2
    check(state)
    state.jobs.delete(last)
    create(state, USERS[0], 2)
    check(state)
