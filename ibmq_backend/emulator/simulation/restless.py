"""Restless runs (``init_qubits=False``): a shot starts in the state in which the last one ended.

The device ran the circuits of a job one after the other, and this round once per shot. So shot k of
a circuit starts where shot k of the circuit before it ended, and the first circuit where shot k - 1
of the last circuit ended. Between two circuits the qubits relax for the repetition delay.

If every qubit of a circuit is measured once, at its end, the qubits are left in the states that
were measured, not in those that the readout errors report. These states form a Markov chain, whose
probabilities are computed once. Other circuits are simulated as one long circuit.
"""

from __future__ import annotations

import json
import time
from array import array
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp
from random import Random
from typing import Any

import numpy as np
from qiskit.circuit import ClassicalRegister, QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Statevector
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.simulation.aer import CircuitRun, run_batch
from ibmq_backend.emulator.simulation.circuit_splitting import Part, split
from ibmq_backend.emulator.simulation.circuits import build_circuit, used_slots
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.scheduling import WAIT, Schedule

__all__ = ["is_restless", "run_restless"]

_WIDEST_LINK = 6  # qubits; each of the 2^n levels before needs a simulation
_WIDEST_STATE = 20
_MAX_INSTRUCTIONS = 500_000  # of the long circuit: two minutes
_PIECE = 2_000  # instructions that Aer gets at once


def is_restless(qobj: Mapping[str, Any]) -> bool:
    """Return whether a job asks that qubits are not initialized before a shot."""
    configs = [qobj["config"], *(one.get("config") or {} for one in qobj["experiments"])]
    return any(config.get("init_qubits") is False for config in configs)


def run_restless(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    qobj: Mapping[str, Any],
    shots: int,
    seed: int,
) -> list[CircuitRun]:
    """Simulate the circuits of a checked job without initialization of the qubits.

    Args:
        simulator: the Aer simulator to use.
        device: the device.
        noise: noise of the device, None without calibration.
        qobj: a Qobj that ``validate`` accepted for the device.
        shots: number of shots.
        seed: seed of the job, 0 to 2^31 - 1.

    Returns:
        One outcome per circuit, in order.

    Raises:
        JobRefused: if an instruction is invalid, or the job too large for this simulation.
    """
    started = time.perf_counter()
    delay = _delay_us(device, qobj["config"])
    schedules = [
        noise.schedule(experiment["instructions"], initialized=False)
        if noise
        else Schedule(experiment["instructions"], 0.0)
        for experiment in qobj["experiments"]
    ]
    circuits = [split(schedule.instructions, packed_qubits=1) for schedule in schedules]
    used = [_used_qubits(schedule.instructions) for schedule in schedules]
    if all(map(_is_chain, circuits, used)):
        method = "markov_chain"
        seconds = [schedule.seconds for schedule in schedules]
        memories = _chain(simulator, device, noise, circuits, seconds, delay, shots, seed)
    else:
        method = "statevector"
        memories = _one_circuit(simulator, device, noise, schedules, delay, shots, seed)
    spent = (time.perf_counter() - started) / max(1, len(circuits))
    return [
        CircuitRun(
            success=True,
            status="DONE",
            data=_data(memory, bool(qobj["config"].get("memory"))),
            seed=seed,
            seconds=spent,
            metadata={
                "method": method,
                "num_qubits": sum(len(part.qubits) for part in circuit),
                "init_qubits": False,
                "rep_delay_us": delay,
            },
        )
        for circuit, memory in zip(circuits, memories, strict=True)
    ]


def _data(memory: Sequence[int], wants_memory: bool) -> dict[str, Any]:
    counts = Counter(memory)
    data: dict[str, Any] = {"counts": {hex(value): counts[value] for value in sorted(counts)}}
    if wants_memory:
        data["memory"] = [hex(value) for value in memory]
    return data


def _delay_us(device: Device, config: Mapping[str, Any]) -> float:
    """Return the time between two circuits; devices with fixed ``rep_times`` waited these."""
    stated = device.configuration()
    fixed = stated.get("rep_times") or [0.0]
    for delay in (config.get("rep_delay"), stated.get("default_rep_delay"), config.get("rep_time")):
        if delay is not None:
            return float(delay)
    return float(fixed[0])


def _used_qubits(instructions: Sequence[dict[str, Any]]) -> set[int]:
    return {qubit for one in instructions if one["name"] != "barrier" for qubit in one["qubits"]}


