"""Jobs on the simulators: conditions, seeds, noise and methods."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from circuits import bell, constant, distance, share, transpiled
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, assemble
from qiskit.circuit import Parameter
from qiskit_aer.noise import NoiseModel, ReadoutError

SHOTS = 2000


def check_bell_counts(counts: dict[str, int]) -> None:
    assert sum(counts.values()) == SHOTS
    assert set(counts) == {"00", "11"}
    assert 0.42 < share(counts, "00") < 0.58


def test_a_qobj_a_circuit_and_a_list_of_circuits_run(simulator: Any) -> None:
    circuit = transpiled(bell(), simulator)
    check_bell_counts(simulator.run(assemble(circuit, shots=SHOTS)).result().get_counts())
    check_bell_counts(simulator.run(circuit, shots=SHOTS).result().get_counts())
    circuits = [bell("first"), constant(6, 3, "second")]
    result = simulator.run(circuits, shots=SHOTS).result()
    check_bell_counts(result.get_counts(0))
    assert dict(result.get_counts("second")) == {"110": SHOTS}


def test_a_gate_depends_on_a_measured_register(simulator: Any) -> None:
    qubits = QuantumRegister(2)
    condition, outcome = ClassicalRegister(1, "condition"), ClassicalRegister(2, "outcome")
    circuit = QuantumCircuit(qubits, condition, outcome)
    circuit.x(0)
    circuit.measure(0, condition[0])
    circuit.x(1).c_if(condition, 1)
    circuit.reset(0)
    circuit.measure(qubits, outcome)
    counts = simulator.run(circuit, shots=100).result().get_counts()
    assert dict(counts) == {"10 1": 100}


def test_counts_follow_the_seed(simulator: Any) -> None:
    circuit = QuantumCircuit(4, 4)
    circuit.h(range(4))
    circuit.measure(range(4), range(4))
    first, again, other = (
        simulator.run(circuit, seed_simulator=seed, shots=SHOTS).result().get_counts()
        for seed in (11, 11, 12)
    )
    assert first == again
    assert first != other


def test_a_noise_model_is_applied(simulator: Any) -> None:
    model = NoiseModel()
    model.add_all_qubit_readout_error(ReadoutError([[0.8, 0.2], [0.4, 0.6]]))
    job = simulator.run(constant(1, 1, "one"), noise_model=model, shots=8000, seed_simulator=3)
    assert 0.37 < share(job.result().get_counts(), "0") < 0.43
    assert "noise_model" in job.backend_options()


def test_the_noise_model_of_a_device_gives_the_counts_of_the_device(
    device: Any, simulator: Any, submitted_qobj: SimpleNamespace
) -> None:
    model = NoiseModel.from_backend(device)
    circuit = transpiled(bell(), device)
    job = simulator.run(circuit, noise_model=model, shots=8000, seed_simulator=4)
    counts = submitted_qobj.job.result().get_counts()
    assert distance(job.result().get_counts(), counts) < 0.04


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("simulator_statevector", 4),
        ("simulator_mps", 40),
        ("simulator_stabilizer", 60),
        ("simulator_extended_stabilizer", 4),
    ],
)
def test_simulators_of_other_methods(provider: Any, name: str, width: int) -> None:
    circuit = QuantumCircuit(width, width)
    circuit.h(0)
    for qubit in range(1, width):
        circuit.cx(qubit - 1, qubit)
    circuit.measure(range(width), range(width))
    counts = provider.get_backend(name).run(circuit, shots=400).result().get_counts()
    assert set(counts) == {"0" * width, "1" * width}


def test_what_the_client_attaches_comes_back(simulator: Any) -> None:
    circuit = constant(1, 1, "attached")
    circuit.metadata = {
        Parameter("φ"): np.float64(0.2),
        (0, 1): [1j, np.arange(2)],
        "fit": {np.int64(3): float("nan")},
    }
    job = simulator.run(circuit, header={"worst": float("-inf")}, shots=5)
    again = simulator.retrieve_job(job.job_id()).result()
    for result in (job.result(), again):
        read = "{'φ': 0.2, '(0, 1)': [[0.0, 1.0], [0, 1]], 'fit': {'3': nan}}"
        assert repr(result.results[0].header.metadata) == read
        assert result.header.worst == float("-inf")
