"""Simulators of Aer have the methods and arguments of earlier releases."""

import copy
import json
import pickle

import pytest
from qiskit import QuantumCircuit, assemble
from qiskit_aer import Aer, AerError, QasmSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error


@pytest.fixture
def backend():
    return Aer.get_backend("qasm_simulator")


def test_names_are_texts_that_can_be_called(backend):
    name = backend.name
    assert name == name() == "qasm_simulator"
    assert (f"{name}", {name: 1}["qasm_simulator"]) == ("qasm_simulator", 1)
    assert json.loads(json.dumps(name)) == "qasm_simulator"
    assert type(name()) is str
    assert isinstance(name, str)
    assert copy.deepcopy(backend).name() == "qasm_simulator"
    assert [each.name() for each in Aer.backends(name="qasm_simulator")] == ["qasm_simulator"]


def test_versions_and_providers_can_be_called(backend):
    assert backend.version == 2
    assert backend.version() == backend.backend_version
    assert copy.deepcopy(backend.version)() == pickle.loads(pickle.dumps(backend.version))()
    assert backend.provider() is backend.provider
    assert QasmSimulator.DEFAULT_CONFIGURATION["backend_name"] == "qasm_simulator"


def _method(job):
    return job.result().results[0].metadata["method"]


def test_options_in_a_dictionary(backend):
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    mps = {"method": "matrix_product_state"}
    assert _method(backend.run(circuit, backend_options=mps)) == "matrix_product_state"
    assert _method(backend.run(circuit, mps)) == "matrix_product_state"
    assert _method(backend.run(circuit, backend_options=mps, method="stabilizer")) == "stabilizer"
    assert _method(backend.run(circuit, backend_options=None, shots=3)) == "stabilizer"


def test_noise_by_position(backend):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(1, 1), "x")
    result = backend.run(assemble(circuit, shots=200), {}, noise, False).result()
    assert set(result.get_counts()) == {"0", "1"}


def test_options_that_decided_the_result_are_errors(backend):
    with pytest.raises(AerError, match="set_statevector"):
        backend.run(QuantumCircuit(1), backend_options={"initial_statevector": [1, 0]})
