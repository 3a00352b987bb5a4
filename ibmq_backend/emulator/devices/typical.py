"""The typical calibration of a device: the median of its published ones, without outliers."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

__all__ = ["SECONDS", "TypicalCalibration", "is_broken", "typical"]

Document = dict[str, Any]

_Key = tuple[str, tuple[int, ...], str]
"""Gate ("" for the qubit itself), qubits, and name of a value."""

SECONDS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
"""Units of times in calibration documents; the micro sign, as Qiskit and Aer have it."""

_PULSES_OF: Final = {"sx": ("u2", 1), "x": ("u2", 1), "u2": ("sx", 1), "u3": ("sx", 2)}
"""Gate of the other basis with the same pulse, and how many of them the gate takes."""

_MEASURED: Final = frozenset(
    {"T1", "T2", "readout_error", "prob_meas0_prep1", "prob_meas1_prep0", "gate_error"}
)

_FACTOR: Final = 5
"""An implausible value is worse by this factor than the median of the device, and than a limit."""

_SHORTEST_SECONDS: Final = 10e-6
_HIGHEST_ERROR: Final = {1: 0.02, 2: 0.1}  # by number of qubits of the gate
_HIGHEST_READOUT_ERROR: Final = 0.1

_LENGTHS_TOO_LONG: Final = {("ibmq_cambridge", "2020-04-27"), ("ibmq_toronto", "2021-03-15")}
"""Calibrations whose lengths are 16 times those of the device's other date: pulses of 569 and 835
ns, and cx of 7 and 9 µs. Qubits that relax for so long have 9 to 17 times the errors that the same
calibrations state; in all others the lengths explain the errors or less."""
_TIMES_TOO_LONG: Final = 16


@dataclass(frozen=True, slots=True)
class TypicalCalibration:
    """The typical calibration of a device and how it was found.

    Attributes:
        document: a calibration document in wire form.
        dates: ``last_update_date`` of the documents, oldest first.
        repaired: implausible values that the median of the device's qubits replaces, in words:
            "readout_error of qubit 4, 9".
    """

    document: Document
    dates: tuple[str, ...]
    repaired: tuple[str, ...]

    @property
    def statement(self) -> str:
        """What was done, in words: "median of 4 calibrations, 2019-10-16 to 2021-01-20"."""
        days = [_day(date) for date in self.dates]
        if len(days) == 1:
            text = f"one calibration, {days[0]}"
        else:
            text = f"median of {len(days)} calibrations, {days[0]} to {days[-1]}"
        return f"{text}; repaired: {'; '.join(self.repaired)}" if self.repaired else text


def typical(documents: Sequence[Document]) -> TypicalCalibration:
    """Return the typical calibration of a device.

    Gates, names and lengths are those of the newest document; T1, T2, readout errors and gate
    errors are medians over all documents that have them. A gate that is broken in the newest
    document stays broken; elsewhere the values of broken gates do not count. Nor do implausible
    values, which are five times worse than the device's median and beyond a limit (T1 and T2 below
    10 µs, errors above 2 %, with two qubits and of readout above 10 %), unless the value is like
    that on every one of several dates. If there is only one date, the device's median replaces
    them. Lengths of two published calibrations that are known to be too long are divided.

    Args:
        documents: calibration documents of one device in wire form, oldest first.

    Raises:
        ValueError: if there is no document.
    """
    if not documents:
        raise ValueError("a typical calibration needs at least one document")
    document = copy.deepcopy(documents[-1])
    tables = [dict(_values(each)) for each in documents]
    levels = _levels(tables)
    plausible = [
        {key: value for key, value in table.items() if not _is_implausible(key, table, levels)}
        for table in tables
    ]
    repaired: dict[str, list[str]] = {}
    for key, parameter in _parameters(document):
        every = _samples(tables, key)
        kept = _samples(plausible, key)
        if kept or len(every) > 1:
            value = median(kept or every)
        else:
            value = levels[key[0], key[2]]
            if not key[2].startswith("prob_meas"):  # said by the readout error
                place = "-".join(map(str, key[1]))
                repaired.setdefault(f"{key[2]} of {key[0] or 'qubit'}", []).append(place)
        if value != tables[-1][key]:
            parameter["value"] = value / SECONDS.get(parameter["unit"], 1.0)
    dates = tuple(str(each["last_update_date"]) for each in documents)
    words = [f"{what} {', '.join(places)}" for what, places in repaired.items()]
    if (document["backend_name"], dates[-1][:10]) in _LENGTHS_TOO_LONG:
        for parameter in _lengths(document):
            parameter["value"] /= _TIMES_TOO_LONG
        words.append(f"lengths of gates and readout, {_TIMES_TOO_LONG} times too long")
    return TypicalCalibration(document, dates, tuple(words))


def is_broken(gate: Document) -> bool:
    """Return whether a gate has an error of 1 or more, or ``operational`` 0."""
    return any(
        (parameter["name"] == "gate_error" and parameter["value"] >= 1)
        or (parameter["name"] == "operational" and not parameter["value"])
        for parameter in gate["parameters"]
    )


def _parameters(document: Document) -> Iterator[tuple[_Key, Document]]:
    """Yield the measured values of all qubits and of the gates that are not broken."""
    for qubit, parameters in enumerate(document["qubits"]):
        for parameter in parameters:
            if parameter["name"] in _MEASURED:
                yield ("", (qubit,), parameter["name"]), parameter
    for gate in document["gates"]:
        if not is_broken(gate):
            for parameter in gate["parameters"]:
                if parameter["name"] in _MEASURED:
                    yield (gate["gate"], tuple(gate["qubits"]), parameter["name"]), parameter


def _lengths(document: Document) -> Iterator[Document]:
    """Yield the lengths of readout, resets and gates."""
    blocks = [*document["qubits"], *(gate["parameters"] for gate in document["gates"])]
    for parameter in (each for block in blocks for each in block):
        if parameter["name"] in {"gate_length", "readout_length"}:
            yield parameter


def _values(document: Document) -> Iterator[tuple[_Key, float]]:
    """Yield the measured values of a document, times in seconds."""
    for key, parameter in _parameters(document):
        yield key, parameter["value"] * SECONDS.get(parameter["unit"], 1.0)


def _levels(tables: Sequence[Mapping[_Key, float]]) -> dict[tuple[str, str], float]:
    """Return the median of each value over all qubits and dates, by gate and name."""
    found: dict[tuple[str, str], list[float]] = {}
    for table in tables:
        for (gate, _, name), value in table.items():
            found.setdefault((gate, name), []).append(value)
    return {key: median(values) for key, values in found.items()}


def _samples(tables: Sequence[Mapping[_Key, float]], key: _Key) -> list[float]:
    """Return the values of all dates; that of the same pulse where the basis was another one."""
    gate, qubits, name = key
    other, pulses = _PULSES_OF.get(gate, (gate, 1))
    found = []
    for table in tables:
        if key in table:
            found.append(table[key])
        elif (other, qubits, name) in table:
            found.append(pulses * table[other, qubits, name])
    return found


def _is_implausible(
    key: _Key, table: Mapping[_Key, float], levels: Mapping[tuple[str, str], float]
) -> bool:
    gate, qubits, name = key
    if name.startswith("prob_meas"):  # measured together with the readout error
        name = "readout_error"
    value, level = table.get((gate, qubits, name)), levels.get((gate, name))
    if value is None or level is None:
        return False
    if name in ("T1", "T2"):
        return value < min(_SHORTEST_SECONDS, level / _FACTOR)
    if name == "readout_error":
        return value > max(_HIGHEST_READOUT_ERROR, level * _FACTOR)
    return value > max(_HIGHEST_ERROR.get(len(qubits), 1.0), level * _FACTOR)


def _day(text: str) -> str:
    """Return the day of a date in UTC, as the emulation's date is."""
    date = datetime.fromisoformat(text)
    return (date.astimezone(UTC) if date.tzinfo else date).date().isoformat()
