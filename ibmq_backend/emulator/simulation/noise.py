"""Noise of a device, built from its calibrations with Aer's functions.

The model equals ``NoiseModel.from_backend``: depolarization and thermal relaxation for each
calibrated gate, and a readout error for each measurement, with two differences. Gates that the
calibration reports as broken (error of 1 or more) have no entry, because circuits that use them are
refused. The error of a gate is built when first needed, so a small circuit costs the same on a
device of 127 qubits as on a small device. What Aer reads in each run is prepared once.

Qubits also relax while they wait: in delays, and from the end of one instruction to the start of
the next. That relaxation is an instruction of the circuit; with Aer's ``RelaxationNoisePass`` a
circuit takes two to three times as long.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import exp, sqrt
from typing import Any

import numpy as np
from qiskit.circuit import Instruction, QuantumCircuit
from qiskit.providers.models import BackendProperties
from qiskit_aer.noise import NoiseModel, QuantumError
from qiskit_aer.noise.device import (
    basic_device_gate_errors,
    basic_device_readout_errors,
    thermal_relaxation_values,
)

from ibmq_backend.emulator.checks.noise_options import Method
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.simulation.durations import Durations
from ibmq_backend.emulator.simulation.scheduling import Schedule, insert_waits, replace_delays
from ibmq_backend.emulator.simulation.superoperators import superoperator

__all__ = ["DeviceNoise"]

Gate = tuple[str, tuple[int, ...]]  # its name and its qubits

_CACHED_MODELS = 64
_CACHED_RELAXATIONS = 4096


class _PreparedModel(NoiseModel):
    """A noise model that is not changed any more.

    Aer asks for its document in each run; to compose it takes ten times as long as a small circuit.
    """

    def __init__(self, basis_gates: list[str], document: dict[str, Any] | None = None) -> None:
        super().__init__(basis_gates)
        self._document = document

    def to_dict(self, serializable: bool = False) -> dict[str, Any]:  # noqa: ARG002 (Aer's name)
        if self._document is None:
            self._document = super().to_dict()
        return self._document


def _superoperator_document(error: QuantumError) -> dict[str, Any]:
    superop = {
        "name": "superop",
        "qubits": list(range(error.num_qubits)),
        "params": [superoperator(error)],
    }
    return {"type": "qerror", "probabilities": [1.0], "instructions": [[superop]]}


class DeviceNoise:
    """Noise of one device; the errors of gates are cached, since each takes about 10 ms to build.

    Args:
        device: a device with calibration.

    Attributes:
        durations: durations of the device's instructions.
        method: how circuits are scheduled; None if qubits relax in delays only.

    Raises:
        ValueError: if the device has no calibration, so that it would be silently noiseless.
        SnapshotError: if the calibration file is damaged.
    """

    def __init__(self, device: Device) -> None:
        document = device.noise_properties()
        if document is None:
            raise ValueError(f"{device.name} has no calibration data to build noise from")
        broken = device.broken_gates
        document["gates"] = [
            gate
            for gate in document["gates"]
            if (gate["gate"], tuple(gate["qubits"])) not in broken
        ]
        self._device = device
        self._properties = BackendProperties.from_dict(document)
        self._gates = {
            (str(gate.gate), tuple(gate.qubits)): gate for gate in self._properties.gates
        }
        # None: calibrated, but with an error of zero (the virtual rz and u1).
        self._gate_errors: dict[Gate, Any] = {}
        self._superoperator_errors: dict[Gate, dict[str, Any] | None] = {}
        self._readout_errors = {
            qubits[0]: error for qubits, error in basic_device_readout_errors(self._properties)
        }
        self._relaxation = [
            (t1 * 1e-9, min(t2, 2 * t1) * 1e-9)
            for t1, t2, _ in thermal_relaxation_values(self._properties)
        ]
        self.durations = Durations(device, document)
        self.method: Method | None = "alap"
        self.model = lru_cache(maxsize=_CACHED_MODELS)(self._model)
        self.relaxation = lru_cache(maxsize=_CACHED_RELAXATIONS)(self._relaxation_in)

    def calibrated(self, name: str, qubits: Iterable[int]) -> bool:
        """Return whether the calibration has an entry for this gate on these qubits."""
        return (name, tuple(qubits)) in self._gates

    def without_readout_errors(self) -> DeviceNoise:
        """Return noise under which measurements report the true levels."""
        noise = copy.copy(self)
        noise._readout_errors = {}
        noise.model = lru_cache(maxsize=_CACHED_MODELS)(noise._model)
        return noise

    def with_method(self, method: Method | None) -> DeviceNoise:
        """Return the same noise with circuits scheduled by another method."""
        noise = copy.copy(self)  # with the caches of this one
        noise.method = method
        return noise

    def schedule(
        self,
        instructions: Sequence[dict[str, Any]],
        *,
        initialized: bool = True,
        seconds_of: Callable[[dict[str, Any]], float] | None = None,
    ) -> Schedule:
        """Return a circuit with the times in which its qubits wait and relax.

        Args:
            instructions: checked instructions in Qobj form.
            initialized: as for ``insert_waits``.
            seconds_of: returns the duration of an instruction, if not as in ``durations``.

        Raises:
            JobRefused: if a delay has no length on the device.
        """
        seconds_of = seconds_of or self.durations.of
        if self.method is None:
            return replace_delays(instructions, seconds_of, initialized=initialized)
        return insert_waits(instructions, seconds_of, self.method, initialized=initialized)

    def readout_flips(self, qubit: int) -> tuple[float, float]:
        """Return the probabilities that a qubit in level 0 is read as 1, and in level 1 as 0."""
        error = self._readout_errors.get(qubit)
        if error is None:
            return 0.0, 0.0
        return float(error.probabilities[0][1]), float(error.probabilities[1][0])

    def t1_seconds(self, qubit: int) -> float:
        """Return the relaxation time T1 of a qubit in seconds."""
        return float(self._relaxation[qubit][0])

    def density_matrix_model(
        self, active: Sequence[int], circuits: Iterable[QuantumCircuit]
    ) -> NoiseModel:
        """Return the noise of circuits for the simulation of density matrices.

        It equals that of ``model`` there, but Aer reads it in a fraction of the time. It does not
        fit single trajectories.

        Args:
            active: qubit ``i`` of the circuits is device qubit ``active[i]``.
            circuits: the circuits; other gates than theirs have no noise.
        """
        used: set[Gate] = set()
        for circuit in circuits:
            place = {qubit: index for index, qubit in enumerate(circuit.qubits)}
            used.update(
                (one.operation.name, tuple(place[qubit] for qubit in one.qubits))
                for one in circuit.data
            )
        errors: list[dict[str, Any]] = []
        for name, places in sorted(used):
            found = self._superoperator_error(name, tuple(active[index] for index in places))
            if found is not None:
                errors.append({**found, "operations": [name], "gate_qubits": [places]})
        for index, qubit in enumerate(active):
            if qubit in self._readout_errors:
                error = self._readout_errors[qubit].to_dict()
                errors.append({**error, "gate_qubits": [(index,)]})
        return _PreparedModel(list(self._device.basis_gates), {"errors": errors})

    def _superoperator_error(self, name: str, qubits: tuple[int, ...]) -> dict[str, Any] | None:
        key = name, qubits
        if key not in self._gates:
            return None
        if key not in self._superoperator_errors:
            self._build_gate_errors([key])
            error = self._gate_errors[key]
            self._superoperator_errors[key] = (
                None if error is None else _superoperator_document(error)
            )
        return self._superoperator_errors[key]

    def _relaxation_in(self, qubit: int, seconds: float) -> Instruction:
        """Return the thermal relaxation of a qubit in a time as an instruction for Aer."""
        t1, t2 = self._relaxation[qubit]
        kept, coherence = exp(-seconds / t1), exp(-seconds / t2)
        dephased = max(kept - coherence**2, 0.0)  # rounding, if T2 is twice T1
        # The usual outcome goes first: Aer tries the operators in order.
        operators = (
            np.diag([1, coherence]),
            np.array([[0, sqrt(1 - kept)], [0, 0]]),
            np.diag([0, sqrt(dephased)]),
        )
        return Instruction("kraus", 1, 0, [one.astype(complex) for one in operators])

    def _model(self, active: tuple[int, ...]) -> NoiseModel:
        """Return the noise of a circuit whose qubit ``i`` is device qubit ``active[i]``."""
        index_of = {qubit: index for index, qubit in enumerate(active)}
        wanted = [key for key in self._gates if all(qubit in index_of for qubit in key[1])]
        self._build_gate_errors(wanted)
        model = _PreparedModel(list(self._device.basis_gates))
        for name, qubits in wanted:
            error = self._gate_errors[name, qubits]
            if error is not None:
                model.add_quantum_error(error, name, [index_of[qubit] for qubit in qubits])
        for qubit, index in index_of.items():
            if qubit in self._readout_errors:
                model.add_readout_error(self._readout_errors[qubit], [index])
        return model

    def _build_gate_errors(self, keys: list[Gate]) -> None:
        missing = [key for key in keys if key not in self._gate_errors]
        if not missing:
            return
        part = copy.copy(self._properties)
        part.gates = [self._gates[key] for key in missing]
        self._gate_errors.update(dict.fromkeys(missing))
        for name, qubits, error in basic_device_gate_errors(part):
            self._gate_errors[name, tuple(qubits)] = error
