"""What a job costs in the database, and how jobs are claimed together."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.core.records import Instance, JobRecord, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.dialects import create_dialects, job_kinds
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.jobs import RESULT
from ibmq_backend.emulator.store.queue import MAX_BATCH_JOBS, Ending
from tests.support.emulator import bell, until
from tests.support.engines import FakeEngine

INSTANCE = Instance("ibm-q", "open", "main")
DATA = raw_bytes(b"{}")


@pytest.fixture
def state(store_url: str, catalog: Catalog) -> Iterator[ServiceState]:
    made = ServiceState(store_url, catalog=catalog)
    yield made
    made.close()


class Statements:
    """The statements of each thread, by their first words."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def trace(self, connection: sqlite3.Connection, _record: Any) -> None:
        connection.set_trace_callback(self.count)

    def count(self, statement: str) -> None:
        thread = threading.current_thread().name.rstrip("-0123456789")
        kind = "BEGIN IMMEDIATE" if "IMMEDIATE" in statement else statement.split()[0]
        self.counts[thread, kind] += 1

    def take(self) -> tuple[int, int]:
        """Return the numbers of transactions that write and of other statements until now."""
        own = {kind: count for (_, kind), count in self.counts.items()}
        self.counts.clear()
        frame = ("BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        others = sum(count for kind, count in own.items() if kind not in frame)
        return own.get("BEGIN IMMEDIATE", 0), others


@pytest.fixture
def statements() -> Iterator[Statements]:
    seen = Statements()
    event.listen(Pool, "connect", seen.trace)
    yield seen
    event.remove(Pool, "connect", seen.trace)


def submit(state: ServiceState, user: str = "a", data: bytes = b"{}") -> str:
    request = JobRequest(user, "classic", INSTANCE, "ibmq_vigo", "1.0.0")
    job_id = state.jobs.create(request, limit=-1).id
    state.jobs.put_qobj(job_id, raw_bytes(data))
    state.jobs.accept(job_id)
    return job_id


def queue(state: ServiceState, user: str, data: bytes = b"{}") -> str:
    job_id = submit(state, user, data)
    (record,) = state.queue.claim_for_validation()
    assert state.queue.enqueue(record, shots=1, summary={})
    return job_id


def ending(record: JobRecord) -> Ending:
    return Ending(record, "COMPLETED", DATA, {})


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_statements_of_a_job(statements: Statements, store_url: str, catalog: Catalog) -> None:
    """Also of the second job of a user on a device, whose totals and turns exist."""
    state = ServiceState(store_url, catalog=catalog)
    queue(state, "a")
    first = state.queue.claim_for_run((), state.properties_json)
    assert first is not None
    queue(state, "a")
    costs = {}

    def measure(name: str, call: Callable[[], Any]) -> Any:
        statements.take()
        result = call()
        costs[name] = statements.take()
        return result

    request = JobRequest("a", "classic", INSTANCE, "ibmq_vigo", "1.0.0")
    job_id = measure("create", lambda: state.jobs.create(request, limit=-1)).id
    measure("upload", lambda: state.jobs.put_qobj(job_id, DATA))
    measure("accept", lambda: state.jobs.accept(job_id))
    (record,) = measure("validate", lambda: state.queue.claim_for_validation(look_first=False))
    measure("enqueue", lambda: state.queue.enqueue(record, shots=1, summary={}))
    measure(
        "finish, and start the next",
        lambda: state.queue.claim_for_run(
            (), state.properties_json, orphans=False, ending=ending(first)
        ),
    )
    state.close()
    assert costs == {  # transactions that write, and statements
        "create": (1, 9),
        "upload": (1, 5),
        "accept": (1, 4),
        "validate": (1, 3),
        "enqueue": (1, 4),
        "finish, and start the next": (1, 11),
    }


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_transactions_of_waiting_jobs(
    statements: Statements, store_url: str, catalog: Catalog
) -> None:
    """One transaction ends a batch of validations and begins the next; another does so for runs."""
    state, engine = ServiceState(store_url, catalog=catalog), FakeEngine()
    count = 2 * MAX_BATCH_JOBS
    queued = [queue(state, "a", json.dumps(bell()).encode()) for _ in range(3)]
    refused = [submit(state, data=b"[]") for _ in range(count)]
    statements.counts.clear()
    engine.hold()
    dispatcher = Dispatcher(state, engine, job_kinds(create_dialects(state)))
    dispatcher.start()
    try:
        engine.wait_for_tasks(1)
        until(lambda: len(state.jobs.ended(refused)), lambda ended: ended == count)
        engine.release()
        until(lambda: len(state.jobs.ended(queued)), lambda ended: ended == 3)
    finally:
        dispatcher.stop()
    state.close()
    written = {name: n for (name, kind), n in statements.counts.items() if "IMMEDIATE" in kind}
    assert (written["ibmq-validator"], written["ibmq-runner"]) == (3, 4)
    assert (len(engine.inspected), len(engine.tasks)) == (count, 3)


def test_batches_take_turns_and_small_jobs(state: ServiceState) -> None:
    for user in "aaaab":
        submit(state, user)
    batches = [state.queue.claim_for_validation(most=2) for _ in range(3)]
    assert [[one.user_id for one in batch] for batch in batches] == [["a", "b"], ["a", "a"], ["a"]]
    created = [one.creation_ms for batch in batches for one in batch if one.user_id == "a"]
    assert created == sorted(created)
    sizes = (10, 20, 99_990, 200_000, 5)
    for size in sizes:
        submit(state, data=b"x" * size)
    batches = [state.queue.claim_for_validation(most=9) for _ in sizes]
    taken = [[one.input_bytes for one in batch] for batch in batches]
    assert taken == [[10, 20], [99_990], [200_000], [5], []]


def test_the_end_of_a_run_starts_the_next_in_turn(state: ServiceState) -> None:
    for user in "aaaaabcc":
        queue(state, user)
    started, record = "", state.queue.claim_for_run()
    while record is not None:
        started += record.user_id
        record = state.queue.claim_for_run(ending=ending(record))
    assert started == "abcacaaa"
    assert state.queue.claim_for_run() is None


def test_the_end_of_a_lost_run_is_not_stored_but_the_next_starts(state: ServiceState) -> None:
    first, second = queue(state, "a"), queue(state, "a")
    record = state.queue.claim_for_run()
    assert record is not None
    assert state.jobs.cancel(first)
    following = state.queue.claim_for_run(ending=ending(record))
    assert following is not None
    assert following.id == second
    assert state.jobs.blob(first, RESULT) is None