def _is_chain(parts: Sequence[Part], used: set[int]) -> bool:
    """Return whether a circuit measures all its qubits at the end; ``split`` omits other parts."""
    return used == {qubit for part in parts for qubit in part.qubits} and all(
        len(part.qubits) <= _WIDEST_LINK and _ends_with_measurements(part) for part in parts
    )


def _ends_with_measurements(part: Part) -> bool:
    """Return whether each qubit is measured once, by its last instruction."""
    measured: set[int] = set()
    for instruction in part.instructions:
        if instruction["name"] == "barrier":
            continue
        if not measured.isdisjoint(instruction["qubits"]):
            return False
        if instruction["name"] == "measure":
            measured.update(instruction["qubits"])
    return measured == set(part.qubits)


@dataclass(frozen=True)
class _Link:
    """One part of a circuit as a step of the chain.

    Attributes:
        places: bit of a state, the qubit whose level it is, and the memory slot of the qubit; None
            if another measurement overwrites the slot.
        sums: for each state before, the running sums of the probabilities of the states after.
    """

    places: tuple[tuple[int, int, int | None], ...]
    sums: list[array[float]]


def _chain(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    circuits: Sequence[Sequence[Part]],
    seconds: Sequence[float],
    delay: float,
    shots: int,
    seed: int,
) -> list[list[int]]:
    known: dict[str, list[array[float]]] = {}
    steps: list[list[_Link]] = [[] for _ in circuits]
    for step, circuit in zip(steps, circuits, strict=True):
        for part in circuit:
            key = json.dumps([one for one in part.instructions if one["name"] != "measure"])
            key = f"{part.qubits} {key}"
            if key not in known:
                known[key] = _sums(simulator, device, noise, part)
            step.append(_link(part, known[key]))
    qubits = sorted({qubit for step in steps for link in step for _, qubit, _ in link.places})
    flips = {qubit: noise.readout_flips(qubit) if noise else (0.0, 0.0) for qubit in qubits}
    decays = []
    for step, duration in zip(steps, seconds, strict=True):
        idle = dict.fromkeys(qubits, delay * 1e-06 + duration)
        idle.update({qubit: delay * 1e-6 for link in step for _, qubit, _ in link.places})
        decays.append(
            [
                (qubit, 1 - exp(-time / noise.t1_seconds(qubit)) if noise else 0.0)
                for qubit, time in idle.items()
            ]
        )
    random = Random(seed).random  # noqa: S311 (three times as fast as NumPy's, one by one)
    level = dict.fromkeys(qubits, 0)
    memories: list[list[int]] = [[] for _ in steps]
    for _ in range(shots):
        for step, decay_of, memory in zip(steps, decays, memories, strict=True):
            value = 0
            for link in step:
                before = 0
                for index, qubit, _slot in link.places:
                    before |= level[qubit] << index
                sums = link.sums[before]
                after = min(bisect(sums, random() * sums[-1]), len(sums) - 1)
                for index, qubit, slot in link.places:
                    level[qubit] = bit = after >> index & 1
                    if slot is not None:
                        value |= (bit ^ (random() < flips[qubit][bit])) << slot
            memory.append(value)
            for qubit, decay in decay_of:
                if level[qubit] and random() < decay:
                    level[qubit] = 0
    return memories


def _link(part: Part, sums: list[array[float]]) -> _Link:
    owned = set(part.slots)
    slot_of = {
        qubit: slot
        for one in part.instructions
        if one["name"] == "measure"
        for qubit, slot in zip(one["qubits"], one["memory"], strict=True)
        if slot in owned
    }
    places = [(index, qubit, slot_of.get(qubit)) for index, qubit in enumerate(part.qubits)]
    return _Link(tuple(places), sums)


