"""The classes of ``qiskit.providers.aer.extensions``: snapshots of the simulated state."""

from __future__ import annotations

from typing import Any

from qiskit.extensions.simulator import Snapshot
from qiskit.quantum_info import Operator, Pauli, SparsePauliOp

__path__: list[str] = []

__all__ = [
    "Snapshot",
    "SnapshotDensityMatrix",
    "SnapshotExpectationValue",
    "SnapshotProbabilities",
    "SnapshotStabilizer",
    "SnapshotStatevector",
]


class SnapshotStatevector(Snapshot):
    """A snapshot of the state vector."""

    def __init__(self, label: str, num_qubits: int = 0) -> None:
        super().__init__(label, "statevector", num_qubits)


class SnapshotStabilizer(Snapshot):
    """A snapshot of the stabilizer tableau."""

    def __init__(self, label: str, num_qubits: int = 0) -> None:
        super().__init__(label, "stabilizer", num_qubits)


class SnapshotDensityMatrix(Snapshot):
    """A snapshot of the density matrix of some qubits."""

    def __init__(self, label: str, num_qubits: int = 0) -> None:
        super().__init__(label, "density_matrix", num_qubits)


class SnapshotProbabilities(Snapshot):
    """A snapshot of the probabilities of the outcomes of some qubits.

    Args:
        label: key in the result.
        num_qubits: number of qubits.
        variance: without effect; the probabilities are exact.
    """

    def __init__(self, label: str, num_qubits: int, variance: bool = False) -> None:
        del variance
        super().__init__(label, "probabilities", num_qubits)


class SnapshotExpectationValue(Snapshot):
    """A snapshot of the expectation value of an operator.

    Args:
        label: key in the result.
        op: a Pauli, pairs of a coefficient and a Pauli, a circuit, or a matrix of shape
            (2**n, 2**n).
        single_shot: whether to save the value of each shot instead of the mean.
        variance: without effect; it can be computed with ``single_shot``.
    """

    def __init__(
        self, label: str, op: Any, single_shot: bool = False, variance: bool = False
    ) -> None:
        del variance
        self.operator = _operator(op)
        self.single_shot = single_shot
        super().__init__(label, "expectation_value", self.operator.num_qubits)


def _operator(op: Any) -> SparsePauliOp:
    if isinstance(op, Pauli):
        return SparsePauliOp(op)
    if isinstance(op, list | tuple) and all(isinstance(pair[1], Pauli | str) for pair in op):
        return SparsePauliOp.from_list(
            [(pauli if isinstance(pauli, str) else pauli.to_label(), c) for c, pauli in op]
        )
    return SparsePauliOp.from_operator(Operator(op))
