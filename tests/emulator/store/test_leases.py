"""Services that share the store of a user: each runs its own jobs, and those of ended services."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.service_state import ServiceState, Settings

USER = "a" * 24


class Hour:
    """The wall time of the leases."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hour() -> Hour:
    return Hour()


@pytest.fixture
def states(tmp_path: Path, catalog: Catalog, hour: Hour) -> Iterator[list[ServiceState]]:
    """Two services of a user and a server, on one store."""
    made = [
        ServiceState(
            str(tmp_path / "s.sqlite"), Settings(runs_own_jobs=own, seed=7), catalog=catalog
        )
        for own in (True, True, False)
    ]
    for state in made:
        state.queue.leases._wall_time = hour
    yield made
    for state in made:
        state.close()


def submit(state: ServiceState) -> str:
    request = JobRequest(USER, "classic", Instance("ibm-q", "open", "main"), "ibmq_vigo", "1.0.0")
    job_id = state.jobs.create(request, limit=-1).id
    state.jobs.put_qobj(job_id, raw_bytes(b"{}"))
    state.jobs.accept(job_id)
    return job_id


def validate(state: ServiceState) -> str | None:
    for record in state.queue.claim_for_validation():
        assert state.queue.enqueue(record, shots=1, summary={})
        return record.id
    return None


def run(state: ServiceState) -> str | None:
    record = state.queue.claim_for_run()
    return None if record is None else record.id


def test_jobs_are_left_to_the_service_that_created_them(states: list[ServiceState]) -> None:
    first, second, server = states
    job_id = submit(first)
    for step in (validate, run):
        assert step(second) is step(server) is None
        assert step(first) == job_id


@pytest.mark.parametrize("done", [0, 1, 2])
def test_jobs_of_a_dead_service_are_taken_over(
    states: list[ServiceState], hour: Hour, done: int
) -> None:
    """The first service dies before the validation, before the run or during the run."""
    first, second, _ = states
    job_id = submit(first)
    for step in (validate, run)[:done]:
        assert step(first) == job_id
    hour.now += first.queue.leases.seconds - 1
    first.queue.renew_leases([job_id])
    hour.now += 2
    assert validate(second) is run(second) is None
    hour.now += first.queue.leases.seconds
    if done == 0:
        assert validate(second) == job_id
    assert run(second) == job_id
    assert run(first) is None
    assert first.jobs.get(job_id, USER, None).attempts == (2 if done == 2 else 1)


def test_jobs_are_taken_over_after_the_clock_was_set_back(
    states: list[ServiceState], hour: Hour
) -> None:
    first, second, _ = states
    job_id = submit(first)
    hour.now -= 86_400
    assert validate(second) == job_id


def test_waiting_jobs_are_renewed_without_being_named(
    states: list[ServiceState], hour: Hour
) -> None:
    first, second, server = states
    job_id = submit(first)
    for _ in range(5):
        hour.now += first.queue.leases.seconds - 1
        first.queue.renew_leases([])
        assert validate(second) is validate(server) is None
    assert validate(first) == job_id


def test_jobs_of_a_stopped_service_are_free_at_once(states: list[ServiceState]) -> None:
    first, second, _ = states
    job_id = submit(first)
    first.queue.release_leases()
    assert validate(second) == job_id
    second.queue.release_leases()
    assert run(first) == job_id


def test_idle_services_do_not_lock_the_database(states: list[ServiceState]) -> None:
    """Another process holds the write lock; polling for jobs must not wait for it."""
    first, second, _ = states
    with second.store.write():
        assert validate(first) is run(first) is None
        first.queue.renew_leases([])


def test_seeds_do_not_depend_on_the_jobs_of_others(states: list[ServiceState]) -> None:
    first, second, server = states
    ids = [submit(state) for state in (first, server, first, second, second)]
    seeds = [first.jobs.get(job_id, USER, None).seed for job_id in ids]
    assert seeds[0] == seeds[3]
    assert seeds[2] == seeds[4]
    assert seeds[1] == seeds[2]  # a server numbers all jobs of the database
    assert len(set(seeds)) == 2


def test_limits_count_the_jobs_of_all_services(states: list[ServiceState]) -> None:
    instance = Instance("ibm-q", "open", "main")
    for state, count in zip(states, itertools.count(1), strict=False):
        submit(state)
        assert states[0].jobs.unfinished(USER, "classic", instance, "ibmq_vigo") == count
