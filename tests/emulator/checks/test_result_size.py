"""Results have a size limit, and large ones leave the worker as bytes that are not parsed."""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ibmq_backend.emulator.checks.result_size import check_expected_size, json_array, size_text
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.engine.engine import SAMPLER_TASK, JobRefused, ProcessEngine
from ibmq_backend.emulator.engine.json_file import copy_json
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from tests.support.emulator import bell
from tests.support.engines import json_task

SIMULATOR = "ibmq_qasm_simulator"
LIMIT = 5_000_000
SAMPLES = 'OPENQASM 3.0; include "stdgates.inc"; bit[60] c; sx $0; c[59] = measure $0;'


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    with ProcessEngine(limits=WorkerLimits(result_bytes=LIMIT)) as engine:
        yield engine


def saving(qubits: int, *saves: dict[str, Any], shots: int = 1, **config: Any) -> dict[str, Any]:
    """Return a job whose circuit saves states of a uniform superposition."""
    document = bell(shots, **config)
    (experiment,) = document["experiments"]
    experiment["config"] = {"n_qubits": qubits, "memory_slots": 2}
    experiment["instructions"] = [
        *({"name": "h", "qubits": [qubit]} for qubit in range(qubits)),
        *saves,
        {"name": "measure", "qubits": [0], "memory": [0]},
    ]
    return document


def snapshot(kind: str = "statevector", label: str = "a") -> dict[str, Any]:
    return {"name": "snapshot", "snapshot_type": kind, "label": label}


def save(what: str, qubits: int, kind: str = "single") -> dict[str, Any]:
    return {"name": f"save_{what}", "qubits": list(range(qubits)), "snapshot_type": kind,
            "label": what}  # fmt: skip


def parsed(value: Any) -> Any:
    assert isinstance(value, RawJson)
    text = b"".join(value.pieces())
    assert len(text) == value.size
    return json.loads(text)


def test_a_large_result_is_returned_as_bytes(engine: ProcessEngine) -> None:
    result = engine.run(json_task("j", SIMULATOR, saving(16, snapshot()), 7))
    assert result["success"] is True
    (entry,) = parsed(result["results"])
    (state,) = entry["data"]["snapshots"]["statevector"]["a"]
    assert len(state) == 1 << 16
    assert state[5] == pytest.approx([1 / 256, 0])
    assert parsed(result["results"]) == [entry]  # read again from the beginning


@pytest.mark.parametrize("typed", [False, True])
def test_a_large_result_of_a_sampler_is_returned_as_bytes(
    engine: ProcessEngine, typed: bool
) -> None:
    pubs: list[Any] = [[SAMPLES, None, 100_000]]
    if typed:
        pubs = [[SAMPLES.replace("c;", f"{'c' * 1_100_000};").replace("c[", f"{'c' * 1_100_000}["),
                 None, 5]]  # fmt: skip
    params = {"pubs": pubs, "support_qiskit": typed}
    result = engine.run(json_task("j", "ibm_sherbrooke", params, 7, SAMPLER_TASK))
    document = result["document"]
    if typed:
        (pub,) = parsed(document["__value__"]["pub_results"])
        assert pub["__type__"] == "SamplerPubResult"
        assert document["__value__"]["metadata"]["version"] == 2
    else:
        (pub,) = parsed(document["results"])
        assert set(pub["data"]["c"]["samples"]) == {"0x0", hex(1 << 59)}
        assert len(pub["data"]["c"]["samples"]) == 100_000
    assert result["executions"] == [pubs[0][2]]


def test_unknown_sizes_are_counted_while_writing(engine: ProcessEngine) -> None:
    # A sample takes from 5 to 19 bytes, so the size is known only after the run.
    pub = [SAMPLES.replace("sx $0;", "x $0;"), None, 400_000]
    with pytest.raises(JobRefused, match="is larger than 5 MB, the limit") as caught:
        engine.run(json_task("j", "ibm_sherbrooke", {"pubs": [pub]}, 7, SAMPLER_TASK))
    assert caught.value.code == 1520
    document = bell(10)
    document["experiments"][0]["header"]["metadata"] = {"note": "x" * LIMIT}
    with pytest.raises(JobRefused, match="ask for fewer circuits, shots or saved") as caught:
        engine.run(json_task("j", "ibmq_vigo", document, 7))
    assert caught.value.code == 1001
    assert engine.run(json_task("j", "ibmq_vigo", bell(), 7))["success"]


def test_too_many_samples_are_refused_before_the_run(engine: ProcessEngine) -> None:
    pub = [SAMPLES, None, 9_000_000]  # takes minutes
    with pytest.raises(JobRefused, match="larger than 5 MB") as caught:
        engine.run(json_task("j", "ibm_sherbrooke", {"pubs": [pub]}, 7, SAMPLER_TASK), timeout=60)
    assert caught.value.code == 1520


