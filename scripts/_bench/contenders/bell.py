"""A Bell circuit for ``ibmq_vigo``; works with Qiskit 0.46."""

from __future__ import annotations

from typing import Any

from qiskit import QuantumCircuit, assemble


def bell_circuit() -> QuantumCircuit:
    """Return a Bell circuit in the gates of the device."""
    circuit = QuantumCircuit(2, 2)
    circuit.rz(1.5707963267948966, 0)
    circuit.sx(0)
    circuit.rz(1.5707963267948966, 0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def bell_qobj() -> Any:
    """Return a Qobj of one Bell circuit."""
    return assemble(bell_circuit(), shots=1024)
