"""Runs snapshot instructions, which Aer had until 0.11, as save instructions.

A result has them where it did: ``result.data()["snapshots"][type][label]`` is a list. For state
vectors and stabilizers it has an item for each time that the state was simulated; for the other
types, it has a dictionary for each value of the classical bits, ``memory``, with the ``value``;
for expectation values with ``single_shot``, for each shot.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

import numpy as np

PREFIX: Final = "snapshot"
_SEPARATOR: Final = "\x1f"


def with_saved_snapshots(circuits: Any) -> Any:
    """Return circuits, or assembled ones, with save instructions instead of snapshots.

    What has no snapshots is returned as it is.

    Raises:
        AerError: there is no save instruction for the type of a snapshot.
    """
    from qiskit.circuit import QuantumCircuit
    from qiskit.qobj import QasmQobj

    if isinstance(circuits, QasmQobj):
        return _assembled_with_saves(circuits)
    if isinstance(circuits, list | tuple):
        return [with_saved_snapshots(circuit) for circuit in circuits]
    if not isinstance(circuits, QuantumCircuit) or not any(
        each.operation.name == "snapshot" for each in circuits.data
    ):
        return circuits
    made = circuits.copy_empty_like()
    for number, each in enumerate(circuits.data):
        if each.operation.name == "snapshot":
            qubits = circuits.qubits if _is_of_all(each.operation) else each.qubits
            made.append(_save(each.operation, number, len(qubits)), qubits)
        else:
            made._append(each)
    return made


def _assembled_with_saves(qobj: Any) -> Any:
    made = copy.deepcopy(qobj)
    for experiment in made.experiments:
        for number, each in enumerate(experiment.instructions):
            if each.name == "snapshot":
                number_of_all = experiment.header.n_qubits
                qubits = list(range(number_of_all)) if _is_of_all(each) else each.qubits
                experiment.instructions[number] = _save(each, number, len(qubits)).assemble()
                experiment.instructions[number].qubits = qubits
    return made


def _is_of_all(snapshot: Any) -> bool:
    """Return whether Aer saves this type of all qubits only."""
    return snapshot.snapshot_type in ("statevector", "stabilizer")


def _save(snapshot: Any, number: int, size: int) -> Any:
    from qiskit_aer import AerError, library

    kind = snapshot.snapshot_type
    label = _SEPARATOR.join((PREFIX, kind, str(number), snapshot.label))
    if kind == "statevector":
        return library.SaveStatevector(size, label=label, pershot=True)
    if kind == "stabilizer":
        return library.SaveStabilizer(size, label=label, pershot=True)
    if kind == "density_matrix":
        return library.SaveDensityMatrix(size, label=label, conditional=True)
    if kind == "probabilities":
        return library.SaveProbabilitiesDict(size, label=label, conditional=True)
    if kind == "expectation_value" and hasattr(snapshot, "operator"):
        return library.SaveExpectationValue(
            snapshot.operator, label=label, conditional=True, pershot=snapshot.single_shot
        )
    raise AerError(
        f"Aer has no snapshot of type {kind!r}. Use a method of circuits that begins with save_, "
        "such as circuit.save_statevector()."
    )


def move_snapshots(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let the result have the values of snapshots where it did."""

    def format_results(output: Any) -> Any:
        result = original(output)
        for experiment in result.results:
            data = vars(experiment.data)
            snapshots: dict[str, dict[str, list[Any]]] = {}
            keys = [key for key in data if key.startswith(PREFIX + _SEPARATOR)]
            for key in sorted(keys, key=lambda key: int(key.split(_SEPARATOR)[2])):
                _, kind, _, label = key.split(_SEPARATOR, 3)
                values = _as_then(kind, data.pop(key))
                experiment.data._data_attributes.remove(key)
                snapshots.setdefault(kind, {}).setdefault(label, []).extend(values)
            if snapshots:
                data["snapshots"] = snapshots
                experiment.data._data_attributes.append("snapshots")
        return result

    return format_results


def _as_then(kind: str, value: Any) -> list[Any]:
    if kind == "statevector":
        return [each.data for each in value]
    if kind == "stabilizer":
        return [each.clifford.to_dict() for each in value]
    return [
        {"memory": memory, "value": _plain(kind, each)}
        for memory, values in sorted(value.items())
        for each in (values if isinstance(values, list | np.ndarray) else [values])
    ]


def _plain(kind: str, value: Any) -> Any:
    if kind == "probabilities":
        return {hex(outcome): probability for outcome, probability in value.items()}
    return getattr(value, "data", value) if kind == "density_matrix" else value
