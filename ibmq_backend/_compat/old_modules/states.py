"""Functions on states and operators as NumPy arrays, as ``qiskit.tools.qi.qi`` had them.

Some were in ``qiskit.quantum_info.states`` and ``qiskit.quantum_info.random.utils``. States are
arrays of shape (d,) or density matrices of shape (d, d), or what NumPy converts to these.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import pi
from typing import Any

import numpy as np
from qiskit import quantum_info
from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import DensityMatrix, Pauli, Statevector, shannon_entropy
from qiskit.quantum_info import process_fidelity as process_fidelity
from qiskit.quantum_info import purity as purity
from qiskit.quantum_info import random_density_matrix as random_density_matrix
from qiskit.quantum_info import random_unitary as random_unitary
from qiskit.quantum_info import state_fidelity as state_fidelity


def basis_state(str_state: str, num: int) -> np.ndarray:
    """Return a state of the computational basis.

    Args:
        str_state: its bits, such as ``"01"``.
        num: number of qubits.

    Raises:
        QiskitError: the text has another length.
    """
    if len(str_state) != num:
        raise QiskitError(
            f"{str_state!r} has {len(str_state)} bits, not {num}. Pass one bit per qubit."
        )
    state = np.zeros(2**num, dtype=complex)
    state[int(str_state, 2)] = 1
    return state


def projector(state: Any, flatten: bool = False) -> np.ndarray:
    """Return the density matrix of a pure state; a vector column by column if ``flatten``."""
    matrix = outer(state)
    return matrix.flatten(order="F") if flatten else matrix


def random_state(dim: int, seed: Any = None) -> np.ndarray:
    """Return a random state vector, distributed uniformly (Haar measure)."""
    return np.asarray(quantum_info.random_statevector(dim, seed).data)


def random_unitary_matrix(dim: int, seed: Any = None) -> np.ndarray:
    """Return a random unitary matrix, distributed uniformly (Haar measure)."""
    return np.asarray(random_unitary(dim, seed).data)


def outer(vector1: Any, vector2: Any = None) -> np.ndarray:
    """Return |v1><v2|, with |v1> for both if there is only one."""
    return np.outer(vector1, np.conj(vector1 if vector2 is None else vector2))


def chop(array: Any, epsilon: float = 1e-10) -> np.ndarray:
    """Return a copy in which real and imaginary parts below ``epsilon`` are zero."""
    copied = np.array(array)
    for part in (copied.real, copied.imag) if np.iscomplexobj(copied) else (copied,):
        part[abs(part) < epsilon] = 0
    return copied


def partial_trace(
    state: Any,
    trace_systems: int | Sequence[int],
    dimensions: Sequence[int] | None = None,
    reverse: bool = True,
) -> np.ndarray:
    """Return the density matrix of the subsystems that are not traced over.

    Args:
        state: a state of shape (d,) or (d, d).
        trace_systems: the subsystems to trace over.
        dimensions: dimension of each subsystem; all are qubits if it is missing.
        reverse: whether the first subsystem is the last in the tensor product.
    """
    array = np.asarray(state)
    systems = [trace_systems] if isinstance(trace_systems, int) else list(trace_systems)
    sizes = tuple(dimensions or [2] * (len(array).bit_length() - 1))
    if not reverse:
        sizes = sizes[::-1]
        systems = [len(sizes) - 1 - system for system in systems]
    kind = Statevector if array.ndim == 1 else DensityMatrix
    return np.asarray(quantum_info.partial_trace(kind(array, dims=sizes), systems).data)


def pauli_group(number_of_qubits: int, case: str = "weight") -> list[Pauli]:
    """Return the Pauli operators of at most four qubits.

    Args:
        number_of_qubits: number of qubits.
        case: order of the operators: ``"tensor"`` for II, IX, IY, IZ, XI, ..., or ``"weight"`` for
            the number of factors other than the identity first.

    Raises:
        QiskitError: another order, or more qubits.
    """
    if case not in ("weight", "tensor"):
        raise QiskitError(
            f"{case!r} is not an order of Pauli operators. Pass 'weight' or 'tensor'."
        )
    if number_of_qubits > 4:
        raise QiskitError(f"{number_of_qubits} qubits are too many. Pass at most 4.")
    labels = ["".join(factors) for factors in product("IXYZ", repeat=number_of_qubits)]
    if case == "weight":
        labels.sort(key=lambda label: -label.count("I"))
    return [Pauli(label) for label in labels]


def vectorize(density_matrix: Any, method: str = "col") -> np.ndarray:
    """Return a matrix as a vector.

    Args:
        density_matrix: a matrix of shape (d, d).
        method: ``"col"`` or ``"row"`` for its columns or rows one after the other; ``"pauli"`` or
            ``"pauli_weights"`` for tr(P A) of each Pauli operator, in the order of ``pauli_group``.
    """
    matrix = np.asarray(density_matrix)
    paulis = _paulis(len(matrix), method)
    if paulis is None:
        return matrix.flatten(order="C" if method == "row" else "F")
    return np.asarray(np.einsum("kij,ji->k", paulis, matrix))


def devectorize(vectorized_mat: Any, method: str = "col") -> np.ndarray:
    """Return the matrix of which ``vectorize`` made a vector."""
    vector = np.asarray(vectorized_mat)
    dimension = int(np.sqrt(vector.size))
    paulis = _paulis(dimension, method)
    if paulis is None:
        return vector.reshape(dimension, dimension, order="C" if method == "row" else "F")
    return np.asarray(np.tensordot(vector, paulis, axes=1) / dimension)


def choi_to_pauli(choi: Any, order: int = 1) -> np.ndarray:
    """Return the superoperator in the Pauli basis of a Choi matrix with trace 1.

    Args:
        choi: a matrix of shape (4**n, 4**n), for columns one after the other.
        order: 1 for the order ``"tensor"`` of ``pauli_group``, 0 for ``"weight"``.
    """
    matrix = np.asarray(choi)
    dimension = int(np.sqrt(len(matrix)))
    paulis = _paulis(dimension, "pauli" if order else "pauli_weights")
    parts = matrix.reshape([dimension] * 4)
    return np.asarray(np.einsum("jac,ibd,cdab->ij", np.transpose(paulis, (0, 2, 1)), paulis, parts))


def _paulis(dimension: int, method: str) -> Any:
    if method in ("col", "row"):
        return None
    cases = {"pauli": "tensor", "pauli_weights": "weight"}
    if method not in cases:
        raise QiskitError(
            f"{method!r} is not a basis. Pass 'col', 'row', 'pauli', 'pauli_weights'."
        )
    n_qubits = dimension.bit_length() - 1
    return np.array([each.to_matrix() for each in pauli_group(n_qubits, cases[method])])


def entropy(state: Any) -> float:
    """Return the von Neumann entropy of a state, with the natural logarithm."""
    return float(quantum_info.entropy(np.asarray(state), base=np.e))


def mutual_information(state: Any, d0: int, d1: int | None = None) -> float:
    """Return the mutual information of two parts of a state, with the natural logarithm.

    Args:
        state: a state of shape (d,) or (d, d).
        d0: dimension of the first part.
        d1: dimension of the second part.
    """
    sizes = [d0, d1 or len(state) // d0]
    parts = [partial_trace(state, part, sizes) for part in (0, 1)]
    return entropy(parts[0]) + entropy(parts[1]) - entropy(state)


def concurrence(state: Any) -> float:
    """Return the concurrence of a state of two qubits."""
    return float(quantum_info.concurrence(np.asarray(state)))


def entanglement_of_formation(state: Any, d0: int, d1: int | None = None) -> float:
    """Return the entanglement of formation of a pure state, or of a state of two qubits.

    It is in bits for a density matrix, and with the natural logarithm for a state vector.

    Args:
        state: a state of shape (d,) or (4, 4).
        d0: dimension of the first part.
        d1: dimension of the second part.
    """
    array = np.asarray(state)
    sizes = [d0, d1 or len(array) // d0]
    if array.ndim == 1:
        return entropy(partial_trace(array, 1 if sizes[0] < sizes[1] else 0, sizes))
    return float(quantum_info.entanglement_of_formation(array))


def is_pos_def(x: Any) -> bool:
    """Return whether all eigenvalues of a matrix are positive."""
    return bool(np.all(np.linalg.eigvals(x).real > 0))


def qft(circ: QuantumCircuit, q: Any, n: int) -> None:
    """Append a Fourier transform of ``n`` qubits, without the final swaps."""
    for target in range(n):
        for control in range(target):
            circ.cp(pi / 2 ** (target - control), q[target], q[control])
        circ.h(q[target])


def state_to_counts(
    vec: Any, eps: float = 1e-15, density_matrix_diag: bool = False
) -> dict[str, float]:
    """Return the probabilities of a state above ``eps``, by the bits of the basis state.

    Args:
        vec: a state vector, or the diagonal of a density matrix if ``density_matrix_diag``.
        eps: smallest probability that is returned.
        density_matrix_diag: whether the entries are probabilities.

    Raises:
        QiskitError: the number of entries is no power of two.
    """
    entries = np.asarray(vec)
    n_qubits = len(entries).bit_length() - 1
    if len(entries) != 2**n_qubits:
        raise QiskitError(f"{len(entries)} entries are no state of qubits. Pass 2**n entries.")
    chances = entries.real if density_matrix_diag else abs(entries) ** 2
    return {format(i, f"0{n_qubits}b"): float(p) for i, p in enumerate(chances) if p > eps}


def euler_angles_1q(unitary_matrix: Any) -> tuple[float, float, float]:
    """Return theta, phi and lambda, in radians, of the gate U with a matrix of shape (2, 2)."""
    from qiskit.quantum_info.synthesis import OneQubitEulerDecomposer

    theta, phi, lam = OneQubitEulerDecomposer("U3").angles(np.asarray(unitary_matrix))
    return theta, phi, lam


__all__ = [
    "choi_to_pauli",
    "chop",
    "concurrence",
    "devectorize",
    "entanglement_of_formation",
    "entropy",
    "is_pos_def",
    "mutual_information",
    "outer",
    "partial_trace",
    "process_fidelity",
    "projector",
    "purity",
    "qft",
    "random_density_matrix",
    "random_unitary_matrix",
    "shannon_entropy",
    "state_fidelity",
    "vectorize",
]
