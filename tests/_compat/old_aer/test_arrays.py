"""Saved states and operators behave as arrays, and as the classes of Terra."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

VECTOR = np.arange(1, 5) + 0.5j
MATRIX = np.arange(16).reshape(4, 4) + 1j

OF_ALL = (
    *("s[-1]", "s[1:3]", "s[[0, 1]]", "s[np.int64(1)]", "s[...]", "len(s)", "s.size", "s.shape"),
    *("s.real", "s.conj()", "s.T", "s.tolist()", "abs(s)", "np.abs(s)", "np.round(s, 3)", "+s"),
    *("s + s", "v + s", "v - s", "s * 2", "s * v", "v * s", "s * s", "s / 2", "s / v", "1 / s"),
    *("s.conj() * s", "s.conj() @ s", "s @ v", "v @ s", "m @ s", "s @ m", "s.dot(v)", "s + 1"),
    *("s.conjugate()[1:3]", "s.reshape(2, -1)", "(s == np.asarray(s)).all()", "(s != v).any()"),
    *("np.vdot(s, s)", "np.outer(s, s)", "np.kron(s, s)", "[each for each in s]", "s.sum()"),
)
OF_MATRICES = (
    *("s[0, 1]", "s[:, 0]", "s @ s.conj().T", "s.conj().T @ s", "s.dot(m)", "np.trace(s)"),
    *("np.linalg.det(s)", "s.transpose()", "s.conj().transpose()", "s.diagonal()"),
)


@pytest.fixture(scope="module")
def saved():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.t(0)
    circuit.cx(0, 1)
    circuit.rx(0.3, 1)
    plain = circuit.copy()
    circuit.save_statevector()
    circuit.save_density_matrix()
    plain.save_unitary()
    found = AerSimulator().run(circuit).result().data()
    return {**found, "unitary": AerSimulator(method="unitary").run(plain).result().get_unitary()}


@pytest.mark.parametrize("kind", ["statevector", "density_matrix", "unitary"])
def test_expressions_have_the_value_of_the_array(saved, kind):
    array = np.array(saved[kind].data)
    names = {"np": np, "v": VECTOR, "m": MATRIX}
    for expression in OF_ALL if array.ndim == 1 else OF_ALL + OF_MATRICES:
        if array.ndim == 2 and expression == "s + v":
            continue
        expected = eval(expression, {**names, "s": array})
        found = eval(expression, {**names, "s": saved[kind]})
        assert np.shape(found) == np.shape(expected), expression
        assert np.allclose(np.asarray(found), expected), expression


@pytest.mark.parametrize("kind", ["statevector", "density_matrix", "unitary"])
def test_items_can_be_assigned(saved, kind):
    changed = saved[kind].copy()
    changed[0] = 0
    assert not np.any(np.asarray(changed)[0])


def test_rounded_states_are_arrays_too():
    circuit = QuantumCircuit(1)
    circuit.rx(0.3, 0)
    circuit.save_statevector()
    result = AerSimulator().run(circuit).result()
    state = result.get_statevector(decimals=2)
    assert state[:1].tolist() == [0.99]
    assert state.probabilities().shape == (2,)


def test_what_terra_does_is_unchanged(saved):
    state, unitary = saved["statevector"], saved["unitary"]
    assert state["00"] == state[0]
    assert state == state.copy()
    assert state != unitary
    assert state.equiv(state)
    assert unitary.is_unitary()
    assert type(unitary @ unitary) is type(unitary)
    assert unitary**2 == unitary @ unitary
    assert state.evolve(unitary).is_valid()
    assert state.tensor(state).num_qubits == 4
    assert np.isclose(saved["density_matrix"].purity(), 1)
