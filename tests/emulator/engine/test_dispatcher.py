"""Dispatchers process jobs: leases, restarts, exactly one outcome."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.core.records import LARGE_JOB_BYTES, Instance, JobRecord, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.snapshots import SnapshotError
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.dialects import create_dialects, job_kinds
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.engine.engine import Engine, EngineError, Task
from ibmq_backend.emulator.engine.job_kind import Inspection, JobKind
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.store.jobs import QOBJ, RESULT
from ibmq_backend.emulator.store.queue import Ending
from tests.support.emulator import PATIENCE, bell, until
from tests.support.engines import FakeEngine

USER = "a" * 24
INSTANCE = Instance("ibm-q", "open", "main")
StateMaker = Callable[..., ServiceState]


@pytest.fixture
def make_state(store_url: str, catalog: Catalog) -> Iterator[StateMaker]:
    """Services that share one database, as several server processes do."""
    made: list[ServiceState] = []

    def make(**settings: Any) -> ServiceState:
        clock = settings.pop("clock", None)
        service_state = ServiceState(store_url, Settings(**settings), catalog=catalog, clock=clock)
        made.append(service_state)
        return service_state

    yield make
    for service_state in made:
        service_state.close()


def submit(
    service_state: ServiceState, backend: str = "ibmq_vigo", data: Any = None, user: str = USER
) -> str:
    request = JobRequest(user, "classic", INSTANCE, backend, "1.0.0")
    job_id = service_state.jobs.create(request, limit=-1).id
    service_state.jobs.put_qobj(job_id, raw_bytes(json.dumps(data or bell()).encode()))
    service_state.jobs.accept(job_id)
    return job_id


def kinds_of(service_state: ServiceState) -> dict[str, JobKind]:
    return job_kinds(create_dialects(service_state))


def get(service_state: ServiceState, job_id: str) -> JobRecord:
    return service_state.jobs.get(job_id, None, None)


def wait(service_state: ServiceState, job_id: str, status: str) -> JobRecord:
    found: JobRecord = until(
        lambda: get(service_state, job_id),
        lambda record: record.status == status,
        give_up=lambda record: record.final,
    )
    return found


def claimed_id(service_state: ServiceState, *, large: bool = False) -> str | None:
    claimed = service_state.queue.claim_for_validation(large=large)
    return claimed[0].id if claimed else None


def enqueue(service_state: ServiceState, job_id: str) -> None:
    (claimed,) = service_state.queue.claim_for_validation()
    assert claimed.id == job_id
    assert service_state.queue.enqueue(claimed, shots=1, summary={})


def finish(service_state: ServiceState, record: JobRecord, content: bytes = b"{}") -> bool:
    return service_state.queue.finish(Ending(record, "COMPLETED", raw_bytes(content), {}))


def test_a_job_without_data_fails_with_the_error_of_its_dialect(make_state: StateMaker) -> None:
    clock = ManualClock()
    service_state = make_state(creation_seconds=0, clock=clock)
    kinds = kinds_of(service_state)
    made = {
        dialect: service_state.jobs.create(
            JobRequest(USER, dialect, INSTANCE, "ibmq_vigo", "1.0.0"), limit=-1
        )
        for dialect in kinds
    }
    clock.advance(1)
    dispatcher = Dispatcher(service_state, FakeEngine(), kinds)
    dispatcher.start()
    try:
        for dialect, record in made.items():
            ended = wait(service_state, record.id, "ERROR_CREATING_JOB")
            assert ended.error == kinds[dialect].not_uploaded()
    finally:
        dispatcher.stop()
    assert kinds["classic"].not_uploaded() != kinds["platform"].not_uploaded()


def test_a_job_from_submission_to_result(make_state: StateMaker) -> None:
    service_state, engine = make_state(), FakeEngine()
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        record = wait(service_state, submit(service_state), "COMPLETED")
    finally:
        dispatcher.stop()
    assert engine.started
    assert engine.closed
    statuses = [entry["status"] for entry in service_state.jobs.history(record.id)]
    assert statuses == [status for status, _ in record.steps]
    assert record.properties_digest is not None
    assert record.lease_owner is None


def test_a_job_is_claimed_once(make_state: StateMaker) -> None:
    one, two = make_state(), make_state()
    submit(one)
    (record,) = one.queue.claim_for_validation()
    assert not two.queue.claim_for_validation()
    assert not two.queue.refuse(record, {"message": "not mine", "code": 1})
    assert one.queue.enqueue(record, shots=1, summary={})
    claimed = two.queue.claim_for_run()
    assert claimed is not None
    assert one.queue.claim_for_run() is None
    assert not finish(one, claimed)
    assert finish(two, claimed)
    assert not finish(two, claimed)


def test_large_jobs_are_claimed_by_themselves(make_state: StateMaker) -> None:
    one, two = make_state(), make_state()
    large = submit(one, data={**bell(), "note": "x" * LARGE_JOB_BYTES})
    small = submit(one)
    assert [claimed_id(one), claimed_id(two), claimed_id(one)] == [small, None, None]
    taken = [claimed_id(two, large=True), claimed_id(one, large=True), claimed_id(one)]
    assert taken == [large, None, None]


class HeldInspections(FakeEngine):
    """An engine that delays the inspection of large jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.checking, self.go_on = threading.Event(), threading.Event()

    def inspect(self, task: Task) -> dict[str, Any]:
        if task.content.size > LARGE_JOB_BYTES:
            self.checking.set()
            assert self.go_on.wait(PATIENCE)
        return super().inspect(task)


