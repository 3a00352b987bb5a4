"""Simulation of circuits on one of the cloud simulators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.result_size import circuit_width
from ibmq_backend.emulator.checks.simulator_options import checked_options
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.simulation.aer import CircuitRun, run_batch, seed_at
from ibmq_backend.emulator.simulation.circuits import build_circuit, used_slots
from ibmq_backend.emulator.simulation.noise_documents import read_noise_model

__all__ = ["run_on_simulator"]


def run_on_simulator(
    simulator: AerSimulator,
    device: Device,
    qobj: dict[str, Any],
    shots: int,
    seed: int,
    part: range,
) -> tuple[list[CircuitRun], bool]:
    """Simulate some circuits of a checked job, with noise only if the Qobj has a noise model.

    ``method``, ``noise_model`` and Aer's tuning options come from the Qobj's config or from
    ``backend_options`` in it; a simulator with a fixed method ignores ``method``.

    Args:
        simulator: the Aer simulator to use.
        device: the cloud simulator of the job.
        qobj: a Qobj that ``validate`` accepted for the device.
        shots: number of shots.
        seed: seed of the first circuit; Aer derives the seeds of the others as in a local run.
        part: positions of the circuits to simulate, ascending without gaps.

    Returns:
        One outcome per circuit of the part, in order, and whether a noise model was used.

    Raises:
        JobRefused: if an instruction is invalid, or an option has the wrong type or is out of
            range.
    """
    config = qobj["config"]
    given = {**_object(config.get("backend_options")), **config}
    if device.simulation_method is not None:
        given["method"] = device.simulation_method
    options = {**checked_options(given), "shots": shots, "memory": bool(config.get("memory"))}
    noise = read_noise_model(given.get("noise_model"))
    if noise is not None:
        options["noise_model"] = noise
    circuits = [
        build_circuit(
            experiment["instructions"],
            qubits=range(circuit_width(experiment)),
            slots=range(_slots(experiment, config)),
            basis=None,
            name=str((experiment.get("header") or {}).get("name", f"circuit{index}")),
        )
        for index, experiment in zip(part, qobj["experiments"][part.start : part.stop], strict=True)
    ]
    runs = run_batch(simulator, circuits, seed_at(seed, part.start), **options)
    return [replace(run, data=_legacy_snapshots(run.data)) for run in runs], noise is not None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _slots(experiment: dict[str, Any], config: dict[str, Any]) -> int:
    """Return the number of simulated memory slots; slots above the last used one stay 0."""
    own = experiment.get("config") or {}
    stated = own.get("memory_slots")
    if stated is None:
        stated = config.get("memory_slots") or 0
    highest = max(used_slots(experiment["instructions"]), default=-1)
    return max(min(int(stated), 1), highest + 1)


def _legacy_snapshots(data: dict[str, Any]) -> dict[str, Any]:
    """Move the data of old ``snapshot`` instructions to their position in old results."""
    moved: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for key, value in data.items():
        if key.startswith("snapshot:"):
            _, kind, label = key.split(":", 2)
            moved.setdefault(kind, {})[label] = [value]
        else:
            kept[key] = value
    return {**kept, "snapshots": moved} if moved else kept
