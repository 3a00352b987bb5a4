"""Result documents: complete, repeatable, and with the source of their data."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, assemble
from qiskit.circuit import ClassicalRegister, QuantumRegister
from qiskit.circuit.library import DiagonalGate
from qiskit.quantum_info import Kraus, Operator, SuperOp
from qiskit.result import Result
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.gates import shape_of
from ibmq_backend.emulator.simulation.simulator import Simulator


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(threads=1)


def sent(circuits: QuantumCircuit | list[QuantumCircuit], **options: Any) -> dict[str, Any]:
    """A document as a client uploads it: assembled by Terra, then through JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value.tolist()
        if isinstance(value, complex):
            return [value.real, value.imag]
        raise TypeError(type(value))

    document = assemble(circuits, **options).to_dict()
    return dict(json.loads(json.dumps(document, default=plain)))


def run(simulator: Simulator, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    name = options.get("device", "ibmq_qasm_simulator")
    result = simulator.run("job", name, document, options.get("seed", 42))
    return dict(json.loads(json.dumps(result, allow_nan=False)))


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2, name="bell", metadata={"lesson": 3})
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def device_bell() -> QuantumCircuit:
    circuit = QuantumCircuit(QuantumRegister(5, "q"), ClassicalRegister(1, "a"),
                             ClassicalRegister(1, "b"), name="device bell")  # fmt: skip
    circuit.rz(math.pi / 2, 0)
    circuit.sx(0)
    circuit.rz(math.pi / 2, 0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def test_a_device_result_has_all_fields_of_the_service(simulator: Simulator) -> None:
    document = sent(device_bell(), shots=2000, memory=True, qobj_header={"note": "mine"})
    result = run(simulator, document, device="ibmq_vigo", seed=7)
    assert result["backend_name"] == "ibmq_vigo"
    assert result["backend_version"] == "1.3.6"
    assert (result["job_id"], result["qobj_id"]) == ("job", document["qobj_id"])
    assert (result["success"], result["status"]) == (True, "COMPLETED")
    assert result["header"] == document["header"]
    assert result["header"]["note"] == "mine"
    date = datetime.fromisoformat(result["date"])
    assert date.tzinfo is None
    assert abs(datetime.now(UTC) - date.replace(tzinfo=UTC)) < timedelta(minutes=1)
    (entry,) = result["results"]
    assert entry["header"] == document["experiments"][0]["header"]
    assert (entry["shots"], entry["success"], entry["status"]) == (2000, True, "DONE")
    assert entry["seed_simulator"] == 7
    assert result["time_taken"] >= entry["time_taken"] > 0
    memory = entry["data"]["memory"]
    assert len(memory) == 2000
    assert {v: memory.count(v) for v in set(memory)} == entry["data"]["counts"]
    for metadata in (result["metadata"], entry["metadata"]):
        assert metadata["emulated"] is True
        assert metadata["device"] == "ibmq_vigo"
        assert metadata["snapshot_date"] == "2021-01-20T08:30:10+00:00"
        assert (metadata["seed"], metadata["noise"]) == (7, True)
    read = Result.from_dict(result)
    counts = read.get_counts()
    assert set(counts) == {"0 0", "0 1", "1 0", "1 1"}
    assert sorted(read.get_memory()) == sorted(k for k, n in counts.items() for _ in range(n))


def test_the_document_is_not_changed(simulator: Simulator) -> None:
    document = sent(device_bell())
    before = json.dumps(document)
    simulator.run("job", "ibmq_vigo", document, 1)
    assert json.dumps(document) == before


def test_the_seed_fixes_everything(simulator: Simulator) -> None:
    document = sent([device_bell(), device_bell()], shots=500, memory=True)
    first = run(simulator, document, device="ibmq_vigo", seed=7)
    again = simulator.run("job", "ibmq_vigo", document, 7)
    fresh = Simulator(threads=2).run("job", "ibmq_vigo", document, 7)
    other = simulator.run("job", "ibmq_vigo", document, 8)
    data = [entry["data"] for entry in first["results"]]
    assert data == [entry["data"] for entry in again["results"]]
    assert data == [entry["data"] for entry in fresh["results"]]
    assert data != [entry["data"] for entry in other["results"]]
    assert data[0] != data[1]


def test_without_a_seed_one_is_drawn_and_reported(simulator: Simulator) -> None:
    document = sent(device_bell(), memory=True)
    first = simulator.run("job", "ibmq_vigo", document, None)
    second = simulator.run("job", "ibmq_vigo", document, None)
    assert first["metadata"]["seed"] != second["metadata"]["seed"]
    again = simulator.run("job", "ibmq_vigo", document, first["metadata"]["seed"])
    assert again["results"][0]["data"] == first["results"][0]["data"]


def test_optional_fields_may_be_missing(simulator: Simulator) -> None:
    document = {
        "qobj_id": "id", "type": "QASM", "schema_version": "1.0.0", "header": {},
        "config": {"shots": 10, "memory_slots": 1},
        "experiments": [{"header": {"anything": [1]}, "instructions": [
            {"name": "u1", "qubits": [0], "params": [0.4]},
            {"name": "u2", "qubits": [0], "params": [0.4, 0.2]},
            {"name": "u3", "qubits": [0], "params": [0.4, 0.2, 0.1]},
            {"name": "measure", "qubits": [0], "memory": [0]}]}],
    }  # fmt: skip
    for device in ("ibmq_qasm_simulator", "ibmq_vigo", "ibmq_london"):
        result = simulator.run("job", device, document, 1)
        assert sum(result["results"][0]["data"]["counts"].values()) == 10
        assert result["results"][0]["header"] == {"anything": [1]}


def test_the_simulator_gives_the_counts_of_a_local_run(simulator: Simulator) -> None:
    document = sent([bell(), bell()], shots=1000, seed_simulator=11)
    result = Result.from_dict(run(simulator, document, seed=3))
    local = AerSimulator().run([bell(), bell()], shots=1000, seed_simulator=11).result()
    assert result.get_counts(0) == local.get_counts(0)
    assert result.get_counts(1) == local.get_counts(1)
    assert result.results[0].metadata["seed"] == 11
    assert result.results[0].metadata["noise"] is False


def test_a_noise_model_in_the_job_is_used(simulator: Simulator) -> None:
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(0.5, 1), ["h"])
    circuit = QuantumCircuit(1, 1)
    for _ in range(2):
        circuit.h(0)
    circuit.measure(0, 0)
    quiet = run(simulator, sent(circuit, shots=1000))
    noisy = run(simulator, sent(circuit, shots=1000, noise_model=model.to_dict()))
    assert quiet["results"][0]["data"]["counts"] == {"0x0": 1000}
    assert noisy["results"][0]["data"]["counts"]["0x1"] > 100
    assert noisy["metadata"]["noise"] is True


