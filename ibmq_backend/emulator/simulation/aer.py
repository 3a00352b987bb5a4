"""Runs of circuits with Aer, with results as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit_aer import AerSimulator

__all__ = ["CircuitRun", "run_batch", "seed_at"]

_SEED_STEP = 2113  # of Aer's controller: seeds of circuits of one call
_MAX_SHOTS_WITH_MEMORY = 1 << 19  # of one call of Aer, whose result takes 140 bytes for each


@dataclass(frozen=True)
class CircuitRun:
    """Outcome of one circuit.

    Attributes:
        success: False if the simulation failed.
        status: "DONE", or the reason of the failure.
        data: JSON values: ``counts`` by hexadecimal memory value, ``memory`` if requested, saved
            states with complex numbers as ``[re, im]``.
        seed: seed that Aer used.
        seconds: time of the simulation.
        metadata: Aer's metadata of the simulation: method, number of qubits.
        meas_level: 2 for bits, 1 for points in the IQ plane.
        meas_return: "single" or "avg" for such points, None for bits.
    """

    success: bool
    status: str
    data: dict[str, Any]
    seed: int
    seconds: float = 0.0
    metadata: dict[str, Any] = field(default_factory=dict)
    meas_level: int = 2
    meas_return: str | None = None


def seed_at(seed: int, position: int) -> int:
    """Return the seed that Aer gives to a circuit of a call.

    Args:
        seed: seed of the first circuit.
        position: number of circuits before.
    """
    return seed + _SEED_STEP * position


def run_batch(
    simulator: AerSimulator, circuits: Sequence[QuantumCircuit], seed: int, **options: Any
) -> list[CircuitRun]:
    """Run circuits in one call of Aer, or in several; failures are reported per circuit.

    Args:
        simulator: the simulator to use.
        circuits: at least one circuit.
        seed: seed of the first circuit; Aer derives the seeds of the others.
        options: run options of Aer, among them ``shots`` and ``memory``.

    Raises:
        MemoryError: if memory ran out, which ends the whole job.
    """
    most = max(1, _MAX_SHOTS_WITH_MEMORY // options["shots"]) if options.get("memory") else None
    if most is not None and len(circuits) > most:
        return [
            run
            for first in range(0, len(circuits), most)
            for run in run_batch(
                simulator, circuits[first : first + most], seed_at(seed, first), **options
            )
        ]
    try:
        result = simulator.run(
            list(circuits),
            seed_simulator=seed,
            **{"max_parallel_experiments": _parallel_circuits(simulator, len(circuits)), **options},
        ).result()
    except (QiskitError, ValueError, TypeError, KeyError, RuntimeError) as error:
        # Aer rejects some inputs as a whole, not by circuit.
        failed = CircuitRun(False, f"ERROR: {error or type(error).__name__}", {}, seed)
        return [failed] * len(circuits)
    if len(result.results) != len(circuits):
        failed = CircuitRun(False, f"ERROR: {result.status}", {}, seed)
        return [failed] * len(circuits)
    runs = []
    for entry in result.results:
        success = bool(entry.success)
        metadata = getattr(entry, "metadata", None) or {}
        runs.append(
            CircuitRun(
                success=success,
                status="DONE" if success else str(entry.status),
                data=_plain(entry.data.to_dict()) if success else {},
                seed=int(getattr(entry, "seed_simulator", seed)),
                seconds=float(getattr(entry, "time_taken", 0.0)),
                metadata={
                    key: metadata[key] for key in ("method", "num_qubits") if key in metadata
                },
            )
        )
    return runs


def _parallel_circuits(simulator: AerSimulator, circuits: int) -> int:
    """Return how many circuits run at a time; with 1 the shots of a circuit share the cores."""
    cores = int(simulator.options.max_parallel_threads)
    return cores if circuits >= cores else 1


def _plain(value: Any) -> Any:
    """Return a value of Aer as JSON values; complex numbers become ``[re, im]``."""
    if isinstance(value, dict):
        return {_key(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], str):  # the memory, which is long: equal texts are one
            texts: dict[str, str] = {}
            return list(map(texts.setdefault, value, value))
        return [_plain(entry) for entry in value]
    if isinstance(value, np.ndarray):
        if np.iscomplexobj(value):
            return np.stack([value.real, value.imag], axis=-1).tolist()
        return value.tolist()
    if isinstance(value, complex | np.complexfloating):
        return [float(value.real), float(value.imag)]
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "data"):  # Statevector, DensityMatrix, Operator
        return _plain(value.data)
    return _plain(value.to_dict())


def _key(key: Any) -> str:
    return hex(key) if isinstance(key, int | np.integer) else str(key)
