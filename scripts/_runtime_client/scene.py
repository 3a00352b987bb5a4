"""What the steps have in common: the service, the client logged in, circuits, jobs made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checks import CheckFailed
from qiskit import QuantumCircuit, transpile
from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2
from service import DEVICE, PREMIUM, Service


@dataclass
class Scene:
    """Handed from step to step.

    Attributes:
        service: The emulator.
        jobs: Jobs by what they are good for, left by one step for another.
        crns: The CRN of each instance by its name.
    """

    service: Service
    jobs: dict[str, Any] = field(default_factory=dict)
    crns: dict[str, str] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, instance: str = PREMIUM) -> Any:
        """The client in one instance."""
        if instance not in self._clients:
            self._clients[instance] = QiskitRuntimeService(
                channel="ibm_quantum_platform",
                token=self.service.key,
                instance=self.crns.get(instance, instance),
            )
        return self._clients[instance]

    def backend(self, name: str = DEVICE) -> Any:
        """A device of the usual instance."""
        return self.client().backend(name)

    def run(self, circuits: Any, shots: int = 200, name: str = DEVICE, **options: Any) -> Any:
        """A job of the sampler."""
        sampler = SamplerV2(mode=self.backend(name))
        for option, value in options.items():
            setattr(sampler.options.environment, option, value)
        return sampler.run(circuits, shots=shots)

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


def fitted(circuits: Any, backend: Any) -> Any:
    """Circuits transpiled for a device, repeatably."""
    return transpile(circuits, backend, seed_transpiler=7, optimization_level=1)