def test_conditions_follow_the_measured_value(simulator: Simulator) -> None:
    quantum, a, b = QuantumRegister(3), ClassicalRegister(2, "a"), ClassicalRegister(1, "b")
    circuit = QuantumCircuit(quantum, a, b)
    circuit.h(0)
    circuit.x(1)
    circuit.measure([0, 1], a)
    circuit.x(2).c_if(a, 3)
    circuit.measure(2, b)
    counts = Result.from_dict(run(simulator, sent(circuit))).get_counts()
    assert set(counts) == {"0 10", "1 11"}


def test_a_condition_on_a_value_that_changed_since_is_refused(simulator: Simulator) -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.x(0).c_if(0, 1)
    document = sent(circuit)
    measure, condition, flip = document["experiments"][0]["instructions"]
    document["experiments"][0]["instructions"] = [measure, condition, measure, flip]
    with pytest.raises(JobRefused, match="before a measurement that changed"):
        simulator.run("job", "ibmq_qasm_simulator", document, 1)


def test_the_gates_of_a_simulator_act_as_in_a_local_run(simulator: Simulator) -> None:
    circuit = QuantumCircuit(4)
    circuit.initialize([0.6, 0.8j], 0)
    circuit.u(0.1, 0.2, 0.3, 1)
    circuit.p(0.4, 1)
    circuit.cu(0.1, 0.2, 0.3, 0.4, 0, 1)
    circuit.cp(0.3, 1, 2)
    circuit.unitary(np.array([[0, 1], [1j, 0]]), [2])
    circuit.append(DiagonalGate([1, -1, 1j, -1j]), [2, 3])
    circuit.pauli("XYZ", [1, 2, 3])
    circuit.ccx(0, 1, 2)
    circuit.mcx([0, 1, 2], 3)
    circuit.mcp(0.7, [0, 1], 2)
    circuit.rzx(0.3, 2, 3)
    circuit.ecr(0, 1)
    circuit.save_statevector()
    circuit.save_probabilities([0, 1])
    device = "simulator_statevector"
    result = run(simulator, sent(circuit, shots=1), device=device)
    assert result["success"], result["results"][0]["status"]
    local = AerSimulator(method="statevector").run(circuit, shots=1).result().data(0)
    data = result["results"][0]["data"]
    got = np.array(data["statevector"])
    assert got.shape == (16, 2)
    assert np.allclose(got[:, 0] + 1j * got[:, 1], np.asarray(local["statevector"]))
    assert np.allclose(data["probabilities"], local["probabilities"])


