"""Recording a live service from end to end, with an emulator in place of the remote service.

URLs and credentials are in the environment, as for IBM's services, and the source of the recordings
is ``live``. The code under test does not know that the service is an emulator.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Project
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.contract.facts import DEVICES, PLATFORM_INSTANCES
from tests.support import cassette_index, cassettes, dialects

ROOT = Path(__file__).resolve().parents[2]
CHOSEN = "wrong_token or instances_are_listed or one_job"


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    """Return the emulator that is used as remote service."""
    with LocalService(
        settings=Settings(open_mode=False),
        projects=[Project(OPEN_INSTANCE, default=True, devices=DEVICES)],
        instances=PLATFORM_INSTANCES[:2],
        faults=[],  # no faults, but a log of requests
    ) as service:
        yield service


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "IBMQ_BACKEND_VENV": sys.prefix, **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_live_services_are_recorded_and_replayed(service: LocalService, tmp_path: Path) -> None:
    service_crn = PLATFORM_INSTANCES[0].crn
    account = {
        "IBMQ_BACKEND_LIVE": "1",
        "QE_URL": service.url,
        "QE_TOKEN": service.api_token,
        "QISKIT_IBM_URL": service.platform_url,
        "QISKIT_IBM_TOKEN": service.api_key,
        "QISKIT_IBM_INSTANCE": PLATFORM_INSTANCES[0].name,
    }
    recorded = run("scripts/record", "--live", "--into", str(tmp_path), "-k", CHOSEN, **account)
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert "6 passed" in recorded.stdout

    entries = cassette_index.read(tmp_path)
    assert entries.keys() == cassette_index.files(tmp_path)
    assert {path.rsplit("/", 1)[0] for path in entries} == {
        f"{dialect}/live/{module}"
        for dialect in ("classic", "platform")
        for module in ("test_account", "test_job_life")
    }
    for entry in entries.values():
        assert entry.source == "live"
        assert entry.facts["device"]
        assert entry.specs == cassette_index.spec_digests(cassettes.dialect_of(entry.path))
        has_version = (
            entry.path == "platform/live/test_job_life/test_one_job_with_all_requests.yaml"
        )
        assert entry.api_version == ("2026-04-15" if has_version else "")
        text = (tmp_path / entry.path).read_text(encoding="utf-8")
        for secret in (service.api_token, service_crn, service.url, "127.0.0.1"):
            assert secret not in text
        exchanges = cassettes.read(tmp_path / entry.path)
        assert not dialects.findings(
            cassettes.dialect_of(entry.path), exchanges, origin=cassettes.ORIGIN, source=entry.path
        )
    operations = [request.operation for request in service.faults.requests]
    assert (
        operations.count("createJob") == operations.count("deleteJob") == 2
    )  # one for each dialect

    replayed = run(
        *("-m", "pytest", "tests/contract", "-q", "-p", "no:cacheprovider", "-k", "live-cassette"),
        IBMQ_CASSETTES_FOLDER=str(tmp_path),
    )
    assert "6 passed" in replayed.stdout, replayed.stdout + replayed.stderr
    assert len(service.faults.requests) == len(operations)


def test_recording_live_needs_a_variable(tmp_path: Path) -> None:
    refused = run("scripts/record", "--live", "--into", str(tmp_path))
    assert refused.returncode == 2
    assert "IBMQ_BACKEND_LIVE=1" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_when_the_recording_fails(tmp_path: Path) -> None:
    failed = run("scripts/record", "--into", str(tmp_path), "-k", "no_such_test")
    assert failed.returncode == 5
    assert "Nothing was written." in failed.stderr
    assert not list(tmp_path.iterdir())
