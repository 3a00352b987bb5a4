"""Jobs are inspected in processes with limits; the service itself keeps only their bytes."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from ibmq_backend.emulator.core.raw_json import RawJson, raw_bytes
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.engine import engine as engine_module
from ibmq_backend.emulator.engine import inspectors, task_handlers
from ibmq_backend.emulator.engine.engine import (
    PROGRAM_TASK,
    EngineError,
    JobRefused,
    ProcessEngine,
    Task,
)
from ibmq_backend.emulator.engine.inspectors import MAX_HEADER_BYTES, inspect_qobj
from ibmq_backend.emulator.engine.qobj_summary import summarize
from ibmq_backend.emulator.engine.task_handlers import TaskHead, read_document
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from tests.support.emulator import PATIENCE, bell, login
from tests.support.engines import FakeEngine, json_task

VIGO = TaskHead("j", "ibmq_vigo")
SUBJECT = "The data of the job"


@pytest.fixture(scope="module")
def inspecting() -> Iterator[ProcessEngine]:
    with ProcessEngine(0) as engine:
        yield engine


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
def test_the_facts_are_those_of_the_document(inspecting: ProcessEngine, encoding: str) -> None:
    document = bell(300, seed_simulator=5)
    document["header"]["note"] = "Größe\n"
    document["experiments"] *= 3
    content = json.dumps(document, indent=1, ensure_ascii=False).replace("\n", "\r\n")
    facts = inspecting.inspect(Task("j", "ibmq_vigo", raw_bytes(content.encode(encoding))))
    header = {"header": document["header"], "qobj_id": document["qobj_id"]}
    assert json.loads(facts.pop("header")) == header
    assert facts == {
        "refusal": None,
        "shots": 300,
        "circuits": 3,
        "summary": summarize(document),
    }


def test_a_refusal_of_the_device(inspecting: ProcessEngine) -> None:
    facts = inspecting.inspect(json_task("j", "ibmq_vigo", bell(9000)))
    assert facts["refusal"]["code"] == 1103
    assert "9000" in facts["refusal"]["message"]
    assert (facts["shots"], facts["circuits"], facts["summary"]) == (9000, 1, {})


def test_an_unknown_device(inspecting: ProcessEngine) -> None:
    with pytest.raises(EngineError) as caught:
        inspecting.inspect(json_task("j", "ibmq_vig", bell()))
    assert caught.value.code == 1007


def test_a_large_header_is_not_kept(catalog: Catalog) -> None:
    document = bell()
    document["header"]["note"] = "x" * MAX_HEADER_BYTES
    header = json.loads(inspect_qobj(catalog, VIGO, document)["header"])
    assert header == {"qobj_id": document["qobj_id"]}
    document["qobj_id"] = "x" * MAX_HEADER_BYTES
    assert inspect_qobj(catalog, VIGO, document)["header"] == "{}"


def test_a_defect_of_the_checks_is_a_refusal(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(inspectors, "validate", fail)
    facts = inspect_qobj(catalog, VIGO, bell())
    assert facts["refusal"] == {
        "message": "The data of the job cannot be understood",
        "code": 1101,
    }


@pytest.mark.parametrize("content", [b"", b"[1", b"\xff\xfe\xff", b"[" * 100_000, b"9" * 5000])
def test_content_that_is_not_json(content: bytes) -> None:
    with pytest.raises(JobRefused, match="The data of the job is not valid JSON") as caught:
        read_document(content, SUBJECT)
    assert caught.value.code == 1101


def test_too_many_values_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert task_handlers.MAX_VALUES == 20_000_000
    monkeypatch.setattr(task_handlers, "MAX_VALUES", 10)
    assert len(read_document(b"[" + b"0," * 9 + b"0]", SUBJECT)) == 10
    with pytest.raises(JobRefused, match="contains more than 10 values"):
        read_document(b"[" + b"[]," * 10 + b"broken", SUBJECT)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_a_job_that_needs_too_much_memory() -> None:
    """In the parser, and already when the process reads its input."""
    limits = WorkerLimits(memory_bytes=64 << 20)
    with ProcessEngine(0, limits=limits) as engine:
        for content in (b"[" + b"[]," * 3_000_000 + b"[]]", b" " * (200 << 20)):
            with pytest.raises(JobRefused, match="too large to be checked") as caught:
                engine.inspect(Task("j", "ibmq_vigo", raw_bytes(content)))
            assert caught.value.code == 1101
        assert engine.inspect(json_task("j", "ibmq_vigo", bell()))["refusal"] is None


def used_seconds(process: psutil.Process) -> float:
    """Return the processor time of a process; 0 if it has ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