def test_channels_act(simulator: Simulator) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x([0, 1])
    circuit.append(Kraus([np.diag([1, 0]), [[0, 1], [0, 0]]]).to_instruction(), [0])  # to 0
    circuit.save_density_matrix()
    circuit.measure([0, 1], [0, 1])
    document = sent(circuit, shots=100, method="density_matrix")
    instructions = document["experiments"][0]["instructions"]
    assert instructions[2]["name"] == "kraus"
    flip = SuperOp(Operator(np.array([[0, 1], [1, 0]]))).data
    pairs = np.stack([flip.real, flip.imag], axis=-1).tolist()
    instructions.insert(3, {"name": "superop", "qubits": [1], "params": [pairs]})
    data = run(simulator, document)["results"][0]["data"]
    assert data["counts"] == {"0x0": 100}
    matrix = np.array(data["density_matrix"])
    assert matrix.shape == (4, 4, 2)
    assert np.isclose(matrix[0, 0, 0], 1)


def test_old_snapshots_keep_their_path_in_the_result(simulator: Simulator) -> None:
    document = sent(bell(), shots=10)
    document["experiments"][0]["instructions"].insert(
        2, {"name": "snapshot", "label": "before", "snapshot_type": "statevector"}
    )
    data = run(simulator, document)["results"][0]["data"]
    (state,) = data["snapshots"]["statevector"]["before"]
    half = math.sqrt(0.5)
    assert np.allclose(state, [[half, 0], [0, 0], [0, 0], [half, 0]])
    assert sum(data["counts"].values()) == 10


@pytest.mark.parametrize(
    ("device", "method", "qubits"),
    [("simulator_stabilizer", "stabilizer", 1000), ("simulator_mps", "matrix_product_state", 80),
     ("simulator_extended_stabilizer", "extended_stabilizer", 20),
     ("simulator_statevector", "statevector", 12)],
)  # fmt: skip
def test_each_simulator_uses_its_method(
    simulator: Simulator, device: str, method: str, qubits: int
) -> None:
    circuit = QuantumCircuit(qubits, 2)
    circuit.h(0)
    for target in range(1, qubits):
        circuit.cx(target - 1, target)
    circuit.measure([0, qubits - 1], [0, 1])
    result = run(simulator, sent(circuit, shots=50), device=device)
    assert result["success"], result["results"][0]["status"]
    assert set(result["results"][0]["data"]["counts"]) == {"0x0", "0x3"}
    assert result["results"][0]["metadata"]["method"] == method


