"""What a request and a job cost, counted, and many clients at once."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Pool, event, select

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.store.schema import events
from tests.support.emulator import Client, login
from tests.support.engines import FakeEngine

CLIENTS, JOBS_OF_A_CLIENT = 64, 2
DEVICE = "ibmq_qasm_simulator"
LARGEST_IDLE_BYTES = 80_000_000
NOT_LOADED = ("numpy", "scipy", "qiskit", "psycopg", "msgpack")


class Statements:
    """The statements that the threads of requests send to SQLite."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def watch(self, connection: sqlite3.Connection, _record: Any) -> None:
        """Note the statements of a new connection."""
        connection.set_trace_callback(self._note)

    def _note(self, statement: str) -> None:
        if not threading.current_thread().name.startswith("ibmq-"):  # those of jobs
            self.found.append(statement)

    def taken(self) -> tuple[int, int, int]:
        """Return how many transactions that read, that write, and other statements there were."""
        words = Counter(self.found)
        reading, writing = words["BEGIN"], words["BEGIN IMMEDIATE"]
        others = len(self.found) - reading - writing - words["ROLLBACK"] - words["COMMIT"]
        self.found.clear()
        return reading, writing, others


@pytest.fixture(scope="module")
def counted() -> Iterator[Statements]:
    statements = Statements()
    event.listen(Pool, "connect", statements.watch)
    yield statements
    event.remove(Pool, "connect", statements.watch)


@pytest.fixture(scope="module")
def loaded(catalog: Catalog, counted: Statements) -> Iterator[tuple[LocalService, FakeEngine]]:
    """A service with four runners, which simulates nothing."""
    engine = FakeEngine()
    service = LocalService(
        settings=Settings(open_mode=True), catalog=catalog, engine=engine, workers=4
    )
    with service:
        yield service, engine


def test_the_statements_of_requests(
    loaded: tuple[LocalService, FakeEngine], counted: Statements
) -> None:
    service, _ = loaded
    client = login(service, "counted")
    client.wait(client.submit(backend=DEVICE))  # totals and counters exist from now on
    counted.taken()
    job = client.create(DEVICE)
    assert counted.taken() == (1, 1, 10)
    client.upload(job, b"{}")
    assert counted.taken() == (1, 1, 7)
    path = f"P/Jobs/{job['id']}"
    for read, statements in {
        f"{path}/status/v/1": 2,
        f"{path}/v/1": 2,
        "P/Jobs/status/v/1": 2,
        "P/devices/v/1": 1,
        "P/devices/ibmq_vigo/properties": 1,
        "P/devices/ibmq_vigo/queue/status": 3,
    }.items():
        client.json(read)
        assert counted.taken() == (1, 0, statements), read
    client.post(f"{path}/cancel")
    assert counted.taken()[1] == 1


def test_64_clients_lose_and_double_nothing(loaded: tuple[LocalService, FakeEngine]) -> None:
    service, engine = loaded

    def use(number: int) -> list[str]:
        client: Client = login(service, f"client-{number}")
        submitted = [client.submit(backend=DEVICE) for _ in range(JOBS_OF_A_CLIENT)]
        assert [client.wait(one)["status"] for one in submitted] == ["COMPLETED"] * len(submitted)
        assert [job["id"] for job in client.statuses()] == submitted[::-1]
        assert [client.result(one)["job_id"] for one in submitted] == submitted
        return submitted

    with ThreadPoolExecutor(CLIENTS) as pool:
        wanted = [job_id for found in pool.map(use, range(CLIENTS)) for job_id in found]
    assert len(set(wanted)) == CLIENTS * JOBS_OF_A_CLIENT
    ran = Counter(task.job_id for task in engine.tasks)
    with service.service_state.store.read() as connection:
        entered = Counter(
            (row.job_id, row.status) for row in connection.execute(select(events)).all()
        )
    for job_id in wanted:
        assert ran[job_id] == 1
        assert entered[job_id, lifecycle.RUNNING] == entered[job_id, lifecycle.COMPLETED] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of another process")
def test_a_server_stays_small(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ibmq_backend.emulator", "--port", "0", "--open"]
    store = str(tmp_path / "store.sqlite")
    with subprocess.Popen(
        [*command, "--store", store, "--workers", "0"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            (address,) = re.findall(r"at (http\S+)/api", server.stdout.readline())
            client = Client(address, "student")
            client.json("P/devices/v/1")
            client.json("P/devices/ibmq_vigo/properties")
            client.create(DEVICE)
            client.json("P/Jobs/v/1")
            process = Path(f"/proc/{server.pid}")
            files = (process / "maps").read_text()
            assert [name for name in NOT_LOADED if f"/{name}/" in files] == []
            pages = int((process / "statm").read_text().split()[1])
            assert pages * os.sysconf("SC_PAGESIZE") < LARGEST_IDLE_BYTES
        finally:
            server.terminate()
