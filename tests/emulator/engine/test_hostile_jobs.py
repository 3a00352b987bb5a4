"""Hostile jobs: each ends as documented, and the next job on the same engine runs at once.

The jobs are those that once blocked a worker or filled its memory, and similar ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.engine.engine import (
    SAMPLER_TASK,
    EngineError,
    JobRefused,
    ProcessEngine,
    Task,
)
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from tests.support.emulator import bell
from tests.support.engines import json_task

Document = dict[str, Any]
Job = tuple[str, Document]

SIMULATOR = "ibmq_qasm_simulator"
DEVICE = "ibmq_vigo"
PULSES = "ibmq_armonk"
PLATFORM = "ibm_sherbrooke"
SECONDS = 120.0
SHORT_SECONDS = 1.5
LONGEST_MESSAGE = 5000
HEAD = 'OPENQASM 3.0; include "stdgates.inc"; '
MEASURE = {"name": "measure", "qubits": [0], "memory": [0]}
OK = 0


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    with ProcessEngine(limits=WorkerLimits()) as engine:
        yield engine


@pytest.fixture(scope="module")
def counts(engine: ProcessEngine) -> Document:
    return innocent(engine)


def innocent(engine: ProcessEngine) -> Document:
    result = engine.run(json_task("innocent", SIMULATOR, bell(1000), 7))
    data: Document = result["results"][0]["data"]
    return data


def job(*instructions: Document, device: str = SIMULATOR, **changes: Any) -> Job:
    """A job of one circuit; `changes` are for the config, or `own` for the circuit's."""
    own = changes.pop("own", {})
    header = changes.pop("header", {"name": "c"})
    copies = changes.pop("copies", 1)
    document = bell(changes.pop("shots", 10), **changes)
    experiment = {"config": own, "header": header, "instructions": [*instructions, MEASURE]}
    return device, {**document, "experiments": [experiment] * copies}


def gate(name: str, width: int, *params: Any) -> Document:
    return {"name": name, "qubits": list(range(width)), "params": list(params)}


def each(name: str, width: int, *params: Any) -> list[Document]:
    return [{"name": name, "qubits": [qubit], "params": list(params)} for qubit in range(width)]


def identity(rows: int) -> list[Any]:
    return [[[float(row == column), 0.0] for column in range(rows)] for row in range(rows)]


def deep(levels: int) -> Any:
    return json.loads("[" * levels + "]" * levels)


def noise(*instructions: Document, **more: Any) -> Document:
    error = {"type": "qerror", "operations": ["h"], "instructions": [list(instructions)],
             "probabilities": [1.0], **more}  # fmt: skip
    return {"errors": [error]}


def condition(mask: str, register: int = 0) -> Document:
    return {"name": "bfunc", "register": register, "mask": mask, "val": "0x0", "relation": "=="}


def save(what: str, width: int, kind: str = "single") -> Document:
    return {"name": f"save_{what}", "qubits": list(range(width)), "snapshot_type": kind,
            "label": "a"}  # fmt: skip


def snapshot(label: str = "a") -> Document:
    return {"name": "snapshot", "snapshot_type": "statevector", "label": label}


def pulses(*instructions: Document, samples: int = 0, **config: Any) -> Job:
    acquire = {"name": "acquire", "t0": 1600, "duration": 1600, "qubits": [0], "memory_slot": [0]}
    library = [{"name": "mine", "samples": [[0.1, 0.0]] * samples}] if samples else []
    _, document = job()
    document["type"] = "PULSE"
    document["config"] = {"shots": 100, "pulse_library": library, "memory_slots": 1, **config}
    document["experiments"] = [{"instructions": [*instructions, acquire]}]
    return PULSES, document


def gaussian(duration: int, sigma: float) -> Document:
    return {"name": "parametric_pulse", "ch": "d0", "t0": 0, "pulse_shape": "gaussian",
            "parameters": {"amp": [0.1, 0.0], "duration": duration, "sigma": sigma}}  # fmt: skip


def sampler(text: str, values: Any = None, shots: int = 10, **params: Any) -> Job:
    return PLATFORM, {"pubs": [[HEAD + text, values, shots]], **params}


MAGIC = [*each("h", 20), *each("t", 20)]
SV22 = [*each("h", 22), snapshot()]
MIXING = "extended_stabilizer_metropolis_mixing_time"
MANY = 5_000_000  # characters