def test_small_jobs_do_not_wait_for_the_check_of_large_ones(make_state: StateMaker) -> None:
    service_state, engine = make_state(), HeldInspections()
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        large = submit(service_state, data={**bell(), "note": "x" * LARGE_JOB_BYTES})
        assert engine.checking.wait(PATIENCE)
        wait(service_state, submit(service_state), "COMPLETED")
        assert get(service_state, large).status == "VALIDATING"
        engine.go_on.set()
        wait(service_state, large, "COMPLETED")
    finally:
        engine.go_on.set()
        dispatcher.stop()


def test_an_inspection_that_fails_ends_the_job(make_state: StateMaker) -> None:
    service_state, engine = make_state(), FakeEngine()

    def inspect(_: Task) -> dict[str, Any]:
        raise EngineError("The simulator process cannot be started")

    engine.inspect = inspect  # type: ignore[method-assign]
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        record = wait(service_state, submit(service_state), "ERROR_VALIDATING_JOB")
    finally:
        dispatcher.stop()
    assert record.error == {"message": "The simulator process cannot be started", "code": 5204}


def test_a_stop_during_an_inspection_leaves_the_job_to_the_next(make_state: StateMaker) -> None:
    first, engine = make_state(), FakeEngine()
    asked, closed = threading.Event(), threading.Event()

    def inspect(_: Task) -> dict[str, Any]:
        asked.set()
        assert closed.wait(PATIENCE)
        raise EngineError("The engine has been closed")

    engine.inspect, engine.close = inspect, closed.set  # type: ignore[method-assign]
    dispatcher = Dispatcher(first, engine, kinds_of(first))
    dispatcher.start()
    job_id = submit(first)
    assert asked.wait(PATIENCE)
    dispatcher.stop()
    assert get(first, job_id).status == "VALIDATING"
    second = make_state()
    heir = Dispatcher(second, FakeEngine(), kinds_of(second))
    heir.start()
    try:
        wait(second, job_id, "COMPLETED")
    finally:
        heir.stop()


