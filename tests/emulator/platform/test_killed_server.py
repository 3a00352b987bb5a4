"""What survives when the server of today's dialect is killed."""

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
    """As the server says on its line."""
    found = re.search(
        r"(http\S+)/v1, tokens at (\S+)/identity/token, instance (crn:\S+?);", server.line
    )
    assert found is not None, server.line
    told = SimpleNamespace(platform_url=found[1], url=found[2], crn=found[3], api_key="key of ada")
    return PlatformClient(told)  # type: ignore[arg-type]


def test_jobs_survive_a_killed_server(start: Starter, tmp_path: Path) -> None:
    """kill -9 in the middle of a run; the job ends once, the token still holds."""
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
