"""The methods of circuits that append snapshots, which importing Aer added until 0.11."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from qiskit.circuit import QuantumCircuit


def snapshot_statevector(self: QuantumCircuit, label: str) -> Any:
    """Append a snapshot of the state vector of all qubits."""
    from ibmq_backend._compat.old_aer.extensions import SnapshotStatevector

    return self.append(SnapshotStatevector(label, self.num_qubits), self.qubits)


def snapshot_stabilizer(self: QuantumCircuit, label: str) -> Any:
    """Append a snapshot of the stabilizer tableau of all qubits."""
    from ibmq_backend._compat.old_aer.extensions import SnapshotStabilizer

    return self.append(SnapshotStabilizer(label, self.num_qubits), self.qubits)


def snapshot_density_matrix(self: QuantumCircuit, label: str, qubits: Any = None) -> Any:
    """Append a snapshot of the density matrix of some qubits; the default is all."""
    from ibmq_backend._compat.old_aer.extensions import SnapshotDensityMatrix

    qubits = self.qubits if qubits is None else self.qbit_argument_conversion(qubits)
    return self.append(SnapshotDensityMatrix(label, len(qubits)), qubits)


def snapshot_probabilities(
    self: QuantumCircuit, label: str, qubits: Any, variance: bool = False
) -> Any:
    """Append a snapshot of the probabilities of the outcomes of some qubits."""
    from ibmq_backend._compat.old_aer.extensions import SnapshotProbabilities

    qubits = self.qbit_argument_conversion(qubits)
    return self.append(SnapshotProbabilities(label, len(qubits), variance), qubits)


def snapshot_expectation_value(
    self: QuantumCircuit,
    label: str,
    op: Any,
    qubits: Any,
    single_shot: bool = False,
    variance: bool = False,
) -> Any:
    """Append a snapshot of the expectation value of an operator on some qubits."""
    from ibmq_backend._compat.old_aer.extensions import SnapshotExpectationValue

    qubits = self.qbit_argument_conversion(qubits)
    return self.append(SnapshotExpectationValue(label, op, single_shot, variance), qubits)


SNAPSHOTS: Final[dict[str, Callable[..., Any]]] = {
    each.__name__: each
    for each in (
        snapshot_statevector,
        snapshot_stabilizer,
        snapshot_density_matrix,
        snapshot_probabilities,
        snapshot_expectation_value,
    )
}
"""The methods by name."""
