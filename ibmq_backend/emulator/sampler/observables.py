"""The observables of an estimator, and the bases in which they are measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.sampler.typed_values import num_elements

__all__ = ["MAX_ESTIMATES", "Basis", "Observable", "broadcast", "group", "read_observables"]

MAX_ESTIMATES: Final = 1_000_000
"""Limit of expectation values of a pub, which are kept in memory; not the service's."""

Observable = Mapping[str, float]
"""Coefficients by Pauli string, of which the last letter acts on qubit 0."""

Basis = dict[int, str]
"""The letter X, Y or Z in which each measured qubit is measured."""


def read_observables(
    content: Any, num_qubits: int, label: str
) -> tuple[list[int], list[Observable]]:
    """Read the observables of a pub.

    Args:
        content: a string, an object or nested arrays of them, in their documented form.
        num_qubits: qubits of the circuit.
        label: name of the circuit for messages.

    Returns:
        The shape of the arrays, and the observables in C order.

    Raises:
        JobRefused: 1501, if the width of an observable is not that of the circuit; 3211, if the
            arrays have different lengths.
    """
    shape: list[int] = []
    level = [content]
    while any(isinstance(one, list) for one in level):
        lengths = {len(one) if isinstance(one, list) else -1 for one in level}
        if len(lengths) > 1:
            raise JobRefused(
                f"The observables of {label} are nested arrays of different lengths",
                ErrorCode.JOB_NOT_VALID,
            )
        shape.extend(lengths)
        level = [inner for one in level for inner in one]
    observables = [{one: 1.0} if isinstance(one, str) else one for one in level]
    for pauli in (pauli for one in observables for pauli in one):
        if len(pauli) != num_qubits:
            raise JobRefused(
                f"{label} has {num_qubits} qubits, and one of its observables {len(pauli)}",
                ErrorCode.OBSERVABLE_WIDTH,
            )
    return shape, observables


def broadcast(
    values: Sequence[int], observables: Sequence[int], label: str
) -> tuple[list[int], Iterator[tuple[int, int]]]:
    """Combine parameter values and observables by the rules of NumPy.

    Args:
        values: shape of the parameter values.
        observables: shape of the observables.
        label: name of the circuit for messages.

    Returns:
        The shape of the pub, and for each of its elements the positions of the values and of the
        observable, in C order.

    Raises:
        JobRefused: 3211, if the shapes do not fit; 1520, if there are too many elements.
    """
    try:
        shape = np.broadcast_shapes(tuple(values), tuple(observables))
    except ValueError:
        raise JobRefused(
            f"The observables of {label} have the shape {list(observables)}, which cannot be "
            f"broadcast with that of the parameter values, {list(values)}",
            ErrorCode.JOB_NOT_VALID,
        ) from None
    if num_elements(shape) > MAX_ESTIMATES:
        raise JobRefused(
            f"{label} has {num_elements(shape)} expectation values; at most {MAX_ESTIMATES} are "
            "possible",
            ErrorCode.OVER_SYSTEM_LIMITS,
        )

    def places(own: Sequence[int]) -> NDArray[np.int64]:
        numbers = np.arange(math.prod(own)).reshape(tuple(own))
        return np.broadcast_to(numbers, shape).ravel()

    pairs = zip(places(values).tolist(), places(observables).tolist(), strict=True)
    return list(shape), pairs


def group(paulis: Iterable[str]) -> list[tuple[Basis, list[str]]]:
    """Group Pauli strings that can be measured together, qubit by qubit in the same basis.

    Returns:
        Each basis with its strings; a string of I alone needs no measurement and is in no group.
    """
    groups: list[tuple[Basis, list[str]]] = []
    for pauli in dict.fromkeys(paulis):
        letters = {qubit: letter for qubit, letter in enumerate(reversed(pauli)) if letter != "I"}
        if not letters:
            continue
        for basis, members in groups:
            if all(basis.get(qubit, letter) == letter for qubit, letter in letters.items()):
                basis.update(letters)
                members.append(pauli)
                break
        else:
            groups.append((dict(letters), [pauli]))
    return groups
