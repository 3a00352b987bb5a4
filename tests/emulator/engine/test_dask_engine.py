"""Jobs on a Dask cluster: a real scheduler and real workers on loopback, some of which die."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import trustme

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import terra_folder
from ibmq_backend.emulator.engine import dask_cluster, dask_worker
from ibmq_backend.emulator.engine.dask_cluster import read_address
from ibmq_backend.emulator.engine.dask_engine import DaskEngine
from ibmq_backend.emulator.engine.task import SAMPLER_TASK, EngineError, Task
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.emulator.engine.test_job_parts import facts, mixed
from tests.support.dask_machines import DaskMachines
from tests.support.emulated_platform import QASM
from tests.support.emulator import long_job, until
from tests.support.engines import json_task

RESULT_BYTES = 10_000_000
SEED = 7

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def tls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("tls") / "ours")


def issue(folder: Path) -> Path:
    """Write the files of a new authority to a folder."""
    folder.mkdir()
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return folder


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, tls_folder: Path) -> Iterator[DaskMachines]:
    """A cluster with TLS; that of ``test_serve_dask`` has none."""
    machines = DaskMachines(tmp_path_factory.mktemp("dask"), tls_folder)
    try:
        machines.start_scheduler()
        machines.start_worker()
        machines.start_worker()
        machines.wait_for_workers()
        yield machines
    finally:
        machines.stop()


def connected(machines: DaskMachines, workers: int = 1, **options: Any) -> DaskEngine:
    assert machines.tls is not None
    address = read_address(machines.address, [machines.tls])
    engine = DaskEngine(address, DeviceOptions.of(**options), RESULT_BYTES)
    engine.connect()
    until(engine.health, lambda health: health.workers >= workers)
    return engine


@pytest.fixture
def engine(machines: DaskMachines) -> Iterator[DaskEngine]:
    engine = connected(machines, workers=2)
    yield engine
    engine.close()


def heavy() -> dict[str, Any]:
    """Return a job that takes seconds of noise."""
    job = mixed(8192)
    for experiment in job["experiments"]:
        gates = [one for one in experiment["instructions"] if one["name"] != "measure"]
        experiment["instructions"][:0] = gates * 100
    return job


def task_of(job_id: str, job: dict[str, Any], device: str = "ibmq_vigo") -> Task:
    return replace(json_task(job_id, device, job, SEED), circuits=len(job["experiments"]))


def opened(result: dict[str, Any]) -> dict[str, Any]:
    return {**result, "results": json.loads(b"".join(result["results"].pieces()))}


def workers_with_jobs(engine: DaskEngine) -> list[psutil.Process]:
    """Return the workers to which Dask has given parts."""
    assert engine._cluster is not None
    client = engine._cluster._client
    pids = client.run(os.getpid)
    return [psutil.Process(pids[address]) for address, keys in client.processing().items() if keys]


def started(engine: DaskEngine, task: Task) -> Future[Any]:
    """Start a job, and wait until Dask has given parts of it to a worker."""
    future = ThreadPoolExecutor(1).submit(engine.run, task, 600)
    until(lambda: workers_with_jobs(engine) or future.done(), bool)
    assert not future.done(), future.exception() or "it ended too soon"
    return future


@pytest.fixture(scope="module")
def heavy_job() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a job, and its result without Dask."""
    job = heavy()
    return job, facts(Simulator().run("heavy", "ibmq_vigo", job, SEED))


@pytest.mark.parametrize("device", ["ibmq_vigo", "ibmq_qasm_simulator"])
def test_jobs_have_the_counts_of_one_machine(engine: DaskEngine, device: str) -> None:
    job = mixed(memory=True)
    expected = facts(Simulator().run("j", device, job, SEED))
    result = opened(engine.run(task_of("j", job, device), 60))
    assert facts(result) == expected


