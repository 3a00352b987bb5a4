"""Results of jobs that ask for points in the IQ plane (``meas_type`` kerneled, avg_kerneled)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.pulse_run import synthetic_points

__all__ = ["circuit_points"]


def circuit_points(
    circuit: QuantumCircuit,
    memories: Sequence[Sequence[int]],
    noise: DeviceNoise | None,
    averaged: bool,
    seed: int,
) -> NDArray[np.complex128]:
    """Return a point for each measurement, as the readout of the device gave it.

    Args:
        circuit: circuit whose qubit ``i`` is qubit ``i`` of the device.
        memories: for each bound circuit the measured levels in each shot, bit 0 the lowest.
        noise: noise of the device, which has the readout errors; None without calibration.
        averaged: whether to return the mean over the shots.
        seed: seed of the points.

    Returns:
        An array of shape (bound circuits, shots, classical bits), without the second axis if
        averaged. A bit that is not measured has the point 0.
    """
    generator = np.random.default_rng(seed)
    index = {bit: number for number, bit in enumerate(circuit.clbits)}
    measured: dict[int, int] = {}  # the last measurement of a bit is the one that is seen
    for one in circuit.data:
        if one.operation.name == "measure":
            measured[index[one.clbits[0]]] = circuit.find_bit(one.qubits[0]).index
    shots = len(memories[0]) if memories else 0
    points = np.zeros((len(memories), shots, circuit.num_clbits), dtype=np.complex128)
    for slot, qubit in sorted(measured.items()):
        flips = noise.readout_flips(qubit) if noise else (0.0, 0.0)
        for number, memory in enumerate(memories):
            levels = np.array([value >> slot & 1 for value in memory], dtype=np.int64)
            points[number, :, slot] = synthetic_points(levels, flips, generator)
    if averaged:
        points = points.mean(axis=1)
    return points