# By name: the job, and the codes with which it may end.
QUICK: dict[str, tuple[Callable[[], Job], set[int]]] = {
    "eternal mixing": (lambda: job(*MAGIC, method="extended_stabilizer",
                                   **{MIXING: 10**15}), {1002}),
    "tiny error": (lambda: job(*MAGIC, method="extended_stabilizer",
                               extended_stabilizer_approximation_error=1e-300), {1002}),
    "fusion of everything": (lambda: job(*MAGIC, fusion_max_qubit=20), {1002}),
    "22-qubit snapshot": (lambda: job(*SV22, own={"n_qubits": 22}), {1001}),
    "all qubits of 5000": (lambda: job(*each("h", 5000), snapshot(),
                                       device="simulator_stabilizer"), {1001}),
    "state of each shot": (lambda: job(*each("h", 15), save("statevector", 15, "list"),
                                       shots=8192), {1001}),
    "wide dictionary": (lambda: job(*each("h", 26), save("probabilities_dict", 26)), {1001}),
    "wide unitary": (lambda: job(*each("h", 14), save("unitary", 14)), {1001}),
    "32 entangled qubits": (lambda: job(*each("t", 32), *each("h", 32), gate("mcx", 32),
                                        method="statevector"), {5203}),
    "density matrix of 20": (lambda: job(*each("h", 20), gate("mcx", 20),
                                         method="density_matrix"), {5203}),
    "10^9 qubits": (lambda: job(own={"n_qubits": 10**9}), {1109}),
    "10^9 slots": (lambda: job(own={"memory_slots": 10**9}), {1001}),
    "10^9 slots of all": (lambda: job(memory_slots=10**9), {1001}),
    "100000 slots often": (lambda: job(own={"memory_slots": 100_000}, copies=300), {OK}),
    "memory of 100000 slots": (lambda: job({**MEASURE, "memory": [99_999]}, memory=True, shots=4096,
                                           own={"memory_slots": 100_000}), {1001}),
    "long label": (lambda: job(snapshot("a" * MANY)), {OK}),
    "long gate name": (lambda: job(gate("x" * MANY, 1)), {7001}),
    "long circuit name": (lambda: job(gate("unitary", 1, 3), header={"name": "x" * MANY}), {7001}),
    "long method": (lambda: job(method="x" * MANY), {1002}),
    "long header": (lambda: (SIMULATOR, {**bell(), "header": {"a": "x" * MANY}}), {1001}),
    "long Pauli": (lambda: job(gate("pauli", 1, "X" * MANY)), {7001}),
    "long initial state": (lambda: job(gate("initialize", 2, "1" * MANY)), {7001}),
    "delay of 10^300": (lambda: job(gate("delay", 1, 10**300), device=DEVICE), {1101}),
    "delay of 10^14": (lambda: job(gate("delay", 1, 10**14), device=DEVICE), {OK}),
    "angle of 4000 digits": (lambda: job(gate("rx", 1, 10**4000)), {1101}),
    "seed of 4000 digits": (lambda: job(seed_simulator=10**4000), {OK}),
    "10^18 shots": (lambda: job(shots=10**18), {1103}),
    "Kraus on 7": (lambda: job(gate("kraus", 7, identity(128))), {7001}),
    "Kraus wider than its qubits": (lambda: job(gate("kraus", 1, identity(128))), {7001}),
    "superoperator on 5": (lambda: job(gate("superop", 5, identity(64))), {7001}),
    "unitary wider than its qubits": (lambda: job(gate("unitary", 1, identity(256))), {7001}),
    "unitary narrower than its qubits": (lambda: job(gate("unitary", 32, identity(2))), {7001}),
    "ragged unitary": (lambda: job(gate("unitary", 1, [[1, 0, 0], [0]])), {7001}),
    "nested unitary": (lambda: job(gate("unitary", 1, deep(900))), {1101, 7001}),
    "diagonal on 32": (lambda: job(gate("diagonal", 32, 1, 0)), {7001}),
    "nested header": (lambda: job(header={"a": deep(900)}), {OK}),
    "noise on 7": (lambda: job(noise_model=noise(gate("kraus", 7, identity(128)))), {1002}),
    "noise wider than its qubits": (lambda: job(
        noise_model=noise(gate("kraus", 1, identity(128)))), {1002}),
    "noise far away": (lambda: job(
        noise_model=noise({"name": "x", "qubits": [10**9]})), {1002}),
    "noise on gates far away": (lambda: job(
        noise_model=noise(gate("x", 1), gate_qubits=[[10**9]])), {OK}),
    "mask of megabytes": (lambda: job(MEASURE, condition("0x" + "f" * MANY)), {1101}),
    "mask of zeros": (lambda: job(MEASURE, condition("0x" + "0" * MANY + "1")), {OK}),
    "late pulse": (lambda: pulses({"name": "mine", "ch": "d0", "t0": 10**13}, samples=64), {8020}),
    "endless pulse": (lambda: pulses(gaussian(10**13, 100.0)), {8002, 8020}),
    "sharp pulse": (lambda: pulses(gaussian(1600, 1e-300)), {OK}),
    "long pulse": (lambda: pulses({"name": "mine", "ch": "d0", "t0": 0}, samples=600_000),
                   {OK, 8020}),
    "points of 1000 slots": (lambda: pulses(gaussian(1600, 100.0), memory_slots=1000, shots=8192,
                                            meas_level=1, meas_return="single"), {1001}),
    "sampler: loop": (lambda: sampler("for int i in [0:1000000000] { x $0; }"), {1517}),
    "sampler: bits": (lambda: sampler("bit[4000000000] c;"), {1506}),
    "sampler: parentheses": (lambda: sampler("if (c) {" * 3000 + "}" * 3000), {1506}),
    "sampler: digits": (lambda: sampler(f"rz({'9' * 100_000}) $0;"), {1506}),
    "sampler: long delay": (lambda: sampler("delay[1e300s] $0;"), {1521}),
    "sampler: registers": (lambda: sampler("".join(f"bit[1] c{n}; " for n in range(100)),
                                           shots=900_000), {1520}),
    "sampler: points": (lambda: sampler("input float a; rz(a) $0;",
                                        {"a": [0.1] * 200_000}), {1520}),
}  # fmt: skip