def _sums(
    simulator: AerSimulator, device: Device, noise: DeviceNoise | None, part: Part
) -> list[array[float]]:
    """Compute the probabilities of the levels after a part, for all levels before it."""
    size = 1 << len(part.qubits)
    gates = [one for one in part.instructions if one["name"] != "measure"]
    body = build_circuit(
        gates, qubits=part.qubits, slots=(), basis=device.calibrated_basis, name="restless",
        relaxation=noise.relaxation if noise else None,
    )  # fmt: skip
    circuits = []
    for state in range(size):
        circuit = QuantumCircuit(len(part.qubits))
        circuit.set_density_matrix(DensityMatrix.from_int(state, size))
        circuit.compose(body, inplace=True)
        circuit.save_probabilities()
        circuits.append(circuit)
    options: dict[str, Any] = {"method": "density_matrix", "shots": 1}
    if noise is not None:
        options["noise_model"] = noise.density_matrix_model(part.qubits, [body])
    runs = run_batch(simulator, circuits, 0, **options)
    _check_success(runs)
    # Not lists, which take four times the memory.
    return [array("d", accumulate(np.clip(run.data["probabilities"], 0, 1))) for run in runs]


def _one_circuit(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    schedules: Sequence[Schedule],
    delay: float,
    shots: int,
    seed: int,
) -> list[list[int]]:
    """Simulate all shots as one circuit, piece by piece, with the state of all qubits between."""
    listed = [schedule.instructions for schedule in schedules]
    used = set().union(*map(_used_qubits, listed))
    qubits = tuple(sorted(used))
    size = sum(map(len, listed)) + len(listed) * len(qubits)
    if len(qubits) > _WIDEST_STATE or size * shots > _MAX_INSTRUCTIONS:
        raise JobRefused(
            f"Without initialized qubits (init_qubits=False) a job whose circuits do not just "
            f"measure each of at most {_WIDEST_LINK} connected qubits at the end is simulated as "
            f"one circuit: this one has {size * shots} instructions on {len(qubits)} qubits; at "
            f"most {_MAX_INSTRUCTIONS} on {_WIDEST_STATE} are possible. Ask for fewer shots or "
            "circuits in one job",
            ErrorCode.TOO_LARGE,
        )
    bodies = []
    for schedule in schedules:
        instructions = schedule.instructions
        waiting = sorted(used - _used_qubits(instructions)) if schedule.seconds else ()
        instructions = [
            *instructions,
            *({"name": WAIT, "qubits": [one], "seconds": schedule.seconds} for one in waiting),
        ]
        inside = [
            {**one, "qubits": [qubit for qubit in one["qubits"] if qubit in used]}
            for one in instructions
        ]
        slots = sorted(used_slots(inside))
        body = build_circuit(
            [one for one in inside if one["qubits"]],
            qubits=qubits, slots=slots, basis=device.calibrated_basis, name="restless",
            relaxation=noise.relaxation if noise else None,
        )  # fmt: skip
        bodies.append((body, slots))
    options: dict[str, Any] = {"method": "statevector", "shots": 1, "memory": True}
    if noise is not None:
        options["noise_model"] = noise.model(qubits)
    waits = [noise.relaxation(qubit, delay * 1e-6) for qubit in qubits] if noise else []
    rounds = max(1, _PIECE // max(1, size))
    seeds = np.random.SeedSequence(seed).generate_state(-(-shots // rounds)) & 0x7FFFFFFF
    state: Any = Statevector.from_int(0, 1 << len(qubits))
    memories: list[list[int]] = [[] for _ in bodies]
    for piece_seed, first in zip(seeds, range(0, shots, rounds), strict=True):
        number = min(rounds, shots - first)
        bits = ClassicalRegister(number * sum(len(slots) for _, slots in bodies))
        piece = QuantumCircuit(len(qubits))
        piece.add_register(bits)
        piece.set_statevector(state)
        place = 0
        for _ in range(number):
            for body, slots in bodies:
                piece.compose(body, clbits=bits[place : place + len(slots)], inplace=True)
                place += len(slots)
                for index, wait in enumerate(waits):
                    piece.append(wait, [index])
        piece.save_statevector()
        runs = run_batch(simulator, [piece], int(piece_seed), **options)
        _check_success(runs)
        state = Statevector(np.array([complex(*one) for one in runs[0].data["statevector"]]))
        value = int(runs[0].data["memory"][0], 16)
        for _ in range(number):
            for (_, slots), memory in zip(bodies, memories, strict=True):
                memory.append(sum((value >> index & 1) << slot for index, slot in enumerate(slots)))
                value >>= len(slots)
    return memories


def _check_success(runs: Sequence[CircuitRun]) -> None:
    failed = next((run for run in runs if not run.success), None)
    if failed is not None:
        raise JobRefused(f"The simulation failed: {failed.status}", ErrorCode.RUN_FAILED)
