"""``BasicAer`` runs what ``assemble`` returns."""

import numpy as np
import pytest
from qiskit import BasicAer, QuantumCircuit, assemble, transpile


@pytest.mark.parametrize("keyword", [False, True])
def test_counts_of_a_qobj(keyword):
    backend = BasicAer.get_backend("qasm_simulator")
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    qobj = assemble(transpile(circuit, backend), backend, shots=20)
    job = backend.run(qobj=qobj) if keyword else backend.run(qobj)
    assert job.result().get_counts() == {"1": 20}


def test_backend_options_of_a_qobj():
    backend = BasicAer.get_backend("statevector_simulator")
    circuit = QuantumCircuit(1)
    circuit.x(0)
    qobj = assemble(transpile(circuit, backend), backend)
    options = {"initial_statevector": np.array([0, 1])}
    result = backend.run(qobj, backend_options=options).result()
    assert np.allclose(result.get_statevector(), [1, 0])


def test_unitary_of_a_qobj_and_circuits_as_before():
    backend = BasicAer.get_backend("unitary_simulator")
    circuit = transpile(QuantumCircuit(1), backend)
    for given in (assemble(circuit, backend), circuit):
        assert np.allclose(backend.run(given).result().get_unitary(), np.eye(2))