def test_a_sampler_runs_as_one_part(engine: DaskEngine) -> None:
    job = {"pubs": [[QASM, None, 10]], "version": 2, "support_qiskit": False}
    result = engine.run(json_task("s", "ibmq_vigo", job, SEED, SAMPLER_TASK), 60)
    assert result["executions"] == [10]
    with pytest.raises(JobRefused) as refused:
        engine.run(json_task("t", "ibmq_vigo", {"pubs": [["x", None, 10]]}, SEED, SAMPLER_TASK))
    assert refused.value.code != 0


def test_data_of_a_job_is_not_unpickled_on_the_way(engine: DaskEngine, tmp_path: Path) -> None:
    class Program:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "made"),)

    content = raw_bytes(pickle.dumps(Program()))
    for circuits in (1, 2):
        with pytest.raises(JobRefused, match="not valid JSON"):
            engine.run(Task("p", "ibmq_vigo", content, SEED, circuits=circuits), 60)
    assert not (tmp_path / "made").exists()


def test_simulators_of_a_cluster_are_confined(engine: DaskEngine, machines: DaskMachines) -> None:
    engine.run(task_of("warm", mixed()), 60)
    found = machines.simulators()
    assert len(found) == 2
    for simulator in found:
        assert "NoNewPrivs:\t1" in Path(f"/proc/{simulator.pid}/status").read_text()
        assert simulator.rlimit(psutil.RLIMIT_AS)[0] > 0
        assert simulator.rlimit(psutil.RLIMIT_NOFILE) == (256, 256)
        assert simulator.environ()["HOME"] == os.devnull


def test_a_cancelled_job_stops_everywhere(engine: DaskEngine, machines: DaskMachines) -> None:
    job = long_job()
    job["experiments"] *= 2
    running = started(engine, task_of("long", job, "ibmq_qasm_simulator"))
    until(machines.busy_workers, bool)
    waiting = ThreadPoolExecutor(1).submit(engine.run, task_of("next", mixed(10)), 600)
    # Only jobs of which a part has started can be the reason for the death of workers.
    assert engine._cluster is not None
    not_started = engine._cluster._not_started
    until(lambda: len(not_started), lambda parts: parts == 1)
    assert engine.cancel("long")
    with pytest.raises(EngineError, match="cancelled"):
        running.result(30)
    assert not engine.cancel("long")
    until(machines.busy_workers, lambda busy: not busy)
    assert waiting.result(120)["success"]
    assert not_started == set()


def test_a_job_over_its_time_is_stopped(engine: DaskEngine) -> None:
    with pytest.raises(EngineError, match="did not end within") as failure:
        engine.run(task_of("slow", long_job(), "ibmq_qasm_simulator"), 1)
    assert failure.value.code == 5201


def test_a_worker_that_differs_gets_no_jobs(machines: DaskMachines, tmp_path: Path) -> None:
    """Another version, and a folder of devices with other content."""
    information = tmp_path / "ibmq_backend-0.0.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ibmq-backend\nVersion: 0.0.1\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    engine = connected(machines, workers=2)
    other = machines.start_worker(PYTHONPATH=path)
    try:
        problems = until(
            lambda: engine.health().problems,
            lambda found: len(found) == 1 and "not answered" not in found[0],
        )
        assert "gets no jobs: ibmq-backend is 0.0.1, on the server " in problems[0]
        assert engine.health().workers == 2
        for number in range(4):
            engine.run(task_of(f"j{number}", mixed(10)), 60)
        assert psutil.Process(other.pid).children() == []
    finally:
        other.kill()
        other.wait(30)
    until(lambda: engine.health().problems, lambda left: not left)
    engine.close()


