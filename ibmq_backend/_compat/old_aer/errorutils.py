"""Helpers of ``qiskit.providers.aer.noise.errors.errorutils``, which Aer had until 0.11."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import SuperOp
from qiskit_aer.noise.noiseerror import NoiseError

__all__ = ["is_matrix_diagonal", "qubits_from_mat", "reset_superop", "standard_gate_unitary"]


def standard_gate_unitary(name: str | tuple[str, ...]) -> NDArray[np.complex128]:
    """Return the matrix of a gate without parameters.

    Args:
        name: such as ``id``, ``sdg`` or ``cx``, in any case, or a tuple with it.

    Raises:
        NoiseError: there is no such gate.
    """
    gate_name = (name[0] if isinstance(name, tuple) else name).lower()
    gate = get_standard_gate_name_mapping().get(gate_name)
    if gate is None or gate.params or not hasattr(gate, "to_matrix"):
        raise NoiseError(
            f"{name!r} is no gate without parameters. Pass a name such as 'id', 'x', 'sdg' or 'cx'."
        )
    return np.asarray(gate.to_matrix(), dtype=complex)


def qubits_from_mat(mat: ArrayLike) -> int:
    """Return the number of qubits of a matrix with 2**n rows.

    Raises:
        NoiseError: the number of rows is no power of two.
    """
    rows = np.asarray(mat).shape[0]
    if rows.bit_count() != 1:
        raise NoiseError(f"A matrix with {rows} rows acts on no qubits. Pass one with 2**n rows.")
    return int(rows).bit_length() - 1


def is_matrix_diagonal(mat: ArrayLike) -> bool:
    """Return whether a matrix is diagonal."""
    array = np.asarray(mat)
    return bool(np.allclose(array, np.diag(np.diag(array))))


def reset_superop(num_qubits: int) -> Any:
    """Return the superoperator, of shape (4**n, 4**n), that resets all qubits to 0."""
    superop = np.zeros((4**num_qubits, 4**num_qubits))
    superop[0, :: 2**num_qubits + 1] = 1
    return SuperOp(superop)
