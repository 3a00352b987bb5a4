"""Errors and noise models can be made as in earlier releases of Aer."""

import numpy as np
import pytest
from qiskit.circuit.library import CXGate, SdgGate
from qiskit.exceptions import QiskitError
from qiskit.providers.aer.noise import errors
from qiskit.providers.aer.noise.device import basic_device_noise_model
from qiskit.providers.aer.noise.errors import errorutils
from qiskit.providers.fake_provider import FakeVigo
from qiskit.quantum_info import Kraus
from qiskit_aer.noise import NoiseModel, QuantumError
from qiskit_aer.noise.noiseerror import NoiseError

KRAUS = [np.sqrt(0.9) * np.eye(2), np.sqrt(0.1) * np.diag([1, -1])]
PAULIS = [("X", 0.1), ("I", 0.9)]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (errors.depolarizing_error, (0.1, 1)),
        (errors.pauli_error, (PAULIS,)),
        (errors.mixed_unitary_error, ([(np.eye(2), 1)],)),
        (errors.kraus_error, (KRAUS,)),
    ],
)
def test_standard_gates_have_no_effect(function, arguments):
    expected = function(*arguments)
    assert function(*arguments, standard_gates=True) == expected
    assert function(*arguments, False) == expected
    assert expected.number_of_qubits == 1


def test_errors_of_operators():
    assert QuantumError(Kraus(KRAUS), number_of_qubits=1, standard_gates=False).num_qubits == 1


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ({"name": "x", "qubits": [0]}, errors.pauli_error([("X", 1)])),
        ({"name": "u1", "qubits": [0], "params": [np.pi]}, errors.pauli_error([("Z", 1)])),
        ({"name": "reset", "qubits": [0]}, errors.reset_error(1)),
        ({"name": "kraus", "qubits": [0], "params": KRAUS}, QuantumError(Kraus(KRAUS))),
        (
            {"name": "unitary", "qubits": [0], "params": [np.diag([1, -1])]},
            errors.pauli_error([("Z", 1)]),
        ),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_errors_of_instructions_as_dictionaries(instruction, expected):
    made = QuantumError([([instruction], 1)], standard_gates=True)
    assert made.to_quantumchannel() == expected.to_quantumchannel()
    half = QuantumError([([instruction], 0.5), ([{"name": "id", "qubits": [0]}], 0.5)], 1, True)
    assert half.size == 2
    with pytest.raises(QiskitError, match="'reset', 'unitary' or 'kraus'"):
        QuantumError([([{**instruction, "name": "nothing"}], 1)])


def test_noise_of_a_calibration():
    backend = FakeVigo()
    made = basic_device_noise_model(backend.properties(), standard_gates=False)
    assert made == NoiseModel.from_backend_properties(backend.properties())


def test_helpers():
    assert np.allclose(errorutils.standard_gate_unitary("CX"), CXGate().to_matrix())
    assert np.allclose(errorutils.standard_gate_unitary(("sdg",)), SdgGate().to_matrix())
    assert errorutils.qubits_from_mat(np.eye(8)) == 3
    assert errorutils.is_matrix_diagonal(np.eye(2))
    assert not errorutils.is_matrix_diagonal(np.ones((2, 2)))
    expected = errors.reset_error(1)
    assert np.allclose(errorutils.reset_superop(1).data, expected.to_quantumchannel().data)
    for wrong in ("u3", "nothing"):
        with pytest.raises(NoiseError, match="Pass a name"):
            errorutils.standard_gate_unitary(wrong)
    with pytest.raises(NoiseError, match="2\\*\\*n rows"):
        errorutils.qubits_from_mat(np.eye(3))
