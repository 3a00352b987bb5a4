"""Jobs run in worker processes that may die, and end with the process that started them."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.emulator.core.raw_json import RawJson, raw_bytes
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine.engine import (
    ESTIMATOR_TASK,
    SAMPLER_TASK,
    EngineError,
    EngineHealth,
    JobRefused,
    ProcessEngine,
    Task,
)
from ibmq_backend.emulator.engine.worker_process import WorkerProcess
from tests.support.emulated_platform import QASM
from tests.support.emulator import bell, long_job, until
from tests.support.engines import json_task

PATIENCE = 60.0


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    """One warm worker for all tests that leave it alive."""
    engine = ProcessEngine()
    engine.start()
    yield engine
    engine.close()


def worker_of(engine: ProcessEngine, job_id: str, not_pid: int = 0) -> WorkerProcess:
    """Wait until a job has a worker (another than the given one)."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        worker = engine._simulators._running.get(job_id)
        if worker is not None and worker.pid != not_pid:
            return worker
        threading.Event().wait(0.005)
    raise AssertionError(f"no worker took {job_id}")


def gone(pid: int) -> bool:
    """Wait until a process has ended; one that nobody collected counts as ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.02)
    return False


def test_a_bell_job_runs_with_noise_in_another_process(engine: ProcessEngine) -> None:
    document = bell(4000)
    before = copy.deepcopy(document)
    result = engine.run(json_task("j1", "ibmq_vigo", document, 7))
    counts = result["results"][0]["data"]["counts"]
    assert sum(counts.values()) == 4000
    assert counts["0x0"] + counts["0x3"] > 3000
    assert counts["0x1"] + counts["0x2"] > 100
    assert result["job_id"] == "j1"
    assert result["metadata"]["noise"] is True
    assert document == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_line_ends_and_encodings_do_not_matter(engine: ProcessEngine, encoding: str) -> None:
    """Also with line ends and in other encodings."""
    document = bell(100)
    document["header"]["note"] = "Größe\n\r"
    plain = engine.run(json_task("j1", "ibmq_vigo", document, 7))
    content = json.dumps(document, indent=1, ensure_ascii=False).replace("\n", "\r\n")
    stored = engine.run(Task("j1", "ibmq_vigo", raw_bytes(content.encode(encoding)), 7))
    assert stored["results"][0]["data"] == plain["results"][0]["data"]
    assert stored["header"] == document["header"]


def test_the_seed_fixes_the_counts_across_processes(engine: ProcessEngine) -> None:
    task = json_task("j1", "ibmq_vigo", bell(1000, memory=True), 7)
    with ProcessEngine() as other:
        assert engine.run(task)["results"][0]["data"] == other.run(task)["results"][0]["data"]


def test_a_refusal_raises_job_refused(engine: ProcessEngine) -> None:
    with pytest.raises(JobRefused) as caught:
        engine.run(json_task("j1", "ibmq_vigo", bell(9000), 7))
    assert caught.value.code == 1103
    assert "9000" in caught.value.message


def test_an_unknown_device_is_an_error_with_suggestions(engine: ProcessEngine) -> None:
    with pytest.raises(EngineError, match="nearest names are ibmq_vigo") as caught:
        engine.run(json_task("j1", "ibmq_vig", bell(), 7))
    assert caught.value.code == 1007
    assert str(caught.value).endswith(". Error code: 1007.")


def test_content_that_is_not_json_is_refused(engine: ProcessEngine) -> None:
    with pytest.raises(JobRefused, match="not valid JSON") as caught:
        engine.run(Task("j1", "ibmq_vigo", raw_bytes(b"{"), 7))
    assert caught.value.code == 1101
    assert engine.run(json_task("j2", "ibmq_vigo", bell(), 7))["success"]


def test_a_seed_in_the_data_replaces_that_of_the_task(engine: ProcessEngine) -> None:
    result = engine.run(json_task("j1", "ibmq_vigo", bell(seed_simulator=11), 7))
    assert result["metadata"]["seed"] == 11
    params = {"pubs": [[QASM]], "options": {"simulator": {"seed_simulator": 12}}}
    sampled = engine.run(json_task("j2", "ibm_lagos", params, 7, SAMPLER_TASK))
    assert sampled["document"]["metadata"]["emulation"]["seed"] == 12
    params = {"pubs": [[QASM, "IZ"]], "options": {"seed_estimator": 13}}
    estimated = engine.run(json_task("j3", "ibm_lagos", params, 7, ESTIMATOR_TASK))
    assert estimated["document"]["metadata"]["emulation"]["seed"] == 13
    assert estimated["executions"] == [4096]


def test_content_that_disappears_fails_only_its_job(engine: ProcessEngine) -> None:
    """This happens when a job is deleted while its data is read."""

    def pieces() -> Iterator[bytes]:
        yield b"{"
        raise OSError("the data was deleted")

    with pytest.raises(OSError, match="was deleted"):
        engine.run(Task("j1", "ibmq_vigo", RawJson(pieces, 1000), 7))
    assert engine.run(json_task("j2", "ibmq_vigo", bell(), 7))["success"]


def test_many_threads_can_run_jobs_at_once(engine: ProcessEngine) -> None:
    def run(number: int) -> dict[str, Any]:
        return engine.run(json_task(f"j{number}", "ibmq_vigo", bell(100 + number), number))

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(run, range(16)))
    assert [result["job_id"] for result in results] == [f"j{number}" for number in range(16)]
    assert [result["results"][0]["shots"] for result in results] == list(range(100, 116))


def test_a_worker_killed_in_a_job_is_replaced_and_the_job_repeated() -> None:
    with ProcessEngine() as engine, ThreadPoolExecutor(1) as pool:
        future = pool.submit(engine.run, json_task("j1", "ibmq_vigo", bell(), 7))
        first = worker_of(engine, "j1").pid
        os.kill(first, signal.SIGKILL)
        assert future.result(PATIENCE)["success"]
        assert gone(first)
        second = engine.run(json_task("j2", "ibmq_vigo", bell(), 7))
        assert second["success"]


def test_a_job_that_kills_two_workers_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with ProcessEngine() as engine, ThreadPoolExecutor(1) as pool:
        future = pool.submit(engine.run, json_task("j1", "ibmq_qasm_simulator", long_job(), 7))
        first = worker_of(engine, "j1").pid
        os.kill(first, signal.SIGKILL)
        os.kill(worker_of(engine, "j1", not_pid=first).pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="died twice.*killed by signal 9") as caught:
            future.result(PATIENCE)
        assert caught.value.code == 5204
        assert caplog.messages == ["a worker process ended during job j1: killed by signal 9"] * 2
        assert engine.run(json_task("j2", "ibmq_vigo", bell(), 7))["success"]


def test_a_time_limit_ends_the_job_and_its_worker() -> None:
    with ProcessEngine() as engine:
        engine.run(json_task("j0", "ibmq_vigo", bell(), 7))
        with pytest.raises(EngineError, match=r"did not end within 0\.5 s") as caught:
            engine.run(json_task("j1", "ibmq_qasm_simulator", long_job(), 7), timeout=0.5)
        assert caught.value.code == 5201
        assert "use fewer circuits, shots or qubits" in caught.value.message
        replacement = engine._simulators._idle[0]  # started before it is needed
        assert replacement is not None
        assert replacement.alive
        assert engine.run(json_task("j2", "ibmq_vigo", bell(), 7))["success"]


def test_a_time_limit_beyond_what_the_system_can_wait(engine: ProcessEngine) -> None:
    result = engine.run(json_task("j1", "ibmq_qasm_simulator", bell(), 7), timeout=1e12)
    assert result["success"]


def test_a_time_limit_covers_both_attempts() -> None:
    with ProcessEngine() as engine, ThreadPoolExecutor(1) as pool:
        engine.run(json_task("j0", "ibmq_vigo", bell(), 7))
        task = json_task("j1", "ibmq_qasm_simulator", long_job(), 7)
        future = pool.submit(engine.run, task, timeout=6.0)
        os.kill(worker_of(engine, "j1").pid, signal.SIGKILL)
        with pytest.raises(EngineError, match=r"did not end within 6 s") as caught:
            future.result(PATIENCE)
        assert caught.value.code == 5201


def test_a_worker_that_cannot_be_started_fails_only_one_job() -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ProcessEngine() as engine:
        assert engine._simulators._idle[0] is not None
        engine._simulators._idle[0].kill()
        problem = "1 of 1 simulator processes had ended and start again."
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        try:
            for _ in range(2):
                assert engine.health() == EngineHealth(0, (problem,))
            with pytest.raises(EngineError, match="process cannot be started: .*Too many open"):
                engine.run(json_task("j1", "ibmq_vigo", bell(), 7))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert engine.run(json_task("j2", "ibmq_vigo", bell(), 7))["success"]


def test_an_idle_worker_that_ended_is_replaced_by_the_check_of_health() -> None:
    with ProcessEngine() as engine:
        (first,) = engine._simulators._idle
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: first.alive, lambda alive: not alive)
        assert engine.health().workers == 0
        assert engine.health() == EngineHealth(1)
        (second,) = engine._simulators._idle
        assert second is not None
        assert second.alive


def test_running_and_waiting_jobs_can_be_cancelled() -> None:
    with ProcessEngine() as engine, ThreadPoolExecutor(2) as pool:
        engine.run(json_task("j0", "ibmq_vigo", bell(), 7))
        running = pool.submit(engine.run, json_task("j1", "ibmq_qasm_simulator", long_job(), 7))
        worker = worker_of(engine, "j1").pid
        waiting = pool.submit(engine.run, json_task("j2", "ibmq_vigo", bell(), 7))
        while "j2" not in engine._simulators._running:
            threading.Event().wait(0.005)
        assert engine.cancel("j2")
        for future, job in ((waiting, "j2"), (running, "j1")):
            if job == "j1":
                assert engine.cancel("j1")
            with pytest.raises(EngineError, match="was cancelled") as caught:
                future.result(PATIENCE)
            assert caught.value.code == 5202
        assert gone(worker)
        assert not engine.cancel("j1")
        assert engine.run(json_task("j1", "ibmq_vigo", bell(), 7))["success"]


def test_close_ends_running_jobs_and_all_workers() -> None:
    engine = ProcessEngine(workers=2)
    engine.start()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(engine.run, json_task("j1", "ibmq_qasm_simulator", long_job(), 7))
        worker_of(engine, "j1")
        pids = [
            worker.pid
            for worker in [*engine._simulators._idle, *engine._simulators._running.values()]
            if worker
        ]
        assert len(pids) == 2
        engine.close()
        with pytest.raises(EngineError, match="has been closed"):
            future.result(PATIENCE)
    assert all(gone(pid) for pid in pids)
    engine.close()
    with pytest.raises(EngineError, match="has been closed"):
        engine.run(json_task("j2", "ibmq_vigo", bell(), 7))


def test_a_worker_that_is_still_starting_is_ended_at_once() -> None:
    worker = WorkerProcess()
    worker.close()
    assert worker._process.returncode == -signal.SIGKILL


def test_devices_of_the_user_reach_the_worker(tmp_path: Path) -> None:
    from tests.emulator.devices.test_snapshots import put_vigo

    put_vigo(tmp_path)
    with ProcessEngine(options=DeviceOptions((tmp_path,))) as engine:
        assert engine.inspect(json_task("j1", "my_lab", bell()))["refusal"] is None
        result = engine.run(json_task("j1", "my_lab", bell(), 7))
    assert result["backend_name"] == "my_lab"


def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        ProcessEngine(options=DeviceOptions((tmp_path / "missing",))) as engine,
        pytest.raises(EngineError, match="missing: is not a folder"),
    ):
        engine.run(json_task("j1", "ibmq_vigo", bell(), 7))


def test_an_engine_without_simulators_inspects_only() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        ProcessEngine(-1)
    with ProcessEngine(0) as engine:
        assert engine.inspect(json_task("j1", "ibmq_vigo", bell()))["circuits"] == 1
        with pytest.raises(EngineError, match="no simulators"):
            engine.run(json_task("j1", "ibmq_vigo", bell()))


SCRIPT = """
import os, signal, sys
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.engine.engine import ProcessEngine, Task
print("started", flush=True)
engine = ProcessEngine()
engine.start()
print(engine._simulators._idle[0].pid, flush=True)
result = engine.run(Task("j", "ibmq_vigo", raw_bytes(sys.argv[1].encode()), 7))
print(result["success"], flush=True)
if sys.argv[2] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("end", ["kill", "normal"])
def test_workers_end_with_a_script_without_main_guard(tmp_path: Path, end: str) -> None:
    """No `if __name__` guard, no close, a folder with a file that shadows a library."""
    import json

    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "numpy.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    command = [sys.executable, "-P", str(script), json.dumps(bell()), end]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path, check=False
    )
    started, pid, success = done.stdout.split()
    assert (started, success) == ("started", "True"), done.stderr
    assert done.returncode == (-signal.SIGKILL if end == "kill" else 0)
    assert gone(int(pid))