@pytest.mark.parametrize("where", ["header", "qobj_id"])
def test_the_header_of_a_job_has_a_limit_of_its_own(engine: ProcessEngine, where: str) -> None:
    note = "x" * (4 << 20)
    document = {**bell(), where: {"note": note} if where == "header" else note}
    with pytest.raises(JobRefused, match="header of the job takes 4 MB; the maximum") as caught:
        engine.run(json_task("j", "ibmq_vigo", document, 7))
    assert caught.value.code == 1001


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (saving(22, snapshot()), "statevector of 22 qubits, about 184 MB"),
        (saving(12, snapshot("density_matrix")), "density_matrix of 12 qubits, about 738 MB"),
        (saving(23, snapshot("probabilities")), "probabilities of 23 qubits, about 184 MB"),
        (saving(12, save("unitary", 12)), "unitary of 12 qubits, about 738 MB"),
        (saving(23, save("probabilities_dict", 23)), "probabilities_dict of 23 qubits"),
        (saving(10, save("statevector", 10, "list"), shots=8192), "10 qubits, 8192 times"),
        (saving(20, save("statevector", 20, "c_single"), shots=9), "20 qubits, 4 times"),
        (saving(20, *(snapshot(label=str(n)) for n in range(9))), "statevector of 20 qubits"),
    ],
)  # fmt: skip
def test_saved_states_are_too_large_before_they_are_computed(
    catalog: Catalog, document: dict[str, Any], what: str
) -> None:
    shots = document["config"]["shots"]
    with pytest.raises(JobRefused) as caught:
        check_expected_size(catalog.get(SIMULATOR), document, shots, 100_000_000)
    assert caught.value.code == 1001
    assert "larger than 100 MB, the limit of this service: circuit 'bell'" in caught.value.message
    assert what in caught.value.message


@pytest.mark.parametrize(
    "document",
    [
        saving(21, snapshot()),
        saving(10, save("unitary", 10), save("density_matrix", 10)),
        saving(6, save("statevector", 6, "list"), shots=8192),
        saving(2, memory=True, shots=8192),
    ],
)  # fmt: skip
def test_results_within_the_limit_are_simulated(catalog: Catalog, document: dict[str, Any]) -> None:
    shots = document["config"]["shots"]
    check_expected_size(catalog.get(SIMULATOR), document, shots, 100_000_000)


def test_measurements_count_before_the_run_too(catalog: Catalog) -> None:
    device = catalog.get("ibmq_armonk")
    config = {"meas_level": 1, "meas_return": "single", "memory_slots": 1000}
    document = {"config": config, "experiments": [{"instructions": []}]}
    with pytest.raises(JobRefused, match="8192000 points in the IQ plane, about 360 MB"):
        check_expected_size(device, document, 8192, 100_000_000)
    config["meas_return"] = "avg"
    check_expected_size(device, document, 8192, 100_000_000)
    document = {"config": {"memory": True}, "experiments": [{"instructions": []}] * 900}
    with pytest.raises(JobRefused, match="the memory of 100000 shots"):
        check_expected_size(device, document, 100_000, 100_000_000)


def test_sizes_in_messages() -> None:
    assert [size_text(size) for size in (5, 5_000_000, 7 * 10**10, 1 << 5000)] == [
        "5 bytes",
        "5 MB",
        "70 GB",
        "more than 1000000 GB",
    ]


def test_an_array_is_written_up_to_the_limit() -> None:
    assert b"".join(json_array([], 2)) == b"[]"
    assert b"".join(json_array([1, "a", {"b": [2]}], 17)) == b'[1,"a",{"b":[2]}]'
    left = iter([1, "a", {"b": [2]}, None])
    with pytest.raises(JobRefused):
        json_array(left, 16)
    assert next(left) is None  # the rest was not read


def test_a_stored_value_can_be_read_by_many_threads() -> None:
    text = json.dumps(list(range(400_000))).encode()
    value = copy_json(io.BytesIO(text + b"rest"), len(text))
    started = threading.Barrier(4)

    def read(_: int) -> bytes:
        started.wait()
        return b"".join(value.pieces())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(4))) == [text] * 4
    assert max(map(len, value.pieces())) <= 1 << 18


@pytest.mark.slow
def test_a_stored_value_is_deleted_with_its_object() -> None:
    value: RawJson | None = copy_json(io.BytesIO(b"1" * (2 << 20)), 2 << 20)
    assert value is not None
    file = value.pieces.__self__._file  # type: ignore[attr-defined]
    half_read = value.pieces()
    next(half_read)
    value = None
    gc.collect()
    assert not file.closed  # it is still being read
    half_read = iter(())
    gc.collect()
    assert file.closed


def test_a_value_that_is_cut_off_is_an_error() -> None:
    with pytest.raises(EOFError, match="1 of 4 bytes are missing"):
        copy_json(io.BytesIO(b"123"), 4)


def test_a_large_result_goes_through_the_worker_in_two_parts() -> None:
    command = [sys.executable, "-P", "-m", "ibmq_backend.emulator.engine.worker", "run", "1",
               WorkerLimits().to_json(), DeviceOptions().to_json()]  # fmt: skip
    requests = b""
    for document in (saving(16, snapshot()), bell()):
        content = json.dumps(document).encode()
        head = {"job_id": "j", "kind": "qobj", "device": SIMULATOR, "seed": 1, "seconds": None}
        requests += json.dumps({**head, "size": len(content)}).encode() + b"\n" + content
    done = subprocess.run(command, input=requests, capture_output=True, check=True)
    ready, line, rest = done.stdout.split(b"\n", 2)
    reply = json.loads(line)
    assert json.loads(ready) == {"ready": True}
    assert reply["result"]["results"] is None
    assert reply["bulk"]["path"] == ["results"]
    size = reply["bulk"]["size"]
    assert size > 1 << 20 > len(line)
    assert len(json.loads(rest[:size])) == 1
    assert json.loads(rest[size:])["result"]["results"][0]["success"]