def test_no_worker_has_the_devices_of_the_server(
    machines: DaskMachines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vigo = terra_folder() / "vigo"
    shutil.copytree(vigo, tmp_path / "devices")
    first = connected(machines, folders=[tmp_path / "devices"])
    first.close()
    changed = next((tmp_path / "devices").rglob("conf_*.json"))
    changed.write_text(changed.read_text() + " ")
    monkeypatch.setattr("ibmq_backend.emulator.engine.dask_engine.START_SECONDS", 0.0)
    dask_worker.read_facts.cache_clear()
    with pytest.raises(EmulatorError) as refused:
        connected(machines, folders=[tmp_path / "devices"])
    assert f"the folder {tmp_path / 'devices'} differs from that of the server" in str(
        refused.value
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_end_of_a_worker_loses_nothing(
    engine: DaskEngine, machines: DaskMachines, heavy_job: Any, number: int
) -> None:
    job, expected = heavy_job
    running = started(engine, task_of("heavy", job))
    victim = until(lambda: workers_with_jobs(engine), bool)[0]
    simulators = victim.children()
    victim.send_signal(number)
    assert facts(opened(running.result(120))) == expected
    assert psutil.wait_procs([victim, *simulators], 60)[1] == []
    if number == signal.SIGKILL:
        machines.start_worker()


def test_a_dead_scheduler_loses_nothing(
    machines: DaskMachines, heavy_job: Any, caplog: pytest.LogCaptureFixture
) -> None:
    job, expected = heavy_job
    engine = connected(machines)
    running = started(engine, task_of("heavy", job))
    machines.kill_scheduler()
    problems = until(lambda: engine.health().problems, bool)
    assert engine.health().workers == 0
    assert machines.address in problems[0]
    stopped = engine.monotonic()
    machines.wait_for_workers_to_end()
    assert engine.monotonic() == stopped
    assert not running.done()
    machines.start_scheduler()
    machines.start_worker()
    assert facts(opened(running.result(120))) == expected
    assert engine.health().problems == ()
    said = [one.message for one in caplog.records if "dask" in one.name and one.levelno >= 30]
    assert len(said) == 2
    assert said[0].endswith("; jobs wait")
    assert said[1].endswith(" is back")
    engine.close()


def test_a_job_whose_workers_die_twice_ends(machines: DaskMachines) -> None:
    machines.start_worker()
    engine = connected(machines, workers=2)
    running = started(engine, task_of("killer", long_job(), "ibmq_qasm_simulator"))
    for _ in range(2):
        victim = until(lambda: workers_with_jobs(engine), bool)[0]
        victim.kill()
        psutil.wait_procs([victim], 30)
    with pytest.raises(EngineError, match="2 workers died while they ran this job"):
        running.result(60)
    engine.close()


# -- addresses --------------------------------------------------------------------------------


def refusal(address: str, *tls: Path) -> str:
    began = time.monotonic()
    with pytest.raises(EmulatorError) as refused:
        DaskEngine(read_address(address, tls), DeviceOptions(), RESULT_BYTES).connect()
    assert time.monotonic() - began < 30
    return str(refused.value)


@pytest.mark.parametrize(
    "text", ["host:8786", "http://host:1", "tcp://host", "tcp://h:x", "tls://h:1"]
)
def test_addresses_that_cannot_be_read(text: str) -> None:
    with pytest.raises(EmulatorError, match="--dask"):
        read_address(text)


def test_a_dead_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "it cannot be reached" in refusal(f"tcp://127.0.0.1:{port}")


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b""])
def test_another_service(greeting: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "_PROBE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection, suppress(ConnectionError):
                connection.sendall(greeting)
                connection.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        said = refusal(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(30)
    assert ("another kind of service" if greeting else "does not answer") in said


def test_tls(
    machines: DaskMachines, tls_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the files of the authority jobs run, as in the tests above."""
    monkeypatch.setattr(dask_cluster, "_PROBE_SECONDS", 2.0)
    plain = machines.address.replace("tls", "tcp")
    assert read_address(plain, [tls_folder]).url == machines.address
    assert "If it uses TLS, add --dask-tls" in refusal(plain)
    assert "TLS fails" in refusal(plain, issue(tmp_path / "foreign"))
    with pytest.raises(EmulatorError, match="cannot read"):
        read_address(plain, [tmp_path / "none"])
