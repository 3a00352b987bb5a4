"""Deletion of old jobs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.store.retention import USER_RETENTION, prune
from ibmq_backend.emulator.store.schema import events, job_data, jobs
from tests.support.emulator import until
from tests.support.engines import FakeEngine

DAY_SECONDS = 86_400
NEVER = replace(USER_RETENTION, days=10_000, max_jobs=10_000, max_bytes=10**12)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2021, 5, 4, tzinfo=UTC))


@pytest.fixture
def state(tmp_path: Path, catalog: Catalog, clock: ManualClock) -> Iterator[ServiceState]:
    settings = Settings(retention=replace(NEVER, days=30))
    made = ServiceState(str(tmp_path / "s.sqlite"), settings, catalog=catalog, clock=clock)
    yield made
    made.close()


def add(state: ServiceState, size: int = 10, *, cancel: bool = True) -> str:
    request = JobRequest("a" * 24, "classic", Instance("a", "b", "c"), "ibmq_vigo", "1")
    job_id = state.jobs.create(request, -1).id
    state.jobs.put_qobj(job_id, raw_bytes(os.urandom(size)))
    if cancel:
        state.jobs.cancel(job_id)
    return job_id


def left(state: ServiceState) -> set[str]:
    with state.store.read() as connection:
        sets = [
            {row[0] for row in connection.execute(select(column))}
            for column in (jobs.c.id, job_data.c.job_id, events.c.job_id)
        ]
    assert sets[0] == sets[1] == sets[2]
    return sets[0]


def test_old_finished_jobs_are_deleted(state: ServiceState, clock: ManualClock) -> None:
    for _ in range(150):
        add(state)
    unfinished = add(state, cancel=False)
    clock.advance(20 * DAY_SECONDS)
    young = add(state)
    clock.advance(11 * DAY_SECONDS)
    assert prune(state.store, state.jobs.now(), replace(NEVER, days=30)) == 150
    assert left(state) == {unfinished, young}


def test_the_oldest_jobs_above_the_number_are_deleted(state: ServiceState) -> None:
    kept = [add(state, cancel=False)]
    for _ in range(120):
        add(state)
    newest = [add(state) for _ in range(100)]
    prune(state.store, state.jobs.now(), replace(NEVER, max_jobs=150))
    assert left(state) > {*kept, *newest[-50:]}
    assert len(left(state)) == 121  # whole chunks


def test_the_file_shrinks_below_its_limit(state: ServiceState, tmp_path: Path) -> None:
    for _ in range(210):
        add(state, 20_000)
    newest = add(state, 20_000)
    prune(state.store, state.jobs.now(), replace(NEVER, max_bytes=3_000_000))
    assert newest in left(state)
    assert len(left(state)) == 111
    assert state.store.used_bytes() < 3_000_000
    state.store.close()
    assert (tmp_path / "s.sqlite").stat().st_size < 3_000_000


def test_unfinished_jobs_may_exceed_the_limits(state: ServiceState) -> None:
    kept = {add(state, 100_000, cancel=False) for _ in range(5)}
    prune(state.store, state.jobs.now(), replace(NEVER, max_bytes=1, max_jobs=1))
    assert left(state) == kept


def test_jobs_are_deleted_at_most_once_a_day(state: ServiceState, clock: ManualClock) -> None:
    everything = replace(NEVER, max_jobs=0)
    assert prune(state.store, state.jobs.now(), everything) == 0
    add(state)
    clock.advance(DAY_SECONDS - 1)
    assert prune(state.store, state.jobs.now(), everything) == 0
    clock.advance(1)
    assert prune(state.store, state.jobs.now(), everything) == 1
    add(state)
    later = state.jobs.now() + 10 * 365 * DAY_SECONDS * 1000
    assert prune(state.store, later, NEVER) == 0
    assert prune(state.store, state.jobs.now(), everything) == 1  # the clock was set back


def test_the_deletion_stops_with_the_service(state: ServiceState) -> None:
    ids = {add(state) for _ in range(150)}
    answers = iter([False, False, True, True])
    everything = replace(NEVER, max_jobs=0)
    assert prune(state.store, state.jobs.now(), everything, lambda: next(answers)) == 100
    assert len(left(state) & ids) == 50


def test_a_service_deletes_old_jobs_when_it_starts(state: ServiceState, clock: ManualClock) -> None:
    add(state)
    clock.advance(31 * DAY_SECONDS)
    dispatcher = Dispatcher(state, FakeEngine(), {})
    dispatcher.start()
    try:
        until(lambda: left(state), lambda ids: not ids)
    finally:
        dispatcher.stop()
