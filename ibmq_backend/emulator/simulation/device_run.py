"""Simulation of circuits on a device, reduced to their qubits, with the noise of the device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from qiskit.circuit import QuantumCircuit, Qubit
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.simulation.aer import CircuitRun, run_batch, seed_at
from ibmq_backend.emulator.simulation.circuit_splitting import Part, join_shots, split, spread_bits
from ibmq_backend.emulator.simulation.circuits import build_circuit
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.restless import is_restless, run_restless

__all__ = ["run_on_device"]

WIDEST_STATEVECTOR = 20
"""Parts with more qubits are simulated as matrix product states: a noisy GHZ state of 26 qubits and
1024 shots takes 5 s, but hours with state vectors."""

_WIDEST_DENSITY_MATRIX = 10
"""A density matrix of 10 qubits takes 16 MB, one of 11 four times as much."""

# Aer's own singular value decomposition hangs on some noisy trajectories, and LAPACK's fails on
# more of them when swaps go left.
_MATRIX_PRODUCT_STATE = {
    "method": "matrix_product_state",
    "mps_lapack": True,
    "mps_swap_direction": "mps_swap_right",
    "max_parallel_shots": 1,  # an exception in a parallel shot would end the process
}


def run_on_device(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    qobj: dict[str, Any],
    shots: int,
    seed: int,
    part: range | None = None,
) -> list[CircuitRun]:
    """Simulate the circuits of a checked job, or some of them.

    Parts on the same qubits share one noise model and one call of Aer. The same job with the same
    seed gives the same counts, shot by shot, and so do its circuits when they run apart.

    Args:
        simulator: the Aer simulator to use.
        device: the device.
        noise: noise of the device, None without calibration.
        qobj: a Qobj that ``validate`` accepted for the device.
        shots: number of shots.
        seed: seed of the job, 0 to 2^31 - 1.
        part: positions of the circuits to simulate, ascending without gaps; None = all. A restless
            job is always simulated as a whole.

    Returns:
        One outcome per circuit of the part, in order.

    Raises:
        JobRefused: if an instruction is invalid.
    """
    if is_restless(qobj):
        return run_restless(simulator, device, noise, qobj, shots, seed)
    part = range(len(qobj["experiments"])) if part is None else part
    wants_memory = bool(qobj["config"].get("memory"))
    circuits: list[list[Part]] = []
    batches: dict[tuple[int, ...], list[tuple[int, int, QuantumCircuit]]] = {}
    skipped: Counter[tuple[int, ...]] = Counter()  # by batch: circuits before the part
    # The circuits before the part count too: they choose the batches and their seeds.
    for index, experiment in enumerate(qobj["experiments"][: part.stop]):
        instructions = experiment["instructions"]
        if noise is not None:
            instructions = noise.schedule(instructions).instructions
        parts = split(instructions)
        circuits.append(parts)
        name = str((experiment.get("header") or {}).get("name", f"circuit{index}"))
        for number, piece in enumerate(parts):
            members = batches.setdefault(piece.qubits, [])
            if index in part:
                members.append((index, number, _circuit(piece, device, noise, name)))
            else:
                skipped[piece.qubits] += 1
    seeds = _seeds(seed, len(batches))
    outcomes: dict[tuple[int, int], CircuitRun] = {}
    for batch_seed, (qubits, members) in zip(seeds, batches.items(), strict=True):
        runs = _run_batch(
            simulator, noise, qubits,
            [circuit for _, _, circuit in members],
            seed_at(batch_seed, skipped[qubits]),
            shots=shots,
            memory=wants_memory or any(len(circuits[index]) > 1 for index, _, _ in members),
        )  # fmt: skip
        outcomes.update(
            ((index, number), run) for (index, number, _), run in zip(members, runs, strict=True)
        )
    return [
        _joined(
            circuits[index],
            [outcomes[index, number] for number in range(len(circuits[index]))],
            shots,
            wants_memory,
        )
        for index in part
    ]


def _run_batch(
    simulator: AerSimulator,
    noise: DeviceNoise | None,
    qubits: tuple[int, ...],
    circuits: Sequence[QuantumCircuit],
    seed: int,
    *,
    shots: int,
    memory: bool,
) -> list[CircuitRun]:
    """Run circuits on the same qubits, as many as possible in one call of Aer."""
    many = shots > 1 << len(qubits)
    runs: list[CircuitRun] = []
    for drawn, group in groupby(circuits, lambda one: many and _is_measured_last(one)):
        members = list(group)
        options: dict[str, Any] = {"shots": shots, "memory": memory}
        if noise is None:
            pass
        elif not drawn:
            # Aer's own choice may differ from circuit to circuit, and then some counts are wrong.
            options |= {"method": "statevector", "noise_model": noise.model(qubits)}
        elif len(qubits) <= _WIDEST_DENSITY_MATRIX:
            options |= {
                "method": "density_matrix",
                "noise_model": noise.density_matrix_model(qubits, members),
            }
        else:  # Aer chooses the method by its memory
            options["noise_model"] = noise.model(qubits)
        if len(qubits) > WIDEST_STATEVECTOR:
            options.update(_MATRIX_PRODUCT_STATE)
        runs += run_batch(simulator, members, seed_at(seed, len(runs)), **options)
    return runs


def _is_measured_last(circuit: QuantumCircuit) -> bool:
    """Return whether measurements end the circuit, so that one state gives all shots."""
    measured: set[Qubit] = set()
    for instruction in circuit.data:
        operation = instruction.operation
        if operation.name == "barrier":
            continue
        if operation.condition or operation.name == "reset":
            return False
        if not measured.isdisjoint(instruction.qubits):
            return False
        if operation.name == "measure":
            measured.update(instruction.qubits)
    return True


def _circuit(part: Part, device: Device, noise: DeviceNoise | None, name: str) -> QuantumCircuit:
    written = sorted(
        {
            slot
            for instruction in part.instructions
            if instruction["name"] == "measure"
            for slot in instruction["memory"]
        }
    )
    # Slots that another part overwrites come last, so that the part's slots are the lowest bits.
    own = set(part.slots)
    slots = [*part.slots, *(slot for slot in written if slot not in own)]
    return build_circuit(
        part.instructions,
        qubits=part.qubits,
        slots=slots,
        basis=device.calibrated_basis,
        name=name,
        relaxation=noise.relaxation if noise else None,
    )


def _joined(
    parts: list[Part], runs: list[CircuitRun], shots: int, wants_memory: bool
) -> CircuitRun:
    failed = next((run for run in runs if not run.success), None)
    if failed is not None:
        return replace(failed, data={})
    if len(parts) == 1 and not wants_memory:
        counts: Counter[int] = Counter()
        for value, number in runs[0].data["counts"].items():
            counts[spread_bits(int(value, 16), parts[0].slots)] += number
    else:
        memory = join_shots(
            shots,
            [part.slots for part in parts],
            [[int(value, 16) for value in run.data["memory"]] for run in runs],
        )
        counts = Counter(memory)
    texts = {value: hex(value) for value in sorted(counts)}
    data: dict[str, Any] = {"counts": {text: counts[value] for value, text in texts.items()}}
    if wants_memory:
        data["memory"] = [texts[value] for value in memory]
    return replace(
        runs[0],
        data=data,
        seconds=sum(run.seconds for run in runs),
        metadata={**runs[0].metadata, "num_qubits": sum(len(part.qubits) for part in parts)},
    )


def _seeds(seed: int, number: int) -> list[int]:
    """Return the seeds of the batches: the job's for the first, unrelated ones for the others."""
    drawn = np.random.SeedSequence(seed).generate_state(max(number, 1)) & 0x7FFFFFFF
    return [seed, *(int(value) for value in drawn[1:])][:number]