def test_another_server_continues_the_jobs_of_a_dead_one(
    make_state: StateMaker, monkeypatch
) -> None:
    """The first server claims a job and stops responding; its late result is not stored."""
    dead, heir = make_state(lease_seconds=10.0), make_state(lease_seconds=10.0)
    job_id = submit(dead)
    enqueue(dead, job_id)
    lost = dead.queue.claim_for_run()
    assert lost is not None
    assert heir.queue.claim_for_run() is None

    wall = heir.queue.leases._wall_time
    monkeypatch.setattr(heir.queue.leases, "_wall_time", lambda: wall() + 11)
    taken = heir.queue.claim_for_run()
    assert taken is not None
    assert (taken.id, taken.status, taken.attempts) == (job_id, "RUNNING", 2)
    assert taken.seed == lost.seed
    assert not finish(dead, lost, b'{"from": "dead"}')
    assert heir.jobs.blob(job_id, RESULT) is None
    assert finish(heir, taken, b'{"from": "heir"}')
    assert heir.jobs.blob(job_id, RESULT) == b'{"from": "heir"}'
    assert not finish(dead, lost, b'{"from": "dead"}')
    ends = [one for one in heir.jobs.history(job_id) if one["status"] == "COMPLETED"]
    assert len(ends) == 1


def test_another_server_repeats_an_interrupted_validation(
    make_state: StateMaker, monkeypatch
) -> None:
    dead, heir = make_state(), make_state()
    job_id = submit(dead)
    (lost,) = dead.queue.claim_for_validation()
    wall = heir.queue.leases._wall_time
    monkeypatch.setattr(heir.queue.leases, "_wall_time", lambda: wall() + 11)
    enqueue(heir, job_id)
    assert not dead.queue.refuse(lost, {"message": "late", "code": 1})
    assert get(heir, job_id).status == "QUEUED"


def test_a_renewed_lease_does_not_expire(make_state: StateMaker, monkeypatch) -> None:
    alive, other = make_state(), make_state()
    job_id = submit(alive)
    enqueue(alive, job_id)
    assert alive.queue.claim_for_run() is not None
    wall = other.queue.leases._wall_time
    for service_state in (alive, other):
        monkeypatch.setattr(service_state.queue.leases, "_wall_time", lambda: wall() + 11)
    alive.queue.renew_leases([job_id])
    assert other.queue.claim_for_run() is None


def test_stopping_releases_jobs_at_once(make_state: StateMaker) -> None:
    """A stop during a run does not count as an attempt: the next dispatcher runs the job again."""
    first, held = make_state(max_attempts=1), FakeEngine()
    held.hold()
    dispatcher = Dispatcher(first, held, kinds_of(first))
    dispatcher.start()
    job_id = submit(first)
    held.wait_for_tasks(1)
    dispatcher.stop()
    assert get(first, job_id).status == "RUNNING"
    second, free = make_state(), FakeEngine()
    heir = Dispatcher(second, free, kinds_of(second))
    heir.start()
    try:
        record = wait(second, job_id, "COMPLETED")
    finally:
        heir.stop()
    assert record.attempts == 1
    assert free.tasks[0].seed == held.tasks[0].seed


def test_a_job_that_kills_servers_is_given_up(make_state: StateMaker, monkeypatch) -> None:
    service_state, engine = make_state(max_attempts=3, lease_seconds=10.0), FakeEngine()
    job_id = submit(service_state)
    enqueue(service_state, job_id)
    wall, gone = service_state.queue.leases._wall_time, 0.0
    monkeypatch.setattr(service_state.queue.leases, "_wall_time", lambda: wall() + gone)
    for _ in range(3):
        assert service_state.queue.claim_for_run() is not None
        gone += 11.0
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        record = wait(service_state, job_id, "ERROR_RUNNING_JOB")
    finally:
        dispatcher.stop()
    assert record.error is not None
    assert "after 3 attempts" in record.error["message"]
    assert engine.tasks == []


class TimedEngine(FakeEngine):
    """An engine that records the time limit of each run; a run that would take longer fails."""

    def __init__(self, takes: float = 0.0) -> None:
        super().__init__()
        self.takes = takes
        self.limits: list[float | None] = []

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        self.limits.append(timeout)
        if timeout is not None and self.takes > timeout:
            raise EngineError("The job did not end in time", ErrorCode.TIMED_OUT)
        return super().run(task, timeout)


