"""The transmon model of a device's qubit, from its calibration snapshot.

Frequency, anharmonicity, T1, T2 and readout errors come from the calibration. The drive strength is
chosen so that the ``x`` pulse of the device's pulse defaults is a rotation by pi. With the
``omegad`` of the published Hamiltonian that pulse would rotate by 1.156 pi, the same factor on
every device, so ``omegad`` does not describe the calibrated pulses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf, pi
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.pulse.dynamics import Transmon, TransmonParameters, unitary_of
from ibmq_backend.emulator.pulse.shapes import Samples, samples_of

__all__ = ["DeviceModel", "QubitModel", "ReadoutErrors"]


_UNITS = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "GHz": 1.0, "MHz": 1e-3, "": 1.0}
_CALIBRATED_GATE = "x"


@dataclass(frozen=True)
class ReadoutErrors:
    """Readout errors of a qubit.

    Attributes:
        one_for_zero: probability of reading 1 in level 0.
        zero_for_one: probability of reading 0 in level 1.
    """

    one_for_zero: float
    zero_for_one: float


@dataclass(frozen=True)
class QubitModel:
    """One qubit for the simulation of pulses.

    Attributes:
        transmon: propagators of the transmon.
        description: sources of the model's parameters, as JSON values for the result.
    """

    transmon: Transmon
    description: dict[str, Any]


class DeviceModel:
    """Models of a device's qubits, built when first needed.

    Args:
        device: a device with pulses.
        noisy: whether qubits relax and are read with errors.

    Raises:
        SnapshotError: if a file of its snapshot is damaged.
    """

    def __init__(self, device: Device, *, noisy: bool = True) -> None:
        self._device, self._noisy = device, noisy
        properties = device.noise_properties() or {"qubits": [], "gates": []}
        self._qubits = [_values(block) for block in properties["qubits"]]
        self._gate_lengths = {
            (gate["gate"], tuple(gate["qubits"])): _values(gate["parameters"]).get("gate_length")
            for gate in properties["gates"]
        }
        self._defaults = device.defaults() or {}
        self._hamiltonian = (device.configuration().get("hamiltonian") or {}).get("vars") or {}
        self._library = {
            pulse["name"]: pulse["samples"] for pulse in self._defaults.get("pulse_library", ())
        }
        self._models: dict[int, QubitModel] = {}

    def qubit(self, qubit: int) -> QubitModel:
        """Return the model of a qubit.

        Raises:
            JobRefused: if the snapshot lacks data that the model needs; the message names it.
        """
        if qubit not in self._models:
            self._models[qubit] = self._build(qubit)
        return self._models[qubit]

    def readout(self, qubit: int) -> ReadoutErrors:
        """Return the readout errors of a qubit.

        Raises:
            JobRefused: if the snapshot has none.
        """
        values = self._qubits[qubit] if qubit < len(self._qubits) else {}
        both = values.get("readout_error")
        one_for_zero = values.get("prob_meas1_prep0", both)
        zero_for_one = values.get("prob_meas0_prep1", both)
        if one_for_zero is None or zero_for_one is None:
            raise self._lacks(qubit, "its readout error")
        if not self._noisy:
            return ReadoutErrors(0.0, 0.0)
        return ReadoutErrors(min(one_for_zero, 1.0), min(zero_for_one, 1.0))

    def gate_samples(self, name: str, qubit: int) -> float:
        """Return the duration of a gate in samples.

        Raises:
            JobRefused: if the snapshot has no such gate on this qubit.
        """
        length = self._gate_lengths.get((name, (qubit,)))
        if length is None or not self._device.dt:
            raise self._lacks(qubit, f"the duration of its gate {name}")
        return length / (self._device.dt * 1e9)

    def _build(self, qubit: int) -> QubitModel:
        values = self._qubits[qubit] if qubit < len(self._qubits) else {}
        for key in ("T1", "T2"):
            if not values.get(key):
                raise self._lacks(qubit, f"its {key}")
        anharmonicity = values.get("anharmonicity")
        if not anharmonicity and f"delta{qubit}" in self._hamiltonian:
            anharmonicity = float(self._hamiltonian[f"delta{qubit}"]) / (2 * pi)
        if not anharmonicity:
            raise self._lacks(qubit, "its anharmonicity")
        assert self._device.dt is not None
        undriven = TransmonParameters(
            frequency=float(self._defaults["qubit_freq_est"][qubit]),
            anharmonicity=anharmonicity,
            drive_rate=0.0,
            t1=values["T1"] if self._noisy else inf,
            t2=min(values["T2"], 2 * values["T1"]) if self._noisy else inf,
            dt=self._device.dt * 1e9,
        )
        pulse = self._calibrated_pulse(qubit)
        parameters = _calibrated(undriven, pulse)
        description: dict[str, Any] = {
            "levels": 3,
            "frequency_ghz": parameters.frequency,
            "anharmonicity_ghz": parameters.anharmonicity,
            "drive_rate_ghz": parameters.drive_rate,
            "drive_rate_from": (
                f"the {_CALIBRATED_GATE} pulse of the pulse defaults, taken as a rotation by pi"
            ),
            # JSON has no infinity.
            "t1_us": parameters.t1 / 1e3 if self._noisy else None,
            "t2_us": parameters.t2 / 1e3 if self._noisy else None,
        }
        published = self._hamiltonian.get(f"omegad{qubit}")
        if published:
            # omegad X D gives the Rabi frequency omegad / 2 pi at amplitude 1.
            description["drive_rate_ghz_of_hamiltonian"] = float(published) / (2 * pi)
        return QubitModel(Transmon(parameters), description)

    def _calibrated_pulse(self, qubit: int) -> Samples:
        channel = f"d{qubit}"
        for command in self._defaults.get("cmd_def", ()):
            if command["name"] != _CALIBRATED_GATE or list(command["qubits"]) != [qubit]:
                continue
            played = [
                (instruction["t0"], samples_of(instruction, self._library, _CALIBRATED_GATE))
                for instruction in command["sequence"]
                if instruction.get("ch") == channel
                and (
                    instruction["name"] == "parametric_pulse"
                    or instruction["name"] in self._library
                )
            ]
            if not played:
                break
            whole = np.zeros(max(start + len(samples) for start, samples in played), dtype=complex)
            for start, samples in played:
                whole[start : start + len(samples)] += samples
            if np.any(whole):
                return whole
        raise self._lacks(
            qubit, f"a pulse for its gate {_CALIBRATED_GATE}, from which the drive rate is computed"
        )

    def _lacks(self, qubit: int, what: str) -> JobRefused:
        return JobRefused(
            f"Pulses cannot be simulated on qubit {qubit} of {self._device.name}: its snapshot "
            f"lacks {what}",
            ErrorCode.NO_PULSE_EXPERIMENTS,
        )


def _values(parameters: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Return numbers by name, times in ns and frequencies in GHz, without unknown units."""
    return {
        one["name"]: float(one["value"]) * _UNITS[one["unit"]]
        for one in parameters
        if one["unit"] in _UNITS
    }


def _calibrated(undriven: TransmonParameters, pulse: Samples) -> TransmonParameters:
    """Return the drive rate at which a pulse best takes level 0 to level 1."""
    area = abs(pulse.sum()) * undriven.dt
    estimate = 0.5 / area

    def left_over(rate: float) -> float:
        steps = unitary_of(pulse, undriven.frequency, replace(undriven, drive_rate=rate))
        state = np.array([1, 0, 0], dtype=complex)
        for step in steps:
            state = step @ state
        return 1 - float(abs(state[1]) ** 2)

    found = minimize_scalar(
        left_over, bounds=(0.8 * estimate, 1.25 * estimate), method="bounded",
        options={"xatol": 1e-6 * estimate},
    )  # fmt: skip
    return replace(undriven, drive_rate=float(found.x))
