"""Noise models of devices, as ``qiskit.providers.aer.noise.device`` made them until Aer 0.4."""

from __future__ import annotations

from typing import Any

from qiskit_aer.noise import NoiseModel


def basic_device_noise_model(
    properties: Any,
    gate_error: bool = True,
    readout_error: bool = True,
    thermal_relaxation: bool = True,
    temperature: float = 0,
    gate_lengths: Any = None,
    gate_times: Any = None,
    standard_gates: bool = True,
) -> NoiseModel:
    """Return a noise model of a calibration.

    Args:
        properties: of a device.
        gate_error: whether gates have depolarizing errors.
        readout_error: whether readouts have errors.
        thermal_relaxation: whether qubits relax during gates.
        temperature: in mK.
        gate_lengths: durations in ns that replace those of the calibration: triples of a gate, its
            qubits and the duration.
        gate_times: old name of ``gate_lengths``.
        standard_gates: without effect.
    """
    del standard_gates
    return NoiseModel.from_backend_properties(
        properties,
        gate_error=gate_error,
        readout_error=readout_error,
        thermal_relaxation=thermal_relaxation,
        temperature=temperature,
        gate_lengths=gate_lengths or gate_times,
    )
