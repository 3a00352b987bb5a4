"""Circuits of a job on one of the cloud simulators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qiskit_aer import AerSimulator

from .aer_runs import CircuitRun, run_batch
from .circuits import build_circuit, used_slots
from .devices import Device
from .noise_documents import read_noise_model
from .validation import JobRefused

__all__ = ["run_on_simulator"]

_METHODS = frozenset(
    {
        "automatic", "statevector", "density_matrix", "stabilizer", "extended_stabilizer",
        "matrix_product_state",
    }
)  # fmt: skip
_PASSED_ON: dict[str, type] = {
    "fusion_enable": bool,
    "fusion_max_qubit": int,
    "fusion_threshold": int,
    "zero_threshold": float,
    "validation_threshold": float,
    "extended_stabilizer_sampling_method": str,
    "extended_stabilizer_metropolis_mixing_time": int,
    "extended_stabilizer_approximation_error": float,
    "matrix_product_state_max_bond_dimension": int,
    "matrix_product_state_truncation_threshold": float,
}


def run_on_simulator(
    simulator: AerSimulator, device: Device, qobj: dict[str, Any], shots: int, seed: int
) -> tuple[list[CircuitRun], bool]:
    """Simulate the circuits of a checked job; noise only if the Qobj brings a noise model.

    `method`, `noise_model` and Aer's tuning options are taken from the Qobj's config, or from
    `backend_options` in it; a simulator with a method of its own keeps that.

    Args:
        simulator: the Aer simulator to use.
        device: the simulator that the job was sent to.
        qobj: a Qobj that `validate` accepted for it.
        shots: number of shots.
        seed: seed of the first circuit; later ones are derived by Aer as in a local run.

    Returns:
        One outcome per circuit, in order, and whether a noise model was used.

    Raises:
        JobRefused: if an instruction or option makes no sense.
    """
    config = qobj["config"]
    given = {**_object(config.get("backend_options")), **config}
    options: dict[str, Any] = {"shots": shots, "memory": bool(config.get("memory"))}
    options["method"] = device.simulation_method or _method(given.get("method"))
    for key, kind in _PASSED_ON.items():
        if given.get(key) is not None:
            options[key] = _cast(key, given[key], kind)
    noise = read_noise_model(given.get("noise_model"))
    if noise is not None:
        options["noise_model"] = noise
    circuits = [
        build_circuit(
            experiment["instructions"],
            qubits=range(_width(experiment)),
            slots=range(_slots(experiment, config)),
            era=None,
            name=str((experiment.get("header") or {}).get("name", f"circuit{index}")),
        )
        for index, experiment in enumerate(qobj["experiments"])
    ]
    runs = run_batch(simulator, circuits, seed, **options)
    return [replace(run, data=_legacy_snapshots(run.data)) for run in runs], noise is not None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _method(value: object) -> str:
    if value is None:
        return "automatic"
    if not isinstance(value, str) or value.removesuffix("_gpu") not in _METHODS:
        known = ", ".join(sorted(_METHODS))
        raise JobRefused(f"The simulation method {value!r} is none of {known}", 1002)
    return value.removesuffix("_gpu")


def _cast(key: str, value: Any, kind: type) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise JobRefused(f"The simulator option {key!r} cannot be {value!r}", 1002) from error


def _width(experiment: dict[str, Any]) -> int:
    own = experiment.get("config") or {}
    stated = own.get("n_qubits", 0) or 0
    highest = max(
        (qubit for entry in experiment["instructions"] for qubit in entry.get("qubits") or ()),
        default=0,
    )
    return max(int(stated), highest + 1)


def _slots(experiment: dict[str, Any], config: dict[str, Any]) -> int:
    own = experiment.get("config") or {}
    stated = own.get("memory_slots")
    if stated is None:
        stated = config.get("memory_slots") or 0
    highest = max(used_slots(experiment["instructions"]), default=-1)
    return max(int(stated), highest + 1)


def _legacy_snapshots(data: dict[str, Any]) -> dict[str, Any]:
    """Move what old `snapshot` instructions saved to where old results had it."""
    moved: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for key, value in data.items():
        if key.startswith("snapshot:"):
            _, kind, label = key.split(":", 2)
            moved.setdefault(kind, {})[label] = [value]
        else:
            kept[key] = value
    return {**kept, "snapshots": moved} if moved else kept
