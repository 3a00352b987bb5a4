"""Recovery of the platform dialect after a kill."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.emulator.http.test_serve import Process
from tests.support.emulated_platform import PlatformClient, sampler

Starter = Callable[..., Process]


@pytest.fixture
def start() -> Iterator[Starter]:
    running: list[Process] = []

    def make(*arguments: str) -> Process:
        running.append(Process(*arguments))
        return running[-1]

    yield make
    for process in running:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


def connect(server: Process) -> PlatformClient:
    """Connect as printed by the server."""
    line = server.find_line("Platform")
    found = re.search(r"QISKIT_IBM_URL=((\S+)/api) QISKIT_IBM_INSTANCE=(crn:\S+::)", line)
    assert found is not None, line
    service = SimpleNamespace(
        platform_url=found[1], url=found[2], crn=found[3], api_key="key of ada"
    )
    return PlatformClient(service)  # type: ignore[arg-type]


def test_jobs_survive_a_killed_server(start: Starter, tmp_path: Path) -> None:
    """After kill -9 during a run the job ends once, and the token stays valid."""
    arguments = ("--store", str(tmp_path / "store.sqlite"), "--lease-seconds", "1", "--open")
    first = start(*arguments)
    client = connect(first)
    job_id = client.submit(sampler(support_qiskit=False), tags=["mine"])
    before = client.wait(job_id, "Running")
    first.end(signal.SIGKILL)

    again = connect(start(*arguments))
    again.http.headers["Authorization"] = client.http.headers["Authorization"]
    after = again.wait(job_id)
    assert after["state"] == {"status": "Completed"}
    assert after["tags"] == ["mine"]
    assert after["created"] == before["created"]
    samples = again.json(f"jobs/{job_id}/results")["results"][0]["data"]["c"]["samples"]
    assert len(samples) == 10
    used = again.json("instances/usage")["usage_consumed_seconds"]
    assert used == after["usage"]["qpu_charge_time_seconds"] > 0
    assert again.json("jobs")["count"] == 1
