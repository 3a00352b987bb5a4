"""Large uploads are looked at in a process of their own; the service keeps only their bytes."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.classic.documents.summaries import summarize
from ibmq_backend.emulator.classic.jobs import kind, large_qobj
from ibmq_backend.emulator.classic.jobs.large_qobj import QobjFacts, inspect, look
from ibmq_backend.emulator.devices.catalog import Catalog, Device
from ibmq_backend.emulator.engine.engine import Task
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import bell, login
from tests.support.engines import FakeEngine


@pytest.mark.integration
def test_the_facts_are_those_of_the_document(catalog: Catalog) -> None:
    document = bell(300, seed_simulator=5)
    document["experiments"] *= 3
    facts = inspect(catalog.get("ibmq_vigo"), json.dumps(document).encode("utf-16"))
    top = {"header": document["header"], "qobj_id": document["qobj_id"]}
    assert facts == QobjFacts(None, 300, 3, 5, summarize(document), top)


@pytest.mark.integration
def test_a_refusal_is_the_one_of_the_device(catalog: Catalog) -> None:
    document = bell(9000)
    facts = inspect(catalog.get("ibmq_vigo"), json.dumps(document).encode())
    assert facts.refusal is not None
    assert facts.refusal[1] == 1103
    assert "9000" in facts.refusal[0]


@pytest.mark.parametrize("content", [b"", b"[1", b"\xff\xfe\xff", b"[" * 100_000, b"9" * 5000])
def test_what_is_not_json(catalog: Catalog, content: bytes) -> None:
    assert look(catalog.get("ibmq_vigo"), content) == {
        "refused": ["The data of the job is not valid JSON", 1101]
    }


@pytest.mark.integration
def test_an_answer_of_refused_is_raised(catalog: Catalog) -> None:
    with pytest.raises(JobRefused, match="not valid JSON"):
        inspect(catalog.get("ibmq_vigo"), b"[1")


def test_too_many_values_are_not_even_read(catalog: Catalog) -> None:
    with pytest.raises(JobRefused, match="more than 20000000 values"):
        inspect(catalog.get("ibmq_vigo"), b"[" + b"[]," * 10_000_001 + b"1]")


@pytest.mark.integration
def test_a_process_that_breaks_refuses_the_job(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """It is tried twice and says no more than that."""
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\necho again >>{tmp_path}/tries\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(large_qobj.sys, "executable", str(broken))
    with pytest.raises(JobRefused, match="cannot be understood"):
        inspect(catalog.get("ibmq_vigo"), b"{}")
    assert (tmp_path / "tries").read_text() == "again\nagain\n"


@pytest.fixture
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that is started in place of Python's; to be written."""
    path = tmp_path / "python"
    path.touch(mode=0o755)
    monkeypatch.setattr(large_qobj.sys, "executable", str(path))
    return path


@pytest.mark.integration
def test_both_attempts_share_the_time(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, interpreter: Path
) -> None:
    tries = interpreter.with_name("tries")
    interpreter.write_text(f"#!/bin/sh\necho again >>{tries}\ncat >/dev/null\nexit 1\n")
    moments = iter([0.0, 0.0, large_qobj.MOST_SECONDS])
    monkeypatch.setattr(large_qobj.time, "monotonic", lambda: next(moments, 1e9))
    with pytest.raises(JobRefused, match="takes too long"):
        inspect(catalog.get("ibmq_vigo"), b"{}" * 1_000_000)
    assert tries.read_text().startswith("again\n")
    assert large_qobj.MOST_SECONDS <= 60


@pytest.mark.integration
def test_the_process_gets_no_secrets(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, interpreter: Path
) -> None:
    seen = interpreter.with_name("seen")
    interpreter.write_text(f"#!/bin/sh\nenv >{seen}\nexit 1\n")
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "secret-of-this-test")
    with pytest.raises(JobRefused):
        inspect(catalog.get("ibmq_vigo"), b"{}")
    assert "secret-of-this-test" not in seen.read_text()
    assert "PYTHONPATH" in seen.read_text()


@pytest.mark.slow
def test_a_device_is_the_same_on_the_other_side(catalog: Catalog) -> None:
    for device in catalog:
        other = Device.from_json(device.to_json())
        for field in fields(Device):
            assert getattr(other, field.name) == getattr(device, field.name)
        assert (other.properties(), other.defaults()) == (device.properties(), device.defaults())


class BytesEngine(FakeEngine):
    """Takes jobs whose documents it is given as bytes only."""

    def result(self, task: Task) -> dict[str, Any]:
        assert task.content is not None
        assert "experiments" not in task.qobj
        whole = json.loads(task.content)
        return super().result(Task(task.job_id, task.device, whole, task.seed))


def test_a_large_job_from_upload_to_result(
    make_service: ServiceMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "LARGE_JOB_BYTES", 100)
    engine = BytesEngine()
    client = login(make_service(engine=engine))
    document = bell(seed_simulator=11)
    content = json.dumps(document, indent=1).encode()
    job_id = client.submit(content)
    assert client.wait(job_id)["status"] == "COMPLETED"
    (task,) = engine.tasks
    assert (task.content, task.seed) == (content, 11)
    assert client.result(job_id)["header"] == document["header"]
    summary = client.job(job_id)["summaryData"]
    assert summary["summary"] == summarize(document)["summary"]
    assert summary["size"]["input"] == len(content)


@pytest.mark.parametrize(
    ("content", "code"), [(json.dumps(bell(9000)).encode(), 1103), (b"{" * 200, 1101)]
)
def test_a_large_job_that_is_refused(
    make_service: ServiceMaker, monkeypatch: pytest.MonkeyPatch, content: bytes, code: int
) -> None:
    monkeypatch.setattr(kind, "LARGE_JOB_BYTES", 100)
    client = login(make_service())
    job_id = client.submit(content)
    assert client.wait(job_id)["status"] == "ERROR_VALIDATING_JOB"
    assert client.job(job_id)["error"]["code"] == code


def test_a_large_job_whose_run_fails_has_a_result_with_its_header(
    make_service: ServiceMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "LARGE_JOB_BYTES", 100)
    engine = FakeEngine()
    engine.failure = RuntimeError("broken")
    client = login(make_service(engine=engine))
    job_id = client.submit()
    assert client.wait(job_id)["status"] == "ERROR_RUNNING_JOB"
    assert client.result(job_id)["header"] == bell()["header"]