def test_a_job_over_its_time_limit_ends(make_state: StateMaker) -> None:
    service_state = make_state(job_seconds=100)
    dispatcher = Dispatcher(service_state, TimedEngine(takes=101), kinds_of(service_state))
    dispatcher.start()
    try:
        record = wait(service_state, submit(service_state), "ERROR_RUNNING_JOB")
    finally:
        dispatcher.stop()
    assert record.error == {
        "message": "The job ran longer than 100 s, the limit of this service",
        "code": 5201,
    }


def test_the_time_limit_holds_over_restarts(make_state: StateMaker) -> None:
    """Each server stops in the middle of the run, after 60 s of it."""
    service_state = make_state(job_seconds=100)
    job_id = submit(service_state)
    limits: list[float | None] = []
    for _ in range(2):
        engine = TimedEngine()
        engine.hold()
        dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
        dispatcher.start()
        try:
            until(lambda engine=engine: engine.tasks, bool)
            engine.seconds += 60.0
        finally:
            dispatcher.stop()
        limits += engine.limits
    assert limits == [100.0, 40.0]
    dispatcher = Dispatcher(service_state, TimedEngine(), kinds_of(service_state))
    dispatcher.start()
    try:
        record = wait(service_state, job_id, "ERROR_RUNNING_JOB")
    finally:
        dispatcher.stop()
    assert record.error is not None
    assert record.error["code"] == 5201


def test_a_cancelled_run_stores_nothing(make_state: StateMaker) -> None:
    service_state = make_state()
    job_id = submit(service_state)
    enqueue(service_state, job_id)
    claimed = service_state.queue.claim_for_run()
    assert claimed is not None
    assert service_state.jobs.cancel(job_id)
    assert not finish(service_state, claimed)
    assert service_state.jobs.blob(job_id, RESULT) is None
    assert get(service_state, job_id).status == "CANCELLED"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_nothing_is_made_of_a_cancelled_run(make_state: StateMaker) -> None:
    """The document of a failed run takes another inspection."""
    service_state, engine = make_state(), FakeEngine()
    job_ids = [submit(service_state) for _ in range(2)]
    engine.hold()
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        engine.wait_for_tasks(1)
        assert service_state.jobs.cancel(job_ids[0])
        engine.wait_for_tasks(2)
        engine.release()
        wait(service_state, job_ids[1], "COMPLETED")
    finally:
        dispatcher.stop()
    assert [task.job_id for task in engine.inspected] == job_ids


def test_a_deleted_job_is_dropped(make_state: StateMaker) -> None:
    service_state = make_state()
    job_id = submit(service_state)
    (claimed,) = service_state.queue.claim_for_validation()
    service_state.jobs.delete(job_id)
    assert not service_state.queue.refuse(claimed, {})
    assert service_state.jobs.blob(job_id, QOBJ) is None


def test_a_server_that_is_late_with_its_leases_works_on(
    make_state: StateMaker, monkeypatch
) -> None:
    """As after a suspension: the jobs in hand go on, and start once."""
    service_state, engine = make_state(), FakeEngine()
    hours = itertools.count(0, 3600)  # each lease has expired at the next look
    monkeypatch.setattr(service_state.queue.leases, "_wall_time", lambda: float(next(hours)))
    engine.hold()
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state), runners=2)
    dispatcher.start()
    try:
        job_ids = [submit(service_state)]
        engine.wait_for_tasks(1)
        job_ids.append(submit(service_state))
        engine.wait_for_tasks(2)
        engine.release()
        records = [wait(service_state, job_id, "COMPLETED") for job_id in job_ids]
    finally:
        dispatcher.stop()
    assert [task.job_id for task in engine.tasks] == job_ids
    assert [record.attempts for record in records] == [1, 1]


def test_a_validation_in_hand_is_not_repeated(make_state: StateMaker, monkeypatch) -> None:
    service_state = make_state()
    job_id = submit(service_state)
    hours = itertools.count(0, 3600)
    monkeypatch.setattr(service_state.queue.leases, "_wall_time", lambda: float(next(hours)))
    assert service_state.queue.claim_for_validation()
    assert not service_state.queue.claim_for_validation(in_hand=[job_id])
    assert service_state.queue.claim_for_validation()