def test_a_failing_circuit_does_not_affect_the_others(simulator: Simulator) -> None:
    odd = QuantumCircuit(1, 1, name="odd")
    odd.reset(0)
    odd.save_unitary()  # not possible with state vectors
    result = run(simulator, sent([bell(), odd], shots=10), device="simulator_statevector")
    good, bad = result["results"]
    assert result["success"] is False
    assert result["status"] == "PARTIAL COMPLETED"
    assert (good["success"], sum(good["data"]["counts"].values())) == (True, 10)
    assert bad["success"] is False
    assert "ERROR" in bad["status"]
    assert bad["data"] == {}
    assert bad["header"]["name"] == "odd"


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ({"name": "unitary", "params": [[[[1, 0], [1, 0]], [[0, 0], [1, 0]]]]}, "not unitary"),
        ({"name": "unitary"}, "circuit 'bell'"),
        ({"name": "initialize", "params": [1, 1]}, "cannot be run"),
        ({"name": "pauli", "params": ["Q"]}, "cannot be run"),
        ({"name": "snapshot", "snapshot_type": "expectation"}, "not emulated"),
    ],
)
def test_invalid_parameters_are_refused(
    simulator: Simulator, instruction: dict[str, Any], words: str
) -> None:
    document = sent(bell())
    document["experiments"][0]["instructions"].insert(0, {"qubits": [0], **instruction})
    with pytest.raises(JobRefused) as caught:
        simulator.run("job", "ibmq_qasm_simulator", document, 1)
    assert words in caught.value.message


@pytest.mark.parametrize("config", [{"method": "magic"}, {"noise_model": 3}])
def test_invalid_options_are_refused(simulator: Simulator, config: dict[str, Any]) -> None:
    document = sent(bell())
    document["config"].update(config)
    with pytest.raises(JobRefused):
        simulator.run("job", "ibmq_qasm_simulator", document, 1)


ARGUMENTS: dict[str, list[Any]] = {
    "unitary": [[[[0, 0], [1, 0]], [[1, 0], [0, 0]]]],
    "diagonal": [[1, 0], [0, 1]],
    "initialize": [[0, 0], [1, 0]],
    "pauli": ["Y"],
    "kraus": [[[[1, 0], [0, 0]], [[0, 0], [1, 0]]]],
    "superop": [[[[float(row == column), 0] for column in range(4)] for row in range(4)]],
    "mcp": [0.5],
    "mcphase": [0.5],
}
PER_QUBIT = {"unitary", "diagonal", "initialize", "pauli", "kraus", "superop"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "device",
    ["ibmq_qasm_simulator", "simulator_statevector", "simulator_mps", "simulator_stabilizer",
     "simulator_extended_stabilizer"],
)  # fmt: skip
def test_a_simulator_runs_every_gate_that_it_lists(
    simulator: Simulator, catalog: Catalog, device: str
) -> None:
    document = sent(bell(), shots=4)
    names = catalog.get(device).basis_gates
    document["experiments"] = []
    for name in names:
        width, number = shape_of(name) or (1 if name in PER_QUBIT else 3, 0)
        gate = {"name": name, "qubits": list(range(width)),
                "params": ARGUMENTS.get(name, [0.0] * number)}  # fmt: skip
        document["experiments"].append(
            {
                "header": {"name": name},
                "config": {"memory_slots": 1},
                "instructions": [gate, {"name": "measure", "qubits": [0], "memory": [0]}],
            }
        )
    result = simulator.run("job", device, document, 1)
    failed = {entry["header"]["name"]: entry["status"] for entry in result["results"]
              if not entry["success"]}  # fmt: skip
    assert not failed
