"""Durations of the instructions of a device, from its calibration.

Where a calibration has no duration, that of a similar device is taken. Source: the readout of the
devices of 2019 and 2020 lasts 5813 ns in the later calibrations of ibmq_vigo, ibmq_ourense,
ibmq_valencia and ibmq_boeblingen; a pulse of ibmqx4 50 ns and its cross resonance 110 to 160 ns,
each with a pause of 10 ns (https://github.com/QISKit/ibmqx-backend-information).
"""

from __future__ import annotations

from statistics import median
from typing import Any, Final

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.devices.gates import GATES, translate
from ibmq_backend.emulator.devices.typical import SECONDS

__all__ = ["Durations"]

_READOUT_SECONDS: Final = 5813e-9
_PULSE_SECONDS: Final = 60e-9
_TWO_QUBIT_GATE_SECONDS: Final = 400e-9  # two cross resonance pulses with an echo

_MAX_GATE_QUBITS: Final = 2

_PULSES: Final = {"rz": 0, "u1": 0, "p": 0, "u3": 2}
"""Pulses of a gate on one qubit, if not one."""


class Durations:
    """Durations of instructions in seconds.

    Args:
        device: the device.
        document: its calibration, in wire form.
    """

    def __init__(self, device: Device, document: dict[str, Any]) -> None:
        self._device = device
        self._gates = {
            (str(gate["gate"]), tuple(gate["qubits"])): seconds
            for gate in document["gates"]
            if (seconds := _seconds(gate["parameters"], "gate_length")) is not None
        }
        readouts = [_seconds(qubit, "readout_length") for qubit in document["qubits"]]
        usual = median([one for one in readouts if one is not None] or [_READOUT_SECONDS])
        self._readouts = [usual if one is None else one for one in readouts]
        self._pulse = median(
            [self._gates[key] for key in self._gates if key[0] in ("sx", "u2")] or [_PULSE_SECONDS]
        )
        self._two_qubit_gate = median(
            [self._gates[key] for key in self._gates if len(key[1]) > 1]
            or [_TWO_QUBIT_GATE_SECONDS]
        )

    def of(self, instruction: dict[str, Any]) -> float:
        """Return the duration of an instruction.

        Args:
            instruction: a checked instruction in Qobj form. Quantum channels in place of pulses
                state their duration, ``seconds``.

        Raises:
            JobRefused: for a delay, if the length of a sample is unknown.
        """
        name, qubits = instruction["name"], instruction["qubits"]
        if name == "measure":
            return max((self._readouts[qubit] for qubit in qubits), default=0.0)
        if name == "reset":
            return max((self._reset(qubit) for qubit in qubits), default=0.0)
        if name == "delay":
            return self._delay(instruction)
        if name == "kraus":
            return float(instruction.get("seconds", 0.0))
        key = name, tuple(qubits)
        known = self._gates.get(key)
        if known is None:
            known = self._gate(name, qubits, len(instruction.get("params") or ()))
            if len(qubits) <= _MAX_GATE_QUBITS:  # id takes any number
                self._gates[key] = known
        return known

    def _gate(self, name: str, qubits: list[int], params: int) -> float:
        gate = GATES.get(name)
        if len(qubits) > 1 and (gate is None or gate.num_qubits != 1):
            return self._two_qubit_gate
        # The durations do not depend on the angles.
        steps = translate(name, [0.0] * params, self._device.calibrated_basis)
        return max(sum(self._step(step, qubit) for step, _ in steps) for qubit in qubits)

    def _step(self, name: str, qubit: int) -> float:
        known = self._gates.get((name, (qubit,)))
        return _PULSES.get(name, 1) * self._pulse if known is None else known

    def _reset(self, qubit: int) -> float:
        known = self._gates.get(("reset", (qubit,)))
        return self._readouts[qubit] + self._pulse if known is None else known

    def _delay(self, instruction: dict[str, Any]) -> float:
        if self._device.dt is None:
            raise JobRefused(
                f"A delay on qubits {instruction['qubits']} has no length on {self._device.name}, "
                "whose configuration does not state dt",
                ErrorCode.NOT_SUPPORTED,
            )
        samples = instruction["params"][0]
        samples = samples[0] if isinstance(samples, list) else samples
        # The service rounded fractions to whole samples.
        return float(round(samples) * self._device.dt)


def _seconds(parameters: list[dict[str, Any]], name: str) -> float | None:
    for one in parameters:
        if one["name"] == name:
            return float(one["value"]) * SECONDS[one["unit"]]
    return None
