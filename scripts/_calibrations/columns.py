"""Calibration documents in columns: the opposite of ``calibration_files.expand``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ibmq_backend.emulator.devices.calibration_files import expand

Document = dict[str, Any]

_IN_COLUMNS = frozenset({"backend_version", "last_update_date", "qubits", "gates", "general"})


def to_columns(document: Document) -> Document:
    """Return a calibration document in columns.

    Raises:
        ValueError: it cannot be restored from the columns.
    """
    dates = _Numbers()
    gates, order = _gates(document["gates"], dates)
    columns: Document = {
        "last_update_date": document["last_update_date"],
        "backend_version": document["backend_version"],
        "fields": {key: value for key, value in document.items() if key not in _IN_COLUMNS},
        "qubits": {
            "count": len(document["qubits"]),
            "parameters": _parameters(document["qubits"], dates),
        },
        "gates": gates,
        "general": _general(document["general"], dates),
    }
    if order != sorted(order):
        columns["gate_order"] = order
    columns["dates"] = list(dates)
    if expand(columns, Path(document["backend_name"])) != document:
        name, date = document["backend_name"], document["last_update_date"]
        raise ValueError(f"the calibration of {name} of {date} cannot be put in columns")
    return columns


class _Numbers(dict[str, int]):
    """Numbers texts in the order of their first use."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


def _gates(gates: Sequence[Document], dates: _Numbers) -> tuple[list[Document], list[int]]:
    numbers = _Numbers()
    order = [numbers[gate["gate"]] for gate in gates]
    tables = []
    for name in numbers:
        those = [gate for gate in gates if gate["gate"] == name]
        table: Document = {"gate": name}
        labels = [gate.get("name") for gate in those]
        joined = [name + "_".join(str(qubit) for qubit in gate["qubits"]) for gate in those]
        if labels == joined:
            table["names"] = True
        elif any(label is not None for label in labels):
            table["names"] = labels
        table["qubits"] = [gate["qubits"] for gate in those]
        table["parameters"] = _parameters([gate["parameters"] for gate in those], dates)
        tables.append(table)
    return tables, order


def _parameters(rows: Sequence[Sequence[Document]], dates: _Numbers) -> Document:
    found = []
    for row in rows:
        found.append({block["name"]: block for block in row})
    names = dict.fromkeys(name for row in sorted(found, key=len, reverse=True) for name in row)
    table = {}
    for name in names:
        blocks = [row.get(name) for row in found]
        table[name] = {
            "unit": next(block["unit"] for block in blocks if block),
            "value": _shorten(block["value"] if block else None for block in blocks),
            "date": _shorten(dates[block["date"]] if block else 0 for block in blocks),
        }
    return table


def _general(blocks: Sequence[Document], dates: _Numbers) -> Document:
    return {
        "name": [block["name"] for block in blocks],
        "unit": _shorten(block["unit"] for block in blocks),
        "value": _shorten(block["value"] for block in blocks),
        "date": _shorten(dates[block["date"]] for block in blocks),
    }


def _shorten(values: Iterable[Any]) -> Any:
    """Return a column, or its only value."""
    column = list(values)
    if column and column[0] is not None and column.count(column[0]) == len(column):
        return column[0]
    return column