LAYERS = [*each("h", 24), *({"name": "cu3", "qubits": [q, q + 1], "params": [1, 2, 3]}
                            for q in range(23))] * 300  # fmt: skip
ENTANGLED = [
    entry
    for layer in range(30)
    for entry in (
        *each("h", 60),
        *each("t", 60),
        *({"name": "cx", "qubits": [q, (7 * q + layer) % 60]} for q in range(1, 60)
          if (6 * q + layer) % 60),
    )
]  # fmt: skip

# Each is ended by the time limit, like any long job.
SLOW: dict[str, Callable[[], Job]] = {
    "state vectors": lambda: job(*LAYERS, {"name": "measure", "qubits": list(range(24)),
                                           "memory": [0] * 24}),
    "matrix products": lambda: job(*ENTANGLED, device="simulator_mps"),
    "mixing": lambda: job(*MAGIC, method="extended_stabilizer", shots=8192, **{MIXING: 10**6}),
    "small error": lambda: job(*MAGIC * 5, method="extended_stabilizer",
                               extended_stabilizer_approximation_error=0.001),
    "composed noise": lambda: job(noise_model={"errors": [
        {"type": "qerror", "operations": ["h"], "probabilities": [0.5, 0.5],
         "instructions": [[gate("x", 1)], [gate("y", 1)]]}] * 24}),
    "conditions": lambda: job(
        MEASURE, *(condition("0x1", n) for n in range(20_000)), *[MEASURE] * 20_000),
    "pulses": lambda: pulses(*({**gaussian(16_000, 4000.0 + n), "t0": 16_000 * n}
                               for n in range(200)), rep_time=None),
    "sampler: nested gates": lambda: sampler(
        "gate g0 a { x a; } " + "".join(f"gate g{n} a {{ g{n - 1} a; g{n - 1} a; }} "
                                        for n in range(1, 40)) + "g39 $0;"),
}  # fmt: skip


def end_of(engine: ProcessEngine, hostile: Job, seconds: float) -> int:
    """Run a job; return the code it ended with, 0 after a success."""
    device, document = hostile
    kind = SAMPLER_TASK if "pubs" in document else "qobj"
    content = json.dumps(document).encode()
    try:
        result = engine.run(Task("hostile", device, raw_bytes(content), 7, kind), seconds)
    except (JobRefused, EngineError) as error:
        return error.code if len(error.message) < LONGEST_MESSAGE else -1
    return OK if result.get("success", True) else int(result["error"]["code"])


@pytest.mark.parametrize("name", QUICK)
def test_it_is_refused_or_run(engine: ProcessEngine, counts: Document, name: str) -> None:
    make, codes = QUICK[name]
    assert end_of(engine, make(), SECONDS) in codes
    assert innocent(engine) == counts


@pytest.mark.parametrize("name", SLOW)
def test_it_is_cut_off(engine: ProcessEngine, counts: Document, name: str) -> None:
    assert end_of(engine, SLOW[name](), SHORT_SECONDS) == 5201
    assert innocent(engine) == counts
