"""The calibration of a device as rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_MICROSECONDS: Final = {"s": 1e6, "ms": 1e3, "us": 1.0, "µs": 1.0, "ns": 1e-3}
_GIGAHERTZ: Final = {"GHz": 1.0, "MHz": 1e-3, "kHz": 1e-6, "Hz": 1e-9}
_PER_CENT: Final = {"": 100.0, "%": 1.0}

Values = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class QubitRow:
    """The calibration of one qubit; None for what was not measured.

    Attributes:
        t1: relaxation time T1 in µs.
        t2: dephasing time T2 in µs.
        frequency: frequency in GHz.
        readout_error: readout error in per cent.
    """

    t1: float | None
    t2: float | None
    frequency: float | None
    readout_error: float | None


@dataclass(frozen=True, slots=True)
class GateRow:
    """The calibration of one gate on a pair of qubits.

    Attributes:
        gate: name of the gate.
        qubits: the qubits, as in "0, 1".
        error: error rate in per cent; None if unknown.
        length: duration in ns; None if unknown.
    """

    gate: str
    qubits: str
    error: float | None
    length: float | None


def qubit_rows(properties: Mapping[str, Any]) -> list[QubitRow]:
    """Return the rows of all qubits of a calibration in the form of the service."""
    return [
        QubitRow(
            _find(values, "T1", _MICROSECONDS),
            _find(values, "T2", _MICROSECONDS),
            _find(values, "frequency", _GIGAHERTZ),
            _find(values, "readout_error", _PER_CENT),
        )
        for values in properties["qubits"]
    ]


def pair_rows(properties: Mapping[str, Any]) -> list[GateRow]:
    """Return the rows of all gates on two qubits."""
    gates: Sequence[Mapping[str, Any]] = properties["gates"]
    rows = []
    for gate in sorted(gates, key=lambda one: (one["qubits"], one["gate"])):
        if len(gate["qubits"]) == 2:
            values = gate["parameters"]
            length = _find(values, "gate_length", _MICROSECONDS)
            rows.append(
                GateRow(
                    gate["gate"],
                    ", ".join(map(str, gate["qubits"])),
                    _find(values, "gate_error", _PER_CENT),
                    None if length is None else 1000 * length,
                )
            )
    return rows


def _find(values: Values, name: str, factors: Mapping[str, float]) -> float | None:
    for value in values:
        if value["name"] == name and value["unit"] in factors:
            return float(value["value"]) * factors[value["unit"]]
    return None
