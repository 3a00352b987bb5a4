"""What the steps have in common: the service, the provider logged in to, circuits, jobs made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checks import CheckFailed
from qiskit import QuantumCircuit, transpile
from service import Service

DEVICE = "ibmq_vigo"
SIMULATOR = "ibmq_qasm_simulator"


@dataclass
class Scene:
    """Handed from step to step.

    Attributes:
        service: The emulator.
        jobs: Finished jobs by what they are good for, left by one step for another.
        account_provider: The provider of the open project, once logged in.
    """

    service: Service
    jobs: dict[str, Any] = field(default_factory=dict)
    account_provider: Any = None

    @property
    def provider(self) -> Any:
        """The provider of the open project."""
        if self.account_provider is None:
            raise CheckFailed("there was no login")
        return self.account_provider

    def backend(self, name: str = DEVICE) -> Any:
        """A backend of the open project."""
        return self.provider.get_backend(name)

    def job(self, name: str) -> Any:
        """A job that an earlier step has left."""
        if name not in self.jobs:
            raise CheckFailed(f"the step that was to run the job {name!r} has failed")
        return self.jobs[name]


def bell(name: str = "bell") -> QuantumCircuit:
    """Two entangled qubits, measured: 00 or 11."""
    circuit = QuantumCircuit(2, 2, name=name)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def constant(value: int, bits: int, name: str) -> QuantumCircuit:
    """A circuit that measures ``value``."""
    circuit = QuantumCircuit(bits, bits, name=name)
    for bit in range(bits):
        if value >> bit & 1:
            circuit.x(bit)
    circuit.measure(range(bits), range(bits))
    return circuit


def fitted(circuits: Any, backend: Any) -> Any:
    """Circuits transpiled for a device, repeatably."""
    return transpile(circuits, backend, seed_transpiler=7, optimization_level=1)
