"""The totals of a user are those of the stored jobs, whatever happened to the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

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
from ibmq_backend.emulator.store.totals import add_jobs
from tests.support.locks import wait_for_a_waiting_transaction

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


@pytest.mark.postgres
def test_a_creation_and_a_deletion_lock_the_totals_in_the_same_order(
    postgres_url: str, catalog: Catalog
) -> None:
    """In opposite orders, PostgreSQL would end one of them with an error."""
    state = ServiceState(postgres_url, catalog=catalog)
    user_id = USERS[0]
    job_id, other = create(state, user_id, 3), create(state, user_id)
    with ThreadPoolExecutor(1) as pool:
        with state.store.write() as connection:
            add_jobs(connection, user_id, 1)
            deletion = pool.submit(state.jobs.delete, job_id)
            wait_for_a_waiting_transaction(state.store)
            state.jobs.data.write(connection, other, QOBJ, raw_bytes(b"{}"))
            add_jobs(connection, user_id, -1)
        deletion.result()
    check(state)
    state.close()


@pytest.mark.postgres
def test_the_first_uploads_of_a_user_at_the_same_time(postgres_url: str, catalog: Catalog) -> None:
    state = ServiceState(postgres_url, catalog=catalog)
    user_id = USERS[0]
    first, second = create(state, user_id), create(state, user_id)
    with ThreadPoolExecutor(1) as pool:
        with state.store.write() as connection:
            state.jobs.data.write(connection, first, QOBJ, raw_bytes(b"x" * 5))
            state.jobs.quotas.check_bytes(connection, user_id)
            upload = pool.submit(state.jobs.put_qobj, second, raw_bytes(b"x" * 7))
            wait_for_a_waiting_transaction(state.store)
        upload.result()
    check(state)
    state.close()


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