@pytest.mark.slow
def test_two_servers_share_the_work(make_state: StateMaker) -> None:
    """Every job ends once, whichever of two busy servers runs it."""
    worlds = [make_state(), make_state()]
    engines = [FakeEngine(), FakeEngine()]
    dispatchers = [
        Dispatcher(service_state, engine, kinds_of(service_state), runners=2, poll_seconds=0.02)
        for service_state, engine in zip(worlds, engines, strict=True)
    ]
    for dispatcher in dispatchers:
        dispatcher.start()
    try:
        job_ids = [submit(worlds[number % 2]) for number in range(20)]
        for job_id in job_ids:
            wait(worlds[0], job_id, "COMPLETED")
    finally:
        for dispatcher in dispatchers:
            dispatcher.stop()
    ran = [task.job_id for engine in engines for task in engine.tasks]
    assert sorted(ran) == sorted(job_ids)
    for job_id in job_ids:
        assert get(worlds[1], job_id).attempts == 1


def test_a_job_of_a_removed_device(make_state: StateMaker) -> None:
    service_state = make_state()
    job_id = submit(service_state, backend="ibmq_atlantis")
    dispatcher = Dispatcher(service_state, FakeEngine(), kinds_of(service_state))
    dispatcher.start()
    try:
        record = wait(service_state, job_id, "ERROR_VALIDATING_JOB")
    finally:
        dispatcher.stop()
    assert record.error == {
        "message": "The backend 'ibmq_atlantis' is no longer offered",
        "code": 2000,
    }


def test_a_queued_job_of_a_removed_device(make_state: StateMaker) -> None:
    """As after a restart without the user's folder of snapshots."""
    service_state = make_state()
    job_id = submit(service_state, backend="ibmq_atlantis")
    enqueue(service_state, job_id)
    assert service_state.queue_position(get(service_state, job_id)) is None
    claimed = service_state.queue.claim_for_run((), service_state.properties_json)
    assert claimed is not None
    assert claimed.properties_digest is None


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (RuntimeError("the file is damaged"), ""),
        (
            SnapshotError(Path("/of/the/user/ibmq_vigo.json"), "the file is damaged"),
            ": ibmq_vigo.json: the file is damaged",
        ),
    ],
)
def test_a_broken_snapshot_fails_only_its_job(
    make_state: StateMaker, caplog: pytest.LogCaptureFixture, problem: Exception, reason: str
) -> None:
    service_state, engine = make_state(), FakeEngine()
    healthy = service_state.properties_json

    def properties(name: str) -> bytes | None:
        if name == "ibmq_vigo":
            raise problem
        return healthy(name)

    service_state.properties_json = properties  # type: ignore[method-assign]
    jobs = [submit(service_state), submit(service_state, "ibmq_athens")]
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        broken = wait(service_state, jobs[0], "ERROR_RUNNING_JOB")
        wait(service_state, jobs[1], "COMPLETED")
    finally:
        dispatcher.stop()
    assert broken.error == {
        "message": f"The calibration of 'ibmq_vigo' cannot be read{reason}",
        "code": 5203,
    }
    assert broken.attempts == 1
    assert [task.device for task in engine.tasks] == ["ibmq_athens"]
    assert "the file is damaged" in caplog.text


