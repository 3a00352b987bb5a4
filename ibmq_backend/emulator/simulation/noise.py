"""Noise of a device, built from its calibration snapshot by Aer's own functions.

The model is the one of `NoiseModel.from_backend`: for each calibrated gate depolarisation followed
by thermal relaxation, for each `delay` thermal relaxation, for each measurement a readout error.
Two things differ. Gates that the calibration reports as broken (error of 1 or more) get no entry,
because circuits that use them are refused. And errors are built per gate when first needed, then
placed on the qubits of the reduced circuit, so that a small circuit on a device of 127 qubits costs
what its own qubits cost.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from qiskit.circuit import Delay
from qiskit.providers.models import BackendProperties
from qiskit_aer.noise import NoiseModel, RelaxationNoisePass
from qiskit_aer.noise.device import (
    basic_device_gate_errors,
    basic_device_readout_errors,
    thermal_relaxation_values,
)

from ibmq_backend.emulator.devices.catalog import Device

__all__ = ["DeviceNoise"]

_CACHED_MODELS = 64


class DeviceNoise:
    """Noise of one device. Building the error of a gate takes about 10 ms, so it is kept.

    Args:
        device: a device with calibration.

    Raises:
        ValueError: if the device has no calibration (it would be silently noiseless).
        SnapshotError: if its calibration file is damaged.
    """

    def __init__(self, device: Device) -> None:
        document = device.properties()
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
        self._gate_errors: dict[tuple[str, tuple[int, ...]], Any] = {}
        self._readout_errors = {
            qubits[0]: error for qubits, error in basic_device_readout_errors(self._properties)
        }
        self._relaxation = [
            (t1 * 1e-9, min(t2, 2 * t1) * 1e-9)
            for t1, t2, _ in thermal_relaxation_values(self._properties)
        ]
        self.model = lru_cache(maxsize=_CACHED_MODELS)(self._model)

    def calibrated(self, name: str, qubits: Iterable[int]) -> bool:
        """Return whether the snapshot has an entry for this gate on these qubits."""
        return (name, tuple(qubits)) in self._gates

    def _model(self, active: tuple[int, ...]) -> NoiseModel:
        """Build the noise of a circuit whose qubit `i` stands for device qubit `active[i]`."""
        place = {qubit: index for index, qubit in enumerate(active)}
        wanted = [key for key in self._gates if all(qubit in place for qubit in key[1])]
        self._build_gate_errors(wanted)
        model = NoiseModel(basis_gates=list(self._device.basis_gates))
        for name, qubits in wanted:
            error = self._gate_errors[name, qubits]
            if error is not None:
                model.add_quantum_error(error, name, [place[qubit] for qubit in qubits])
        for qubit, index in place.items():
            if qubit in self._readout_errors:
                model.add_readout_error(self._readout_errors[qubit], [index])
        times = [self._relaxation[qubit] for qubit in active]
        model._custom_noise_passes.append(  # as NoiseModel.from_backend does; no public way
            RelaxationNoisePass(
                t1s=[t1 for t1, _ in times],
                t2s=[t2 for _, t2 in times],
                dt=self._device.dt,
                op_types=Delay,
            )
        )
        return model

    def _build_gate_errors(self, keys: list[tuple[str, tuple[int, ...]]]) -> None:
        missing = [key for key in keys if key not in self._gate_errors]
        if not missing:
            return
        part = copy.copy(self._properties)
        part.gates = [self._gates[key] for key in missing]
        self._gate_errors.update(dict.fromkeys(missing))
        for name, qubits, error in basic_device_gate_errors(part):
            self._gate_errors[name, tuple(qubits)] = error
