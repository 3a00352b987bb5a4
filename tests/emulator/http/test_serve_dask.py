"""Servers that share a PostgreSQL database and a Dask cluster, one of which is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import events
from tests.emulator.engine.test_job_parts import mixed
from tests.emulator.http.test_serve import Process
from tests.support.dask_machines import DaskMachines
from tests.support.emulator import Client

JOBS = 5
SEED = 5
ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskMachines]:
    machines = DaskMachines(tmp_path_factory.mktemp("dask"))
    try:
        machines.start_scheduler()
        machines.start_worker()
        machines.wait_for_workers()
        yield machines
    finally:
        machines.stop()


def counts_of(result: dict[str, Any]) -> list[dict[str, int]]:
    return [one["data"]["counts"] for one in result["results"]]


@pytest.mark.postgres
def test_a_killed_server_loses_and_duplicates_nothing(
    machines: DaskMachines, postgres_url: str
) -> None:
    job = mixed(4000, seed_simulator=SEED)
    options = ("--store", postgres_url, "--open", "--lease-seconds", "3", "--seed", "3")
    servers = [Process(*options, "--dask", machines.address) for _ in range(2)]
    try:
        clients = [Client(server.url, "token of ada") for server in servers]
        ids = [clients[number % 2].submit(job) for number in range(JOBS)]
        clients[0].wait(ids[0], "RUNNING", "COMPLETED")
        servers[0].end(signal.SIGKILL)
        for job_id in ids:
            ended = clients[1].wait(job_id)
            assert ended["status"] == "COMPLETED", clients[1].job(job_id).get("error")
        counts = [counts_of(clients[1].result(job_id)) for job_id in ids]
        assert counts == [counts[0]] * JOBS
    finally:
        for server in servers:
            if server.child.poll() is None:
                server.end(signal.SIGTERM)
    store = Store(postgres_url)
    try:
        with store.read() as connection:
            ends = Counter(
                row.job_id
                for row in connection.execute(select(events))
                if row.status in lifecycle.FINAL
            )
    finally:
        store.close()
    assert ends == dict.fromkeys(ids, 1)
    assert servers[1].troubles() == []


def test_a_cluster_that_cannot_be_used(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ibmq_backend.emulator", "--port", "0"]
    store = ["--store", str(tmp_path / "s.sqlite")]
    for options, said in [
        (["--dask", "tcp://127.0.0.1:1"], "There is no usable Dask cluster at tcp://127.0.0.1:1: "),
        (["--dask-tls", str(tmp_path)], "--dask-tls needs --dask"),
    ]:
        ended = subprocess.run(
            [*command, *store, *options], capture_output=True, text=True, cwd=ROOT, timeout=60
        )
        assert ended.returncode != 0
        assert said in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
