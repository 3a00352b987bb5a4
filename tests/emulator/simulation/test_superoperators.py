"""The superoperator of an error is the one that Terra composes."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit.quantum_info import SuperOp
from qiskit_aer.noise import (
    QuantumError,
    amplitude_damping_error,
    depolarizing_error,
    pauli_error,
    thermal_relaxation_error,
)

from ibmq_backend.emulator.simulation.superoperators import superoperator

RESET = thermal_relaxation_error(50e3, 40e3, 400)  # T2 below T1: a mixture with resets
KRAUS = thermal_relaxation_error(50e3, 90e3, 400)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(RESET, id="reset"),
        pytest.param(KRAUS, id="kraus"),
        pytest.param(depolarizing_error(0.03, 2).compose(RESET.expand(RESET)), id="resets"),
        pytest.param(depolarizing_error(0.03, 2).compose(KRAUS.expand(RESET)), id="mixed"),
        pytest.param(pauli_error([("XZ", 0.1), ("YI", 0.2), ("II", 0.7)]), id="order of qubits"),
        pytest.param(
            pauli_error([("X", 0.1), ("I", 0.9)]).compose(amplitude_damping_error(0.2)),
            id="order of steps",
        ),
        pytest.param(QuantumError(SuperOp(depolarizing_error(0.1, 2))), id="channel of two qubits"),
        pytest.param(depolarizing_error(0.1, 3), id="three qubits"),
    ],
)
def test_as_terra_composes_it(error: QuantumError) -> None:
    np.testing.assert_allclose(superoperator(error), SuperOp(error).data, atol=1e-12)
