"""The order of waiting jobs: users take turns, on one server or on several."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import and_, literal, select, text

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.core.records import Instance, JobRecord, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.store.fair_share import next_job
from ibmq_backend.emulator.store.queue import DEDICATED, Ending
from ibmq_backend.emulator.store.schema import events, jobs
from tests.support.locks import wait_for_a_waiting_transaction

INSTANCE = Instance("ibm-q", "open", "main")
VIGO, ATHENS, OURENSE = "ibmq_vigo", "ibmq_athens", "ibmq_ourense"
StateMaker = Callable[..., ServiceState]


@pytest.fixture
def make_state(
    store_url: str, catalog: Catalog, clock: ManualClock
) -> Iterator[Callable[..., ServiceState]]:
    """Servers with one database."""
    made: list[ServiceState] = []

    def make(speed: str = "instant") -> ServiceState:
        made.append(ServiceState(store_url, Settings(speed=speed), catalog=catalog, clock=clock))
        return made[-1]

    yield make
    for state in made:
        state.close()


def submit(state: ServiceState, user: str, device: str = VIGO) -> str:
    request = JobRequest(user, "classic", INSTANCE, device, "1.0.0")
    job_id = state.jobs.create(request, limit=-1).id
    state.jobs.put_qobj(job_id, raw_bytes(b"{}"))
    state.jobs.accept(job_id)
    return job_id


def queue(
    state: ServiceState,
    user: str,
    device: str = VIGO,
    *,
    waiting_ms: int = 0,
    run_ms: int | None = None,
) -> str:
    """Put a job into the queue, as the dispatcher does, and return its id."""
    job_id = submit(state, user, device)
    (record,) = state.queue.claim_for_validation()
    assert state.queue.enqueue(record, shots=1, summary={}, delay_ms=waiting_ms, run_ms=run_ms)
    return job_id


def start(state: ServiceState) -> JobRecord | None:
    return state.queue.claim_for_run()


def finish(state: ServiceState, record: JobRecord) -> None:
    assert state.queue.finish(Ending(record, "COMPLETED", raw_bytes(b"{}"), {}))


def run_all(state: ServiceState) -> list[JobRecord]:
    """Run jobs one after another until none may start; return them in their order."""
    ran = []
    while (record := start(state)) is not None:
        finish(state, record)
        ran.append(record)
    return ran


def users(records: list[JobRecord]) -> str:
    return "".join(record.user_id for record in records)


def in_order_of_positions(state: ServiceState) -> list[str]:
    with state.store.read() as connection:
        waiting = connection.execute(select(jobs.c.id).where(jobs.c.status == "QUEUED"))
        records = [state.jobs.require(connection, job_id) for (job_id,) in waiting]
    positions = state.queue_positions(records)
    assert sorted(one.position for one in positions.values()) == list(range(1, 1 + len(records)))
    return sorted(positions, key=lambda job_id: positions[job_id].position)


def test_users_take_turns(make_state: StateMaker) -> None:
    state = make_state()
    for user in "aaaaabcc":
        queue(state, user)
    first = start(state)
    assert first is not None
    assert first.user_id == "a"
    expected = in_order_of_positions(state)
    ran = run_all(state)
    assert users(ran) == "bcacaaa"
    assert [record.id for record in ran] == expected
    # The last jobs count, not their number; a user without jobs on the device comes first.
    for user in "accbd":
        queue(state, user)
    assert users(run_all(make_state())) == "dbcac"


def test_jobs_are_validated_in_turn_too(make_state: StateMaker) -> None:
    state = make_state()
    for user in "aaaab":
        submit(state, user)
    ran = ""
    for _ in range(6):
        (record,) = state.queue.claim_for_validation()
        ran += record.user_id
        # The jobs end faster than they are validated.
        assert state.queue.refuse(record, {"message": "", "code": 1})
        if ran == "ab":
            submit(state, "b")
    assert ran == "ababaa"


@pytest.mark.parametrize("seed", range(2))
def test_a_job_waits_for_one_job_of_each_other_user(make_state: StateMaker, seed: int) -> None:
    """Users submit at random; the jobs of some of them are many."""
    state, chance = make_state(), random.Random(seed)
    started: list[str] = []
    waiting: dict[str, list[tuple[str, int]]] = {user: [] for user in "abcd"}
    most = 0
    for _ in range(60):
        if chance.random() < 0.6:
            user = chance.choices("abcd", (8, 4, 1, 1))[0]
            # Its turn can come when the user's earlier job has started.
            waiting[user].append((queue(state, user), len(started)))
            continue
        record = start(state)
        if record is None:
            continue
        finish(state, record)
        user = record.user_id
        job_id, since = waiting[user].pop(0)
        assert job_id == record.id
        between = started[since:]
        for other in set(between):
            assert between.count(other) <= 1
        most = max(most, len(between))
        started.append(user)
        if waiting[user]:
            waiting[user][0] = (waiting[user][0][0], len(started))
    assert most > 0
    assert in_order_of_positions(state) == [record.id for record in run_all(state)]


def test_neither_a_user_nor_a_device_takes_all_workers(make_state: StateMaker) -> None:
    """There are fewer workers than devices with jobs."""
    state = make_state()
    for device in (VIGO, ATHENS, VIGO, ATHENS, VIGO):
        queue(state, "a", device)
    for user in "bc":
        queue(state, user, VIGO)
    queue(state, "d", OURENSE)
    ran = [(record.user_id, record.backend_name) for record in run_all(state)]
    assert ran[:4] == [("a", VIGO), ("d", OURENSE), ("b", VIGO), ("c", VIGO)]
    assert ran[4:] == [("a", ATHENS), ("a", VIGO), ("a", ATHENS), ("a", VIGO)]


def test_jobs_in_a_reservation_come_first(make_state: StateMaker, clock: ManualClock) -> None:
    state = make_state()
    hour = timedelta(hours=1)
    for user in "ab":
        queue(state, user)
    state.reservations.add("c", INSTANCE, VIGO, clock.now(), clock.now() + hour)
    own = [queue(state, "c") for _ in range(2)]
    order = in_order_of_positions(state)
    with state.store.read() as connection:
        foreign = state.jobs.require(connection, order[-1])
    position = state.queue_position(foreign)
    assert position is not None
    assert position.start_ms >= state.jobs.now() + 3_600_000
    queue(state, "a", ATHENS)
    ran = run_all(state)
    assert [record.id for record in ran[:2]] == order[:2] == own
    assert users(ran) == "cca"
    clock.advance(3600)
    assert users(run_all(state)) == "ab"


def test_servers_with_one_database_share_the_order(make_state: StateMaker) -> None:
    """Several runners of two servers start jobs at the same time."""
    servers = [make_state(), make_state()]
    for user in "a" * 8 + "b" * 8 + "c" * 8:
        queue(servers[0], user)
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda number: start(servers[number % 2]), range(24)))
    assert None not in started
    user_of = {record.id: record.user_id for record in started if record is not None}
    running = events.c.status == "RUNNING"
    with servers[0].store.read() as connection:
        order = connection.execute(
            select(events.c.job_id).where(running).order_by(events.c.sequence)
        ).scalars()
        assert "".join(user_of[job_id] for job_id in order) == "abc" * 8


@pytest.mark.postgres
def test_a_job_that_is_cancelled_while_it_is_chosen_does_not_start(
    postgres_url: str, catalog: Catalog
) -> None:
    """PostgreSQL finds the job in a snapshot, and locks it as it is later."""
    state = ServiceState(postgres_url, catalog=catalog)
    cancelled, other = queue(state, "a"), queue(state, "b")
    # The search stops after the snapshot until the test releases the lock.
    stop = text("pg_advisory_xact_lock_shared(1)::text IS NOT NULL")
    ready = and_(jobs.c.status == "QUEUED", stop)
    search = next_job(ready, literal(state.jobs.now())).with_for_update(skip_locked=True, of=jobs)

    def choose() -> str:
        with state.store.write() as connection:
            return str(connection.execute(search).first().id)

    with ThreadPoolExecutor(1) as pool:
        with state.store.write() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
            chosen = pool.submit(choose)
            wait_for_a_waiting_transaction(state.store)
            assert state.jobs.cancel(cancelled)
        assert chosen.result() == other
    state.close()


def test_a_device_runs_one_job_at_a_time_in_realistic_speed(
    make_state: StateMaker, clock: ManualClock
) -> None:
    """The jobs of imaginary users run first, once for all that wait."""
    servers = [make_state("realistic"), make_state("realistic")]
    jobs_of_a = [queue(servers[0], "a", waiting_ms=60_000, run_ms=5_000) for _ in range(3)]
    clock.advance(59)
    job_of_b = queue(servers[1], "b", waiting_ms=60_000, run_ms=5_000)
    assert start(servers[0]) is None
    clock.advance(1)
    first = start(servers[0])
    assert first is not None
    assert first.id == jobs_of_a[0]
    assert first.planned_end_ms == servers[0].jobs.now() + 5_000
    assert start(servers[0]) is start(servers[1]) is None
    other = queue(servers[1], "b", ATHENS, run_ms=5_000)
    started = start(servers[1])
    assert started is not None
    assert started.id == other
    finish(servers[0], first)
    second = start(servers[1])
    assert second is not None
    assert second.id == job_of_b


def estimated_starts(state: ServiceState, job_ids: list[str]) -> list[float]:
    """Return in how many seconds jobs are expected to start."""
    with state.store.read() as connection:
        records = [state.jobs.require(connection, job_id) for job_id in job_ids]
    found, now = state.queue_positions(records), state.jobs.now()
    return [(found[job_id].start_ms - now) / 1000 for job_id in job_ids]


def test_estimates_leave_out_later_reservations(make_state: StateMaker, clock: ManualClock) -> None:
    state = make_state("realistic")
    begin, end = clock.now() + timedelta(seconds=50), clock.now() + timedelta(seconds=650)
    state.reservations.add("b", INSTANCE, VIGO, begin, end)
    waiting = [queue(state, "a", run_ms=20_000) for _ in range(4)]
    assert estimated_starts(state, waiting) == pytest.approx([0, 20, 40, 660], abs=0.1)


def test_jobs_from_before_a_reservation_start_with_it(
    make_state: StateMaker, clock: ManualClock
) -> None:
    """Imaginary users do not use the device during a reservation."""
    state = make_state("realistic")
    state.reservations.add(
        "b",
        INSTANCE,
        VIGO,
        clock.now() + timedelta(seconds=10),
        clock.now() + timedelta(seconds=99),
    )
    queue(state, "a", waiting_ms=60_000, run_ms=1_000)
    own = queue(state, "b", waiting_ms=60_000, run_ms=1_000)
    assert start(state) is None
    clock.advance(10)
    assert estimated_starts(state, [own]) == pytest.approx([0], abs=0.1)
    record = start(state)
    assert record is not None
    assert (record.id, record.run_mode) == (own, DEDICATED)
    finish(state, record)
    assert start(state) is None


def test_estimates_follow_the_last_job_of_a_user(
    make_state: StateMaker, clock: ManualClock
) -> None:
    state = make_state()
    for user, seconds in (("a", 20), ("b", 3)):
        queue(state, user)
        record = start(state)
        assert record is not None
        clock.advance(seconds)
        finish(state, record)
    waiting = [queue(state, user) for user in "cbaa"]
    unknown = state.speed.estimate_ms(state.catalog.get(VIGO)) / 1000
    expected = [0, unknown + 20, unknown, unknown + 23]
    assert estimated_starts(state, waiting) == pytest.approx(expected, abs=0.1)
    with state.store.read() as connection:
        last = state.jobs.require(connection, waiting[-1])
    position = state.queue_position(last)
    assert position is not None
    assert position.complete_ms - position.start_ms == pytest.approx(20_000, abs=100)
