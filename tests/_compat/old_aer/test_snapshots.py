"""Snapshots are in the results, as until Aer 0.11."""

import numpy as np
import pytest
from qiskit import QuantumCircuit, assemble
from qiskit.quantum_info import Pauli
from qiskit_aer import AerError, AerSimulator


@pytest.fixture
def backend():
    return AerSimulator()


def _bell():
    circuit = QuantumCircuit(2, 2)
    circuit.snapshot("start")
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.snapshot_statevector("start")
    circuit.snapshot_density_matrix("second", [1])
    circuit.snapshot_probabilities("both", [0, 1])
    return circuit


def _snapshots(job):
    result = job.result()
    assert set(result.data()) == {"counts", "snapshots"}
    return result.data()["snapshots"]


@pytest.mark.parametrize("assembled", [False, True])
def test_states_and_probabilities(backend, assembled):
    circuit = _bell()
    circuit.measure([0, 1], [0, 1])
    found = _snapshots(backend.run(assemble(circuit) if assembled else circuit))
    first, second = found["statevector"]["start"]
    assert np.allclose(first, [1, 0, 0, 0])
    assert np.allclose(second, np.array([1, 0, 0, 1]) / np.sqrt(2))
    assert np.allclose(found["density_matrix"]["second"][0]["value"], np.eye(2) / 2)
    both = found["probabilities"]["both"]
    assert [each["memory"] for each in both] == ["0x0"]
    assert both[0]["value"] == pytest.approx({"0x0": 0.5, "0x3": 0.5})
    assert "snapshot" in {each.operation.name for each in circuit.data}


@pytest.mark.parametrize(
    "operator",
    [Pauli("ZZ"), [[1, Pauli("ZZ")]], [[0.5, "ZZ"], [0.5, "XX"]], np.diag([1, -1, -1, 1])],
    ids=["pauli", "pairs", "labels", "matrix"],
)
def test_expectation_values(backend, operator):
    circuit = _bell()
    circuit.snapshot_expectation_value("value", operator, [0, 1])
    circuit.measure([0, 1], [0, 1])
    circuit.snapshot_expectation_value("shots", operator, [0, 1], single_shot=True)
    found = _snapshots(backend.run(circuit, shots=5))["expectation_value"]
    assert [each["value"] for each in found["value"]] == pytest.approx([1])
    assert len(found["shots"]) == 5


def test_values_by_classical_bits(backend):
    circuit = _bell()
    circuit.measure([0, 1], [0, 1])
    circuit.snapshot_probabilities("after", [0])
    after = _snapshots(backend.run(circuit, shots=50))["probabilities"]["after"]
    assert {each["memory"]: each["value"] for each in after} == {
        "0x0": {"0x0": 1},
        "0x3": {"0x1": 1},
    }


def test_stabilizers():
    circuit = QuantumCircuit(1)
    circuit.h(0)
    circuit.snapshot_stabilizer("tableau")
    found = AerSimulator(method="stabilizer").run(circuit).result().data()["snapshots"]
    assert found["stabilizer"]["tableau"][0]["stabilizer"] == ["+X"]


def test_unknown_types_say_what_to_write(backend):
    circuit = QuantumCircuit(1)
    circuit.snapshot("x", "unknown")
    with pytest.raises(AerError, match=r"circuit\.save_statevector\(\)"):
        backend.run(circuit)


def test_circuits_without_snapshots_are_not_copied():
    from ibmq_backend._compat.old_aer.snapshots import with_saved_snapshots

    circuit = QuantumCircuit(1)
    assert with_saved_snapshots(circuit) is circuit