@pytest.mark.parametrize(
    ("limit", "seconds"), [("INSPECTION_SECONDS", 0.1), ("INSPECTION_CPU_SECONDS", -1)]
)
def test_a_job_that_takes_too_long(
    monkeypatch: pytest.MonkeyPatch, limit: str, seconds: float
) -> None:
    assert engine_module.INSPECTION_CPU_SECONDS <= 60
    large = Task("j", "ibmq_vigo", raw_bytes(b"[" + b"[]," * 5_000_000 + b"[]]"))
    others = set(psutil.Process().children())
    with ProcessEngine(0) as engine:
        # The system counts whole seconds: the process must have used one for a limit below that.
        while not any(used_seconds(one) > 1 for one in {*psutil.Process().children()} - others):
            engine.inspect(large)
        monkeypatch.setattr(engine_module, limit, seconds)
        with pytest.raises(JobRefused, match="takes too long to be checked") as caught:
            engine.inspect(large)
        assert caught.value.code == 1101
        monkeypatch.undo()
        assert engine.inspect(json_task("j", "ibmq_vigo", bell()))["refusal"] is None


@pytest.fixture
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that is started in place of Python's; to be written."""
    path = tmp_path / "python"
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(path))
    return path


def test_a_process_that_dies_twice_refuses_the_job(
    interpreter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, seen = interpreter.with_name("tries"), interpreter.with_name("seen")
    ready = "echo '{\"ready\": true}'; read head"
    interpreter.write_text(f"#!/bin/sh\nenv >>{seen}; echo again >>{tries}; {ready}; exit 1\n")
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "secret-of-this-test")
    with (
        ProcessEngine(0) as engine,
        pytest.raises(JobRefused, match="cannot be understood") as caught,
    ):
        engine.inspect(json_task("j", "ibmq_vigo", bell()))
    assert caught.value.code == 1101
    assert tries.read_text().count("again") >= 2
    assert "PYTHONPATH" in seen.read_text()
    assert "secret-of-this-test" not in seen.read_text()


def test_a_process_that_cannot_start_does_not_refuse_the_job(interpreter: Path) -> None:
    interpreter.write_text("#!/bin/sh\necho 'broken installation' >&2; exit 1\n")
    with (
        ProcessEngine(0) as engine,
        pytest.raises(EngineError, match=r"could not be checked \(exit status 1: broken inst"),
    ):
        engine.inspect(json_task("j", "ibmq_vigo", bell()))


def test_closing_interrupts_an_inspection() -> None:
    going = threading.Event()

    def pieces() -> Iterator[bytes]:
        going.set()
        yield b"[" + b"[]," * 5_000_000 + b"[]]"

    with ProcessEngine(0) as engine, ThreadPoolExecutor(1) as pool:
        content = RawJson(pieces, 15_000_004)
        future = pool.submit(engine.inspect, Task("j", "ibmq_vigo", content))
        assert going.wait(PATIENCE)
        engine.close()
        with pytest.raises(EngineError, match="has been closed"):
            future.result(PATIENCE)


def test_a_small_job_does_not_wait_for_large_ones(inspecting: ProcessEngine) -> None:
    """Two inspections are held in the middle; a third one has a process of its own."""
    released = threading.Event()
    started = threading.Barrier(3)

    def pieces() -> Iterator[bytes]:
        yield b"["
        started.wait(PATIENCE)
        assert released.wait(PATIENCE)
        yield b"]"

    with ThreadPoolExecutor(2) as pool:
        futures = [
            pool.submit(inspecting.inspect, Task(name, "", RawJson(pieces, 2), kind=PROGRAM_TASK))
            for name in ("large job", "large request")
        ]
        try:
            started.wait(PATIENCE)
            assert inspecting.inspect(json_task("small", "ibmq_vigo", bell()))["refusal"] is None
        finally:
            released.set()
        for future in futures:
            with pytest.raises(JobRefused, match="must be a JSON object"):
                future.result(PATIENCE)


def test_an_inspector_imports_no_simulator(inspecting: ProcessEngine) -> None:
    inspecting.inspect(json_task("j", "ibmq_vigo", bell()))
    if sys.platform != "linux":
        pytest.skip("read from /proc")
    pids = [worker.pid for worker in inspecting._inspectors._idle if worker is not None]
    for pid in pids:
        assert "qiskit" not in Path(f"/proc/{pid}/maps").read_text()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        assert pages * os.sysconf("SC_PAGE_SIZE") < 60 << 20


def test_a_job_from_upload_to_result(make_service: Any) -> None:
    engine = FakeEngine()
    client = login(make_service(engine=engine))
    document = bell(seed_simulator=11)
    content = json.dumps(document, indent=1).encode()
    job_id = client.submit(content)
    assert client.wait(job_id)["status"] == "COMPLETED"
    for task in (*engine.inspected, *engine.tasks):
        assert b"".join(task.content.pieces()) == content
    assert len(engine.inspected) == len(engine.tasks) == 1
    summary = client.job(job_id)["summaryData"]
    assert summary["summary"] == summarize(document)["summary"]
    assert summary["size"]["input"] == len(content)


def test_a_failed_run_has_a_result_with_the_header_of_its_job(make_service: Any) -> None:
    engine = FakeEngine()
    engine.failure = RuntimeError("broken")
    client = login(make_service(engine=engine))
    job_id = client.submit()
    assert client.wait(job_id)["status"] == "ERROR_RUNNING_JOB"
    result = client.result(job_id)
    assert result["header"] == bell()["header"]
    assert result["qobj_id"] == bell()["qobj_id"]
