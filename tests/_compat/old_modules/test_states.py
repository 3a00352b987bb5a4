"""Functions of ``qiskit.tools.qi.qi`` and their relatives return what they did."""

import numpy as np
import pytest
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import U3Gate
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Operator, Statevector, random_density_matrix, random_statevector

from ibmq_backend._compat.old_modules import states

CASES = ("tensor", "weight")
BELL = np.array([1, 0, 0, 1]) / np.sqrt(2)


def test_states_are_arrays():
    assert states.basis_state("10", 2).tolist() == [0, 0, 1, 0]
    with pytest.raises(QiskitError, match="1 bits, not 2"):
        states.basis_state("1", 2)
    assert np.allclose(states.projector(BELL), np.outer(BELL, BELL))
    assert states.projector(BELL, flatten=True).shape == (16,)
    assert np.allclose(states.outer([1, 1j], [1j, 0]), [[-1j, 0], [1, 0]])
    made = states.random_state(4, seed=3)
    assert np.allclose(made, states.random_state(4, seed=3))
    assert np.isclose(np.linalg.norm(made), 1)
    unitary = states.random_unitary_matrix(4, seed=3)
    assert np.allclose(unitary @ unitary.conj().T, np.eye(4))
    assert states.chop([1e-12, 1 + 1e-12j]).tolist() == [0, 1]
    assert states.state_to_counts(BELL) == pytest.approx({"00": 0.5, "11": 0.5})
    assert states.is_pos_def(np.eye(2))
    assert not states.is_pos_def(np.diag([1, -1]))


def test_partial_trace_follows_the_order_of_subsystems():
    first, second = random_density_matrix(2, seed=1).data, random_density_matrix(3, seed=2).data
    both = np.kron(second, first)
    assert np.allclose(states.partial_trace(both, [1], [2, 3]), first)
    assert np.allclose(states.partial_trace(both, 0, [2, 3]), second)
    assert np.allclose(states.partial_trace(both, [1], [3, 2], reverse=False), second)
    three = random_statevector(8, seed=4).data
    assert np.allclose(states.partial_trace(three, [0, 1, 2]), [[1]])
    assert np.isclose(np.trace(states.partial_trace(three, [0, 2])), 1)


@pytest.mark.parametrize("method", ["col", "row", "pauli", "pauli_weights"])
def test_vectors_of_matrices(method):
    matrix = random_density_matrix(4, seed=1).data
    vector = states.vectorize(matrix, method)
    assert np.allclose(states.devectorize(vector, method), matrix)


def test_pauli_vectors_and_superoperators():
    tensor, weight = ([str(each) for each in states.pauli_group(2, case)] for case in CASES)
    assert (tensor[:5], tensor[-1]) == (["II", "IX", "IY", "IZ", "XI"], "ZZ")
    assert (weight[4], weight[7], weight[-1]) == ("XI", "XX", "ZZ")
    x = np.array([[0, 1], [1, 0]])
    assert states.vectorize(x, "pauli").tolist() == [0, 2, 0, 0]
    choi = np.outer(x.flatten("F"), x.flatten("F")) / 2
    assert np.allclose(states.choi_to_pauli(choi), np.diag([1, 1, -1, -1]))


def test_entanglement():
    assert states.concurrence(BELL) == pytest.approx(1)
    assert states.entropy(np.eye(2) / 2) == pytest.approx(np.log(2))
    assert states.entropy(BELL) == pytest.approx(0)
    assert states.mutual_information(BELL, 2) == pytest.approx(2 * np.log(2))
    assert states.entanglement_of_formation(BELL, 2) == pytest.approx(np.log(2))
    assert states.entanglement_of_formation(np.outer(BELL, BELL), 2) == pytest.approx(1)


def test_fourier_transform_and_angles():
    circuit = QuantumCircuit(2)
    states.qft(circuit, circuit.qubits, 2)
    assert dict(circuit.count_ops()) == {"h": 2, "cp": 1}
    theta, phi, lam = states.euler_angles_1q(U3Gate(0.1, 0.2, 0.3).to_matrix())
    assert Operator(U3Gate(theta, phi, lam)).equiv(U3Gate(0.1, 0.2, 0.3))


@pytest.mark.parametrize("function", ["state_fidelity", "purity"])
def test_functions_of_today_accept_arrays(function):
    from qiskit.tools.qi import qi

    args = [BELL] if function == "purity" else [BELL, Statevector(BELL)]
    assert getattr(qi, function)(*args) == pytest.approx(1)
