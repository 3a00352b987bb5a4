"""Simulating schedules and circuits with pulses, qubit by qubit.

The only module that uses the package `pulse`.

A shot starts with every qubit in level 0; what the device's preparation lacked is part of the
snapshot's error of reading 1 from level 0. A qubit without pulses stays there.
"""

from __future__ import annotations

import time
from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibmq_backend.emulator.checks.document import experiment_label
from ibmq_backend.emulator.checks.gate_calibrations import (
    calibrations_of,
    mentions_pulses,
    uses_pulses,
)
from ibmq_backend.emulator.checks.pulse_setup import setup_of
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.pulse.model import DeviceModel
from ibmq_backend.emulator.pulse.readout import IqClouds, read_bits, sample_levels
from ibmq_backend.emulator.pulse.timeline import Event, chain, events_of_circuit, events_of_schedule
from ibmq_backend.emulator.simulation.aer import CircuitRun

__all__ = ["pulse_indices", "run_pulses"]

_CACHED_MODELS = 64
_SYNTHETIC = (
    "synthetic: centres chosen by the emulator, overlap from the readout error of the snapshot"
)
_IGNORED = {
    "snapshot": "snapshot instructions",
    "kernels": "kernels of acquire instructions",
    "discriminators": "discriminators of acquire instructions",
}


def pulse_indices(device: Device, qobj: dict[str, Any]) -> list[int]:
    """Return the positions of the experiments of a checked job that are simulated as pulses.

    Args:
        device: the device of the job.
        qobj: a Qobj that `validate` accepted for it.
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
    ]


def run_pulses(
    device: Device,
    qobj: dict[str, Any],
    indices: list[int],
    shots: int,
    seed: int,
) -> list[CircuitRun]:
    """Simulate experiments of a checked job that use pulses.

    The same job with the same seed gives the same data, shot by shot.

    Args:
        device: the device.
        qobj: a Qobj, of schedules or circuits, that `validate` accepted for the device.
        indices: positions of the experiments to simulate.
        shots: number of shots.
        seed: seed of the job, 0 to 2^31 - 1.

    Returns:
        One outcome for each of the indices.

    Raises:
        JobRefused: if the snapshot lacks what the simulation needs, or a pulse cannot be played.
    """
    run = _Run(device, qobj, shots, seed)
    return [run.experiment(index) for index in indices]


@lru_cache(maxsize=_CACHED_MODELS)
def _model_of(device: Device) -> DeviceModel:
    return DeviceModel(device)


class _Run:
    def __init__(self, device: Device, qobj: dict[str, Any], shots: int, seed: int) -> None:
        setup = setup_of(device)
        assert setup is not None
        self._device, self._model, self._setup = device, _model_of(device), setup
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
        return events_of_circuit(
            experiment,
            qubit,
            calibrations_of(self._config, own),
            self._library,
            self._model,
            self._device.calibrated_basis,
        )

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
        metadata["iq"] = _SYNTHETIC
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
    """What the experiment says and the simulation passes over, in words."""
    return [
        words
        for key, words in _IGNORED.items()
        if any(
            instruction["name"] == key or instruction.get(key)
            for instruction in experiment["instructions"]
        )
    ]
