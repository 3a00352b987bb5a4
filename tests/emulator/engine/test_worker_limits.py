"""A worker process has limits, and a job that exceeds them ends alone."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.engine import worker_process
from ibmq_backend.emulator.engine.engine import EngineError, ProcessEngine, Task
from ibmq_backend.emulator.engine.worker_isolation import _network_removal, isolated_command
from ibmq_backend.emulator.engine.worker_limits import MIN_MEMORY_BYTES, WorkerLimits
from ibmq_backend.emulator.engine.worker_process import (
    Death,
    WorkerDied,
    WorkerProcess,
    WorkerTimeout,
)
from tests.emulator.engine.test_engine import PATIENCE, worker_of
from tests.support.emulator import bell, long_job
from tests.support.engines import json_task

LIMITS = WorkerLimits(memory_bytes=200 << 20, file_bytes=1 << 20, open_files=64, niceness=3)
linux = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")


@contextmanager
def ready_worker(limits: WorkerLimits = LIMITS) -> Iterator[WorkerProcess]:
    worker = WorkerProcess(threads=1, limits=limits)
    try:
        ask(worker)
        yield worker
    finally:
        worker.kill()


def small_engine(memory_bytes: int) -> ProcessEngine:
    """An engine whose worker needs no address space for many threads."""
    engine = ProcessEngine(limits=WorkerLimits(memory_bytes=memory_bytes))
    engine._threads = 1
    return engine


def ask(
    worker: WorkerProcess, document: Any = None, deadline: float | None = None, **more: Any
) -> dict[str, Any]:
    """Send a job, a Bell circuit by default, and return the reply."""
    head = {"job_id": "j", "kind": "qobj", "device": "ibmq_qasm_simulator", "seed": 1}
    content = json.dumps(bell() if document is None else document).encode()
    return worker.request({**head, **more}, raw_bytes(content), deadline)


def large_gate() -> dict[str, Any]:
    """A job that needs 300 MB to be read and built: a unitary on ten qubits."""
    rows = [[[float(row == column), 0.0] for column in range(1 << 10)] for row in range(1 << 10)]
    document = bell()
    document["experiments"][0]["instructions"].insert(
        0, {"name": "unitary", "qubits": list(range(10)), "params": [rows]}
    )
    document["experiments"][0]["config"] = {"n_qubits": 10, "memory_slots": 2}
    return document


@linux
def test_the_limits_hold_before_the_first_job() -> None:
    with ready_worker() as worker:
        folder = Path(f"/proc/{worker.pid}")
        limits = {
            line[:26].strip(): line[26:].split()[:2]
            for line in (folder / "limits").read_text().splitlines()
        }
        assert limits["Max file size"] == [str(1 << 20)] * 2
        assert limits["Max open files"] == ["64"] * 2
        assert limits["Max core file size"] == ["0"] * 2
        soft, hard = limits["Max address space"]
        assert soft == hard
        used = int((folder / "statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        assert LIMITS.memory_bytes < int(soft) < used + LIMITS.memory_bytes + (100 << 20)
        assert "NoNewPrivs:\t1" in (folder / "status").read_text()
        assert (folder / "oom_score_adj").read_text() == "1000\n"
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 3


@linux
def test_the_environment_contains_nothing_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "secret")
    monkeypatch.setenv("QE_TOKEN", "secret")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    with ready_worker() as worker:
        text = Path(f"/proc/{worker.pid}/environ").read_text()
    found = dict(entry.split("=", 1) for entry in text.split("\0") if entry)
    assert (found["OMP_NUM_THREADS"], found["TZ"]) == ("1", "Europe/Berlin")
    assert found["HOME"] == os.devnull
    assert not [name for name, value in found.items() if value == "secret"]


@linux
def test_a_worker_has_no_network() -> None:
    if not _network_removal():
        pytest.skip("this system does not allow it")
    with ready_worker() as worker:
        interfaces = Path(f"/proc/{worker.pid}/net/dev").read_text().splitlines()[2:]
        assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
        assert Path(f"/proc/{worker.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


@pytest.mark.integration
def test_one_log_line_reports_that_the_network_remains(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    program = tmp_path / "unshare"
    program.write_text("#!/bin/sh\necho 'unshare failed: not permitted' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    _network_removal.cache_clear()
    try:
        with caplog.at_level(logging.INFO, "ibmq_backend"):
            assert isolated_command(["python", "-m", "x"]) == ["python", "-m", "x"]
            assert isolated_command(["python"]) == ["python"]
        assert [record.levelname for record in caplog.records] == ["INFO"]
        assert "keep their network: unshare failed: not permitted" in caplog.text
    finally:
        _network_removal.cache_clear()


@linux
def test_a_job_that_runs_out_of_memory_ends_alone() -> None:
    with small_engine(64 << 20) as engine:
        with pytest.raises(EngineError, match="ran out of memory: a job may use 64 MB") as caught:
            engine.run(json_task("j1", "ibmq_qasm_simulator", large_gate(), 7))
        assert caught.value.code == 5204
        assert engine.run(json_task("j2", "ibmq_vigo", bell(), 7))["success"]


@linux
def test_a_job_that_exhausts_memory_is_not_repeated() -> None:
    with small_engine(32 << 20) as engine:
        engine.run(json_task("j0", "ibmq_vigo", bell(), 7))
        first = engine._simulators._idle[0]
        content = b'{"header": "%s"}' % (b"a" * (100 << 20))  # the process cannot read its input
        with pytest.raises(EngineError, match="ran out of memory: a job may use 32 MB"):
            engine.run(Task("j1", "ibmq_vigo", raw_bytes(content), 7))
        assert first is not None
        assert not first.alive
        second = engine._simulators._idle[0]
        assert engine.run(json_task("j2", "ibmq_vigo", bell(), 7))["success"]
        assert engine._simulators._idle[0] is second


@linux
def test_aer_refuses_what_needs_more_than_the_limit() -> None:
    document = bell(method="statevector")
    layer = [{"name": "h", "qubits": [qubit]} for qubit in range(25)]
    document["experiments"][0]["instructions"] = [
        *layer,
        {"name": "measure", "qubits": list(range(25)), "memory": list(range(25))},
    ]
    document["experiments"][0]["config"] = {"n_qubits": 25, "memory_slots": 25}
    with ready_worker() as worker:
        reply = ask(worker, document)
    error = reply["result"]["error"]
    assert error["code"] == 5203
    assert "'bell' (index 0): Insufficient memory" in error["message"]


@linux
def test_a_worker_that_the_kernel_ends_ran_out_of_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counts = tmp_path / "vmstat"
    counts.write_text("pgfault 5\noom_kill 7\n")
    monkeypatch.setattr(worker_process, "_KERNEL_COUNTS", counts)
    with ProcessEngine() as engine, ThreadPoolExecutor(1) as pool:
        future = pool.submit(engine.run, json_task("j1", "ibmq_qasm_simulator", long_job(), 7))
        worker = worker_of(engine, "j1")
        while not worker._oom_kills:  # until the request has been sent
            assert worker.alive
        counts.write_text("pgfault 5\noom_kill 8\n")
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="ran out of memory"):
            future.result(PATIENCE)


@linux
def test_processor_time_is_limited_for_each_job_anew() -> None:
    with ready_worker(WorkerLimits()) as worker:
        ask(worker, seconds=1)
        ask(worker, seconds=None)
        with pytest.raises(WorkerDied, match=f"signal {int(signal.SIGXCPU)}") as caught:
            ask(worker, long_job(), seconds=1)
        assert caught.value.cause is Death.PROCESSOR_TIME


BROKEN = {
    "no JSON": b"what\n",
    "no object": b"[]\n",
    "endless": b"x" * (7 << 20),
    "announced too large": b'{"result": {}, "bulk": {"path": ["a"], "size": 1000000000000}}\n',
    "negative": b'{"result": {}, "bulk": {"path": ["a"], "size": -1}}\n',
    "cut off": b'{"result": {}, "bulk": {"path": ["a"], "size": 9}}\n123',
    "nowhere": b'{"result": [], "bulk": {"path": [3, 4], "size": 0}}\n',
    "deep": b"[" * 1_000_000 + b"\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_invalid_reply_ends_only_its_worker(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "reply").write_bytes(BROKEN[name])
    program = tmp_path / "python"
    program.write_text(
        f"#!/bin/sh\necho '{{\"ready\": true}}'\nread line\ncat {tmp_path}/reply\n"
        f'[ "{name}" = "cut off" ] || read line\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    worker = WorkerProcess()
    try:
        with pytest.raises(WorkerDied):
            ask(worker)
        assert not worker.alive
    finally:
        worker.kill()


def test_a_worker_that_does_not_read_is_ended_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho '{\"ready\": true}'\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    worker = WorkerProcess()
    try:
        with pytest.raises(WorkerTimeout):
            ask(worker, "x" * (1 << 20), time.monotonic() + 1)
    finally:
        worker.kill()


def test_workers_share_half_of_the_memory() -> None:
    one, four = WorkerLimits.for_workers(1), WorkerLimits.for_workers(4, result_bytes=5)
    assert one.memory_bytes >= four.memory_bytes >= MIN_MEMORY_BYTES
    if hasattr(os, "sysconf"):
        half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
        assert one.memory_bytes == max(half, MIN_MEMORY_BYTES)
    assert (one.result_bytes, four.result_bytes) == (100_000_000, 5)
    assert WorkerLimits.from_json(four.to_json()) == four
    assert json.loads(four.to_json())["open_files"] == 256


def test_a_worker_cannot_fill_the_log_with_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "noise").write_bytes(b"x" * 1_000_000 + b"\nshort\n")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/noise >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with caplog.at_level(logging.INFO, worker_process.__name__):
        worker = WorkerProcess()
        with pytest.raises(WorkerDied, match="short"):
            ask(worker)
        worker.kill()
    lengths = [len(record.getMessage()) for record in caplog.records]
    assert len(lengths) == 2
    assert max(lengths) < 11_000


def test_aer_repeats_no_long_name(caplog: pytest.LogCaptureFixture) -> None:
    document = bell(method="statevector")
    (experiment,) = document["experiments"]
    experiment["header"]["name"] = "n" * 1_000_000
    experiment["config"]["n_qubits"] = 32
    experiment["instructions"].insert(0, {"name": "mcx", "qubits": list(range(32))})
    with caplog.at_level(logging.INFO, worker_process.__name__), ready_worker() as worker:
        reply = ask(worker, document)
    assert len(reply["result"]["error"]["message"]) < 5000
    assert not any("nnn" in record.getMessage()[200:] for record in caplog.records)
