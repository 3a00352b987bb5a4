"""Circuits and histograms for the judges that run jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qiskit import QuantumCircuit, transpile


def bell(name: str = "bell") -> QuantumCircuit:
    """Return a circuit that measures 00 or 11."""
    circuit = QuantumCircuit(2, 2, name=name)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def constant(value: int, bits: int, name: str) -> QuantumCircuit:
    """Return a circuit that measures ``value``."""
    circuit = QuantumCircuit(bits, bits, name=name)
    for bit in range(bits):
        if value >> bit & 1:
            circuit.x(bit)
    circuit.measure(range(bits), range(bits))
    return circuit


def transpiled(circuits: Any, backend: Any) -> Any:
    """Transpile circuits for a device, with the same outcome in every run."""
    return transpile(circuits, backend, seed_transpiler=7, optimization_level=1)


def share(counts: Mapping[str, int], *keys: str) -> float:
    """Return the share of the shots that gave one of ``keys``, 0 to 1."""
    return sum(counts.get(key, 0) for key in keys) / sum(counts.values())


def distance(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Return the total variation distance of two histograms, 0 to 1."""
    shots, other_shots = sum(one.values()), sum(other.values())
    keys = one.keys() | other.keys()
    return sum(abs(one.get(k, 0) / shots - other.get(k, 0) / other_shots) for k in keys) / 2
