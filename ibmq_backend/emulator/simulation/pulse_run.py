"""Simulation of schedules and of circuits with pulses, qubit by qubit.

This is the only module that uses the package ``pulse``. A shot starts with every qubit in level 0;
the snapshot's error of reading 1 in level 0 includes the error of the preparation. A qubit without
pulses stays in level 0.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibmq_backend.emulator.checks.document import experiment_label
from ibmq_backend.emulator.checks.gate_calibrations import (
    Calibrations,
    calibrations_of,
    drive_channels,
    mentions_pulses,
    needs_channels,
    uses_pulses,
)
from ibmq_backend.emulator.checks.pulse_setup import setup_of
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.pulse.channels import kraus_operators
from ibmq_backend.emulator.pulse.model import DeviceModel, ReadoutErrors
from ibmq_backend.emulator.pulse.readout import IqClouds, read_bits, sample_levels
from ibmq_backend.emulator.pulse.timeline import (
    Event,
    chain,
    duration_of,
    events_of_circuit,
    events_of_schedule,
)
from ibmq_backend.emulator.simulation.aer import CircuitRun
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.scheduling import WAIT

__all__ = [
    "SYNTHETIC",
    "points_of",
    "pulse_indices",
    "replace_calibrated_gates",
    "run_pulses",
    "synthetic_points",
]

_CACHED_MODELS = 64
SYNTHETIC = (
    "synthetic: centres chosen by the emulator, overlap from the readout error of the snapshot"
)
_IGNORED = {
    "snapshot": "snapshot instructions",
    "kernels": "kernels of acquire instructions",
    "discriminators": "discriminators of acquire instructions",
}


def pulse_indices(device: Device, qobj: dict[str, Any]) -> list[int]:
    """Return the positions of the experiments of a checked job that are simulated as pulses.

    Circuits whose pulses :func:`replace_calibrated_gates` turns into gates are not among them.

    Args:
        device: the device of the job.
        qobj: a Qobj that ``validate`` accepted for it.
    """
    experiments = qobj["experiments"]
    if qobj["type"] == "PULSE":
        return list(range(len(experiments)))
    setup = setup_of(device) if device.open_pulse and mentions_pulses(qobj) else None
    if setup is None:
        return []
    return [
        index
        for index, experiment in enumerate(experiments)
        if uses_pulses(qobj["config"], experiment, setup.drive_frequencies)
        and not needs_channels(qobj["config"], experiment, setup.drive_frequencies)
    ]


def replace_calibrated_gates(
    device: Device, qobj: dict[str, Any], *, noisy: bool = True
) -> dict[str, Any]:
    """Return a job in which gates with pulses of their own are quantum channels.

    Each qubit of such a gate gets the channel of the pulses on its drive channel, with relaxation.
    A frequency that a gate changes is restored at its end.

    Args:
        device: the device of the job.
        qobj: a Qobj of circuits that ``validate`` accepted for it; it stays unchanged.
        noisy: whether qubits relax.

    Raises:
        JobRefused: if the snapshot lacks data for the simulation, or a pulse cannot be played.
    """
    if not device.open_pulse or not mentions_pulses(qobj):
        return qobj
    setup, config = setup_of(device), qobj["config"]
    assert setup is not None
    model = _model_of(device, noisy)
    library = {pulse["name"]: pulse["samples"] for pulse in config.get("pulse_library") or ()}
    done: dict[int, list[dict[str, Any]]] = {}

    def channels(instruction: dict[str, Any], pulses: list[dict[str, Any]]) -> Any:
        name = instruction["name"]
        qubits = {*instruction["qubits"], *drive_channels(pulses)}
        samples = duration_of(pulses, library)
        assert device.dt is not None
        # The pulses on all qubits start, and end, at the same time.
        together = {"name": "barrier", "qubits": sorted(qubits)}
        yield together
        for qubit in sorted(qubits):
            events = events_of_schedule(pulses, qubit, library, f"the gate {name}")
            found = kraus_operators(
                model.qubit(qubit).transmon, events, setup.drive_frequencies[qubit], samples
            )
            matrices = [np.stack([one.real, one.imag], axis=-1).tolist() for one in found]
            yield {
                "name": "kraus", "qubits": [qubit], "params": matrices,
                "seconds": samples * device.dt,
            }  # fmt: skip
        yield together

    experiments = []
    for experiment in qobj["experiments"]:
        calibrations = calibrations_of(config, experiment.get("config") or {})
        replaced: list[dict[str, Any]] = []
        for instruction in experiment["instructions"]:
            pulses = calibrations.find(instruction)
            if pulses is None or instruction["name"] == "measure":
                replaced.append(instruction)
                continue
            if id(pulses) not in done:
                done[id(pulses)] = list(channels(instruction, pulses))
            condition = {"conditional": instruction.get("conditional")}
            replaced.extend(
                one if one["name"] == "barrier" else {**one, **condition}
                for one in done[id(pulses)]
            )
        experiments.append({**experiment, "instructions": replaced})
    return {**qobj, "experiments": experiments}


def run_pulses(
    device: Device,
    noise: DeviceNoise | None,
    qobj: dict[str, Any],
    indices: list[int],
    shots: int,
    seed: int,
) -> list[CircuitRun]:
    """Simulate experiments of a checked job that use pulses.

    The same job with the same seed gives the same data, shot by shot.

    Args:
        device: the device.
        noise: its noise, which schedules circuits; None to simulate without.
        qobj: a Qobj, of schedules or circuits, that ``validate`` accepted for the device.
        indices: positions of the experiments to simulate.
        shots: number of shots.
        seed: seed of the job, 0 to 2^31 - 1.

    Returns:
        One outcome for each of the indices.

    Raises:
        JobRefused: if the snapshot lacks data for the simulation, or a pulse cannot be played.
    """
    run = _Run(device, noise, qobj, shots, seed)
    return [run.experiment(index) for index in indices]


def points_of(
    run: CircuitRun,
    experiment: dict[str, Any],
    config: dict[str, Any],
    noise: DeviceNoise | None,
    seed: int,
) -> CircuitRun:
    """Return the result of a circuit at measurement level 1.

    Args:
        run: the circuit, simulated without readout errors and with memory.
        experiment: the circuit, in Qobj form.
        config: configuration of the job.
        noise: noise of the device, which has the readout errors; None without calibration.
        seed: seed of the points.
    """
    if not run.success:
        return run
    own = experiment.get("config") or {}
    measured = {
        slot: qubit
        for one in experiment["instructions"]
        if one["name"] == "measure"
        for slot, qubit in zip(one["memory"], one["qubits"], strict=True)
    }
    values = [int(value, 16) for value in run.data["memory"]]
    stated = own.get("memory_slots", config.get("memory_slots")) or 0
    width = max(stated, max(measured, default=-1) + 1)
    points = np.zeros((len(values), width), dtype=np.complex128)
    generator = np.random.default_rng(seed)
    clouds = {}
    for slot, qubit in sorted(measured.items()):
        flips = noise.readout_flips(qubit) if noise else (0.0, 0.0)
        levels = np.array([value >> slot & 1 for value in values], dtype=np.int64)
        points[:, slot] = synthetic_points(levels, flips, generator)
        clouds[f"qubit {qubit}"] = IqClouds.of(ReadoutErrors(*flips)).description()
    wanted = str(own.get("meas_return") or config.get("meas_return") or "avg")
    if wanted == "avg":
        points = points.mean(axis=0)
    return replace(
        run,
        data={"memory": np.stack([points.real, points.imag], axis=-1).tolist()},
        metadata={**run.metadata, "iq": SYNTHETIC, "iq_clouds": clouds},
        meas_level=1,
        meas_return=wanted,
    )


def synthetic_points(
    levels: NDArray[np.int64], flips: tuple[float, float], generator: np.random.Generator
) -> NDArray[np.complex128]:
    """Draw a point in the IQ plane for each level found, shape (shots,).

    Args:
        levels: levels found, shape (shots,).
        flips: probabilities of reading 1 in level 0, and 0 in level 1.
        generator: source of random numbers.
    """
    return IqClouds.of(ReadoutErrors(*flips)).points(levels, generator)


@lru_cache(maxsize=_CACHED_MODELS)
def _model_of(device: Device, noisy: bool) -> DeviceModel:
    return DeviceModel(device, noisy=noisy)


class _Run:
    def __init__(
        self,
        device: Device,
        noise: DeviceNoise | None,
        qobj: dict[str, Any],
        shots: int,
        seed: int,
    ) -> None:
        setup = setup_of(device)
        assert setup is not None
        self._device, self._noise, self._setup = device, noise, setup
        self._model = _model_of(device, noise is not None)
        self._qobj, self._config = qobj, qobj["config"]
        self._shots, self._seed = shots, seed
        self._library = {
            pulse["name"]: pulse["samples"] for pulse in self._config.get("pulse_library") or ()
        }

    def experiment(self, index: int) -> CircuitRun:
        started = time.perf_counter()
        experiment = self._qobj["experiments"][index]
        own = experiment.get("config") or {}
        frequencies = (
            own.get("qubit_lo_freq")
            or self._config.get("qubit_lo_freq")
            or self._setup.drive_frequencies
        )
        found: dict[int, tuple[int, NDArray[np.int64]]] = {}
        generator = np.random.default_rng([self._seed, index])
        described: dict[str, Any] = {}
        last: dict[int, float] = {}
        for qubit in _measured(experiment):
            events = self._events(experiment, index, qubit, own)
            slots = [event.slot for event in events if event.kind == "measure"]
            times = [event.start for event in events if event.kind == "measure"]
            if all(event.kind == "measure" for event in events):
                links = [np.eye(3)] * len(slots)
            else:
                qubit_model = self._model.qubit(qubit)
                described[f"qubit {qubit}"] = qubit_model.description
                links = [
                    link for _, link in chain(qubit_model.transmon, events, frequencies[qubit])
                ]
            levels = sample_levels(links, self._shots, generator)
            for slot, moment, values in zip(slots, times, levels, strict=True):
                if moment >= last.get(slot, 0):  # a later measurement overwrites the slot
                    found[slot], last[slot] = (qubit, values), moment
        level = own.get("meas_level") or self._config.get("meas_level") or 2
        metadata: dict[str, Any] = {
            "method": "transmon_lindblad",
            "num_qubits": len({qubit for qubit, _ in found.values()}),
            "transmons": described,
        }
        ignored = _ignored(experiment)
        if ignored:
            metadata["ignored"] = ignored
        if self._setup.num_qubits > 1 and described:
            metadata["coupling"] = "left out: only one qubit is driven, its neighbours rest"
        meas_return = None
        if level == 1:
            wanted = own.get("meas_return") or self._config.get("meas_return") or "avg"
            meas_return = str(wanted)
            data = self._points(found, own, meas_return, generator, metadata)
        else:
            data = self._counts(found, generator)
        return CircuitRun(
            success=True,
            status="DONE",
            data=data,
            seed=self._seed,
            seconds=time.perf_counter() - started,
            metadata=metadata,
            meas_level=level,
            meas_return=meas_return,
        )

    def _events(
        self, experiment: dict[str, Any], index: int, qubit: int, own: dict[str, Any]
    ) -> list[Event]:
        if self._qobj["type"] == "PULSE":
            label = experiment_label(experiment, index, "schedule")
            return events_of_schedule(experiment["instructions"], qubit, self._library, label)
        calibrations = calibrations_of(self._config, own)
        return events_of_circuit(
            {**experiment, "instructions": self._scheduled(experiment, calibrations)},
            qubit,
            calibrations,
            self._library,
            self._model,
            self._device.calibrated_basis,
        )

    def _scheduled(
        self, experiment: dict[str, Any], calibrations: Calibrations
    ) -> list[dict[str, Any]]:
        """Return the instructions of a circuit with a delay wherever a qubit waits."""
        noise, dt = self._noise, self._device.dt
        instructions: list[dict[str, Any]] = experiment["instructions"]
        if noise is None or dt is None:
            return instructions

        def seconds_of(instruction: dict[str, Any]) -> float:
            pulses = calibrations.find(instruction)
            if pulses is None:
                return noise.durations.of(instruction)
            return duration_of(pulses, self._library) * dt

        return [
            {"name": "delay", "qubits": one["qubits"], "params": [one["seconds"] / dt]}
            if one["name"] == WAIT
            else one
            for one in noise.schedule(instructions, seconds_of=seconds_of).instructions
        ]

    def _counts(
        self, found: dict[int, tuple[int, NDArray[np.int64]]], generator: np.random.Generator
    ) -> dict[str, Any]:
        values = [0] * self._shots
        for slot, (qubit, levels) in sorted(found.items()):
            bits = read_bits(levels, self._model.readout(qubit), generator).tolist()
            values = [value | bit << slot for value, bit in zip(values, bits, strict=True)]
        counts = Counter(values)
        data: dict[str, Any] = {"counts": {hex(value): counts[value] for value in sorted(counts)}}
        if self._config.get("memory"):
            data["memory"] = [hex(value) for value in values]
        return data

    def _points(
        self,
        found: dict[int, tuple[int, NDArray[np.int64]]],
        own: dict[str, Any],
        meas_return: str,
        generator: np.random.Generator,
        metadata: dict[str, Any],
    ) -> dict[str, Any]:
        stated = own.get("memory_slots", self._config.get("memory_slots")) or 0
        points = np.zeros((self._shots, max(stated, max(found, default=-1) + 1)), dtype=complex)
        clouds = {}
        for slot, (qubit, levels) in sorted(found.items()):
            cloud = IqClouds.of(self._model.readout(qubit))
            clouds[f"qubit {qubit}"] = cloud.description()
            points[:, slot] = cloud.points(levels, generator)
        metadata["iq"] = SYNTHETIC
        metadata["iq_clouds"] = clouds
        if meas_return == "avg":
            points = points.mean(axis=0)
        return {"memory": np.stack([points.real, points.imag], axis=-1).tolist()}


def _measured(experiment: dict[str, Any]) -> list[int]:
    names = ("acquire", "measure")
    return sorted(
        {
            qubit
            for instruction in experiment["instructions"]
            if instruction["name"] in names
            for qubit in instruction["qubits"]
        }
    )


def _ignored(experiment: dict[str, Any]) -> list[str]:
    """Return the parts of the experiment that the simulation ignores, in words."""
    return [
        words
        for key, words in _IGNORED.items()
        if any(
            instruction["name"] == key or instruction.get(key)
            for instruction in experiment["instructions"]
        )
    ]
