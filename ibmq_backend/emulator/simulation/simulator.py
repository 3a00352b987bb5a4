"""Simulation of a job with Qiskit Aer, and the service's Result document.

Used in worker processes. A ``Simulator`` caches the noise of each device.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from secrets import randbits
from typing import Any

from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.document import experiment_label, failed_circuits
from ibmq_backend.emulator.checks.noise_options import noise_of, scheduling_method_of
from ibmq_backend.emulator.checks.qobj import DEFAULT_SHOTS, validate
from ibmq_backend.emulator.checks.result_size import check_expected_size
from ibmq_backend.emulator.devices.catalog import Catalog, Device
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.simulation.aer import CircuitRun
from ibmq_backend.emulator.simulation.device_run import run_on_device
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.pulse_run import (
    points_of,
    pulse_indices,
    replace_calibrated_gates,
    run_pulses,
)
from ibmq_backend.emulator.simulation.restless import is_restless
from ibmq_backend.emulator.simulation.simulator_run import run_on_simulator

__all__ = ["Simulator", "describe_device_emulation", "seed_of"]

Document = dict[str, Any]


class Simulator:
    """Simulates jobs on the devices of a catalog.

    Args:
        options: options of the devices, as for ``Catalog``.
        threads: processor cores for one simulation; 0 for all.
        memory_bytes: memory limit of a job; Aer refuses circuits that need more.
        result_bytes: size limit of a result as JSON text.

    Attributes:
        options: options of the devices.
        aer: the simulator of Aer.
        result_bytes: size limit of a result as JSON text.

    Raises:
        SnapshotError: if a snapshot is broken.
    """

    def __init__(
        self,
        options: DeviceOptions | None = None,
        threads: int = 0,
        memory_bytes: int = 2 << 30,
        result_bytes: int = 100_000_000,
    ) -> None:
        self.options = options or DeviceOptions()
        self._catalog = Catalog(self.options)
        self.result_bytes = result_bytes
        # Circuits or shots, not gates, are distributed over the cores: each has its own random
        # numbers, so the counts do not depend on the number of cores. On a busy machine it is 10
        # times faster.
        cores = threads or os.cpu_count() or 1
        self.aer = AerSimulator(
            max_parallel_threads=cores,
            max_parallel_experiments=1,
            max_parallel_shots=cores,
            max_memory_mb=memory_bytes >> 20,
        )
        self._noise: dict[str, DeviceNoise] = {}

    def device(self, name_or_alias: str) -> Device:
        """Return a device.

        Raises:
            UnknownDevice: if the device does not exist.
        """
        return self._catalog.get(name_or_alias)

    def noise(self, device: Device, config: Document) -> DeviceNoise | None:
        """Return the noise that a job on a device asks for.

        Args:
            device: a device, not a simulator.
            config: config of the job's Qobj, which was checked.

        Returns:
            None without calibration, or if the job or the emulator is to have no noise.
        """
        model = noise_of(config, self.options.noise)
        if not device.has_noise or model == "none":
            return None
        if device.name not in self._noise:
            self._noise[device.name] = DeviceNoise(device)
        method = scheduling_method_of(config) if model == "full" else None
        return self._noise[device.name].with_method(method)

    def warm_up(self) -> None:
        """Run a trivial circuit, so that Aer has started before the first job."""
        bell = {
            "qobj_id": "",
            "type": "QASM",
            "schema_version": "1.3.0",
            "header": {},
            "config": {"shots": 1},
            "experiments": [
                {"instructions": [{"name": "measure", "qubits": [0], "memory": [0]}]},
            ],
        }
        self.run("", "ibmq_qasm_simulator", bell, 0)

    def run(
        self,
        job_id: str,
        device_name: str,
        qobj: object,
        seed: int | None,
        part: range | None = None,
    ) -> Document:
        """Check a job, simulate it and compose its Result document.

        The results of all parts of a job are those of the whole job, if a seed is stated.

        Args:
            job_id: id of the job, for the document.
            device_name: name or alias of a device.
            qobj: the uploaded Qobj document.
            seed: seed of the job; for None a seed is drawn and reported. On a simulator
                ``seed_simulator`` of the Qobj takes precedence.
            part: positions of the circuits to simulate, ascending without gaps; None = all. The
                document of a part also has ``circuits``, their number, and ``failed``: the number
                of failed ones, and the label of the first with the reason; None without any. The
                first part of a restless job has all circuits, the others have none.

        Raises:
            UnknownDevice: if the device does not exist.
            JobRefused: if the device would not run the job.
        """
        device = self.device(device_name)
        validate(device, qobj)
        assert isinstance(qobj, dict)
        config = qobj["config"]
        if device.simulator and config.get("seed_simulator") is not None:
            seed = config["seed_simulator"]
        seed = seed_of(seed)
        started = time.perf_counter()
        shots = config.get("shots", DEFAULT_SHOTS)
        check_expected_size(device, qobj, shots, self.result_bytes)
        chosen = range(len(qobj["experiments"])) if part is None else part
        if device.simulator:
            runs, noisy = run_on_simulator(self.aer, device, qobj, shots, seed, chosen)
            emulated = describe_emulation(device, seed, noisy=noisy)
        else:
            noise = self.noise(device, config)
            if is_restless(qobj):  # the shots of a circuit depend on those of the circuit before
                chosen = range(len(qobj["experiments"]) if 0 in chosen else 0)
            runs = self._run_on_device(device, noise, qobj, shots, seed, chosen)
            emulated = describe_device_emulation(device, seed, noise)
            if qobj["type"] == "PULSE":  # a schedule states its own times
                emulated.pop("scheduling_method", None)
        results = []
        for index, run in zip(chosen, runs, strict=True):
            experiment = qobj["experiments"][index]
            results.append(
                {
                    "shots": shots,
                    "success": run.success,
                    "status": run.status,
                    "meas_level": run.meas_level,
                    **({"meas_return": run.meas_return} if run.meas_return else {}),
                    "seed_simulator": run.seed,
                    "time_taken": run.seconds,
                    "header": experiment.get("header") or {},
                    "data": run.data,
                    "metadata": {**run.metadata, **emulated},
                }
            )
        failed = _first_failure(qobj, chosen, runs)
        success = failed is None
        partial = any(run.success for run in runs)
        return {
            "backend_name": device.name,
            "backend_version": device.version,
            "qobj_id": qobj["qobj_id"],
            "job_id": job_id,
            "success": success,
            **({} if failed is None else {"error": failed_circuits(len(runs), *failed)}),
            **({} if part is None else {"failed": failed, "circuits": len(runs)}),
            "status": "COMPLETED" if success else "PARTIAL COMPLETED" if partial else "ERROR",
            # In UTC, without a time zone as in the service's documents.
            "date": datetime.now(UTC).replace(tzinfo=None).isoformat(),
            "header": qobj["header"],
            "time_taken": time.perf_counter() - started,
            "metadata": emulated,
            "results": results,
        }

    def _run_on_device(
        self,
        device: Device,
        noise: DeviceNoise | None,
        qobj: Document,
        shots: int,
        seed: int,
        wanted: range,
    ) -> list[CircuitRun]:
        """Simulate some circuits of a checked job, with or without pulses."""
        all_pulsed = set(pulse_indices(device, qobj))
        done: dict[int, CircuitRun] = {}
        if pulsed := [index for index in wanted if index in all_pulsed]:
            done.update(
                zip(pulsed, run_pulses(device, noise, qobj, pulsed, shots, seed), strict=True)
            )
        bits = [
            index
            for index, experiment in enumerate(qobj["experiments"])
            if index not in all_pulsed and not _wants_points(qobj, experiment)
        ]
        others = {*all_pulsed, *bits}
        points = [index for index in range(len(qobj["experiments"])) if index not in others]
        for chosen in filter(None, (bits, points)):
            ours = [index for index in chosen if index in wanted]
            if not ours:
                continue
            at = range(chosen.index(ours[0]), chosen.index(ours[-1]) + 1)
            part = {**qobj, "experiments": [qobj["experiments"][index] for index in chosen]}
            part = replace_calibrated_gates(device, part, noisy=noise is not None)
            if chosen is bits:
                runs = run_on_device(self.aer, device, noise, part, shots, seed, at)
            else:
                part["config"] = {**qobj["config"], "memory": True}
                levels = noise.without_readout_errors() if noise else None
                runs = run_on_device(self.aer, device, levels, part, shots, seed, at)
                runs = [
                    points_of(run, qobj["experiments"][index], qobj["config"], noise, seed + index)
                    for index, run in zip(ours, runs, strict=True)
                ]
            done.update(zip(ours, runs, strict=True))
        return [done[index] for index in sorted(done)]


def _wants_points(qobj: Document, experiment: Document) -> bool:
    own = experiment.get("config") or {}
    return bool(own.get("meas_level", qobj["config"].get("meas_level", 2)) == 1)


def seed_of(stated: int | None) -> int:
    """Return the seed of a simulation, 0 to 2^31 - 1; for None a seed is drawn."""
    return randbits(31) if stated is None else abs(stated) & 0x7FFFFFFF


def describe_emulation(device: Device, seed: int, *, noisy: bool) -> Document:
    """Return the metadata of a result that describe the emulation.

    Args:
        device: the device or simulator.
        seed: seed of the simulation.
        noisy: whether noise was simulated.
    """
    date = device.snapshot_date
    return {
        "emulated": True,
        "device": device.name,
        "source": device.source,
        "snapshot_date": None if date is None else date.isoformat(),
        "seed": seed,
        "noise": noisy,
    }


def describe_device_emulation(device: Device, seed: int, noise: DeviceNoise | None) -> Document:
    """Return the metadata of a result that describe the emulation of a device.

    Args:
        device: the device.
        seed: seed of the simulation.
        noise: the noise that was simulated.
    """
    stated = describe_emulation(device, seed, noisy=noise is not None)
    if noise is None:
        stated["noise_model"] = "none"
        if not device.has_noise:
            stated["warning"] = (
                f"There is no calibration data of {device.name}: simulated without noise"
            )
        return stated
    stated |= {"noise_model": "full" if noise.method else "gates"}
    if noise.method:
        stated["scheduling_method"] = noise.method
    stated["noise_source"] = device.noise_source
    return stated


def _first_failure(
    qobj: Document, indices: range, runs: list[CircuitRun]
) -> tuple[int, str] | None:
    """Return the number of failed circuits, and the label of the first with Aer's reason."""
    failed = [(index, run) for index, run in zip(indices, runs, strict=True) if not run.success]
    if not failed:
        return None
    index, run = failed[0]
    reason = run.status.removeprefix("ERROR: ").rstrip(". ")
    if "bad_alloc" in reason:
        reason = "it ran out of memory"
    return len(failed), f"{experiment_label(qobj['experiments'][index], index)}: {reason}"