@pytest.mark.parametrize(
    ("step", "status"), [("inspect", "ERROR_VALIDATING_JOB"), ("outcome", "ERROR_RUNNING_JOB")]
)
def test_an_internal_error_fails_the_job_once(
    make_state: StateMaker, monkeypatch, step: str, status: str
) -> None:
    service_state = make_state()
    kinds = kinds_of(service_state)
    dispatcher = Dispatcher(service_state, FakeEngine(), kinds)

    def fail(*_: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(kinds["classic"], step, fail)
    dispatcher.start()
    try:
        record = wait(service_state, submit(service_state), status)
    finally:
        dispatcher.stop()
    assert record.error == {"message": "Internal error", "code": 1000}


@pytest.mark.parametrize("step", ["inspection", "storing"])
def test_a_job_that_cannot_be_validated_refuses_only_itself(
    make_state: StateMaker, monkeypatch, step: str
) -> None:
    """Its batch is validated and stored nevertheless."""
    service_state = make_state()
    job_ids = [submit(service_state) for _ in range(3)]
    kinds = kinds_of(service_state)
    inspect = kinds["classic"].inspect

    def fail(record: JobRecord, engine: Engine) -> Inspection:
        inspection = inspect(record, engine)
        if record.id != job_ids[1]:
            return inspection
        if step == "inspection":
            raise RuntimeError("a defect")
        return replace(inspection, work=Work(2**70, 1, 0))

    monkeypatch.setattr(kinds["classic"], "inspect", fail)
    dispatcher = Dispatcher(service_state, FakeEngine(), kinds)
    dispatcher.start()
    try:
        refused = wait(service_state, job_ids[1], "ERROR_VALIDATING_JOB")
        for job_id in (job_ids[0], job_ids[2]):
            wait(service_state, job_id, "COMPLETED")
    finally:
        dispatcher.stop()
    assert refused.error == {"message": "Internal error", "code": 1000}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_result_outlasts_a_failed_claim(make_state: StateMaker, monkeypatch) -> None:
    """Its transaction also claims the next job."""
    service_state, engine = make_state(), FakeEngine()
    job_ids = [submit(service_state) for _ in range(2)]
    claim, calls = service_state.queue._start_next, itertools.count()

    def fail_once(*arguments: Any) -> JobRecord | None:
        if next(calls) == 1:
            raise OperationalError("", None, Exception("the connection was lost"))
        return claim(*arguments)

    for job_id in job_ids:
        enqueue(service_state, job_id)
    monkeypatch.setattr(service_state.queue, "_start_next", fail_once)
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        for job_id in job_ids:
            assert wait(service_state, job_id, "COMPLETED").attempts == 1
    finally:
        dispatcher.stop()
    assert [task.job_id for task in engine.tasks] == job_ids


def test_realistic_times(make_state: StateMaker) -> None:
    """By the clock: validation, a queue of other users, the run; nothing before its time."""
    clock = ManualClock()
    service_state = make_state(speed="realistic", clock=clock)
    engine = FakeEngine()
    device = next(
        one
        for one in service_state.catalog
        if service_state.speed.others(one, service_state.jobs.now()) > 3
    )
    dispatcher = Dispatcher(service_state, engine, kinds_of(service_state))
    dispatcher.start()
    try:
        first, second = submit(service_state, device.name), submit(service_state, device.name)
        for job_id in (first, second):
            wait(service_state, job_id, "VALIDATING")
        assert service_state.queue_length(device) > 3
        clock.advance(10)
        queued = [wait(service_state, job_id, "QUEUED") for job_id in (first, second)]
        one, two = queued
        assert one.planned_start_ms is not None
        assert one.planned_end_ms is not None
        assert one.planned_start_ms > service_state.jobs.now() + 60_000
        assert two.planned_start_ms == one.planned_start_ms
        positions = [service_state.queue_position(job) for job in (one, two)]
        assert positions[0].complete_ms == positions[1].start_ms == one.planned_end_ms
        assert 3 < positions[0].position < positions[1].position

        clock.advance((one.planned_start_ms - service_state.jobs.now()) / 1000)
        wait(service_state, first, "RUNNING")
        engine.wait_for_tasks(1)
        assert service_state.jobs.blob(first, RESULT) is None
        clock.advance((one.planned_end_ms - service_state.jobs.now()) / 1000)
        ended = wait(service_state, first, "COMPLETED")
        assert ended.end_ms is not None
        assert ended.end_ms >= one.planned_end_ms
        wait(service_state, second, "RUNNING")
    finally:
        dispatcher.stop()


def test_what_is_due_does_not_wait_for_the_next_poll(
    make_state: StateMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service_state = make_state(speed="realistic")
    for name, value in (("validation_ms", 200), ("others", 0), ("run_ms", 200)):
        monkeypatch.setattr(service_state.speed, name, lambda *_, value=value: value)
    dispatcher = Dispatcher(
        service_state, FakeEngine(), kinds_of(service_state), poll_seconds=10 * PATIENCE
    )
    dispatcher.start()
    try:
        wait(service_state, submit(service_state), "COMPLETED")
    finally:
        dispatcher.stop()


def test_estimates_come_true(make_state: StateMaker) -> None:
    """Jobs of several users, of unequal length, and a user who submits while they run."""
    clock = ManualClock()
    service_state = make_state(speed="realistic", clock=clock)
    device = next(
        one
        for one in service_state.catalog
        if not one.simulator and service_state.speed.others(one, service_state.jobs.now()) > 3
    )
    dispatcher = Dispatcher(service_state, FakeEngine(), kinds_of(service_state))

    def records(job_ids: list[str]) -> list[JobRecord]:
        return [get(service_state, job_id) for job_id in job_ids]

    def submitted(**jobs_of: tuple[int, ...]) -> list[str]:
        job_ids = [
            submit(service_state, device.name, bell(shots), user * 24)
            for user, all_shots in jobs_of.items()
            for shots in all_shots
        ]
        for job_id in job_ids:
            wait(service_state, job_id, "VALIDATING")
        clock.advance(3)
        for job_id in job_ids:
            wait(service_state, job_id, "QUEUED")
        return job_ids

    def estimated(job_ids: list[str]) -> tuple[int, dict[str, int]]:
        found = service_state.queue_positions(records(job_ids))
        return service_state.jobs.now(), {one: found[one].start_ms for one in found}

    def run_next(job_ids: list[str]) -> None:
        """Let the device start a job and finish it."""

        def running() -> list[JobRecord]:
            return [record for record in records(job_ids) if record.status == "RUNNING"]

        if not running():
            waits = (record.planned_start_ms for record in records(job_ids) if not record.final)
            first = min(start for start in waits if start is not None)
            clock.advance(max(0, first - service_state.jobs.now()) / 1000)
        (record,) = until(running, bool)
        assert record.planned_end_ms is not None
        clock.advance((record.planned_end_ms - service_state.jobs.now()) / 1000)
        wait(service_state, record.id, "COMPLETED")

    dispatcher.start()
    try:
        job_ids = submitted(a=(8192, 100, 4000, 8192), b=(100, 100), c=(8192,))
        made_at, before = estimated(job_ids)
        assert len(before) == len(job_ids)
        for _ in range(3):
            run_next(job_ids)
        started = {one.id for one in records(job_ids) if one.status not in ("QUEUED", "RUNNING")}
        late = submitted(d=(100, 100))
        changed_at, after = estimated(job_ids + late)
        for _ in range(len(job_ids) + len(late) - len(started)):
            run_next(job_ids + late)
    finally:
        dispatcher.stop()
    for since, estimates, chosen in (
        (made_at, before, started),
        (changed_at, after, after),
    ):
        assert chosen
        for job_id in chosen:
            (began,) = (at for step, at in get(service_state, job_id).steps if step == "RUNNING")
            assert 0.5 <= (estimates[job_id] - since) / (began - since) <= 2


def test_dedicated_jobs_do_not_wait_for_other_users(make_state: StateMaker) -> None:
    clock = ManualClock()
    service_state = make_state(speed="realistic", clock=clock)
    device = next(
        one
        for one in service_state.catalog
        if service_state.speed.others(one, service_state.jobs.now()) > 3
    )
    start = clock.now()
    end = start.replace(hour=start.hour + 1)
    service_state.reservations.add(USER, INSTANCE, device.name, start, end)
    dispatcher = Dispatcher(service_state, FakeEngine(), kinds_of(service_state))
    dispatcher.start()
    try:
        job_id = submit(service_state, device.name)
        wait(service_state, job_id, "VALIDATING")
        clock.advance(3)
        assert wait(service_state, job_id, "RUNNING").run_mode == "dedicated"
    finally:
        dispatcher.stop()
