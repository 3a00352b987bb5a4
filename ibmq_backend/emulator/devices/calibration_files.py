"""Dated calibrations of devices: which there are, and reading them.

``calibrations/index.json`` lists the calibrations that older and newer packages published besides
the one in qiskit-terra 0.46, and ``calibrations/NAME.json`` has those of a device in columns, a
quarter of the size of the documents. ``scripts/calibrations`` writes both; docs/calibrations.md
describes the form. A file is read when its first calibration is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any, Final

from ibmq_backend.emulator.devices.snapshots import SnapshotError, read_document
from ibmq_backend.emulator.devices.typical import SECONDS

__all__ = [
    "FOLDER",
    "CalibrationIndex",
    "DatedCalibration",
    "check_properties",
    "expand",
    "known_on",
    "read_index",
    "read_moment",
]

Document = dict[str, Any]

FOLDER: Final = Path(__file__).parent / "calibrations"

_HEADER: Final[dict[str, type]] = {
    "last_update_date": str,
    "backend_version": str,
    "source": str,
    "basis_gates": list,
    "n_qubits": int,
}
_TIMES: Final = ("T1", "T2", "readout_length", "gate_length")
_CACHED_FILES: Final = 4
_REQUIRED: Final[dict[str, type]] = {
    "backend_version": str,
    "last_update_date": object,
    "qubits": list,
    "gates": list,
    "general": list,
}


@dataclass(frozen=True, eq=False)
class DatedCalibration:
    """One published calibration of a device, which is read when it is needed.

    Attributes:
        date: its ``last_update_date``, aware and in UTC.
        source: the package that published it, or the user's folder, in words.
        path: the file that has it.
        num_qubits: number of qubits of the device on that date.
        position: its place in a file of several calibrations; None if the file is the document.
        backend_version: version of the device on that date; None for that of the configuration.
        basis_gates: gates of that date; None for those of the configuration.
        coupling_map: pairs of the two-qubit gates; None for those of the configuration.
    """

    date: datetime
    source: str
    path: Path
    num_qubits: int
    position: int | None = None
    backend_version: str | None = None
    basis_gates: tuple[str, ...] | None = None
    coupling_map: tuple[tuple[int, int], ...] | None = None

    def read(self) -> Document:
        """Return the document as it was published, a fresh copy.

        Raises:
            SnapshotError: the file is damaged.
        """
        document = self._read()
        check_properties(document, self.num_qubits, self.path)
        return document

    def _read(self) -> Document:
        if self.position is None:
            return read_document(self.path)
        columns = _read_columns(self.path)
        if self.position >= len(columns):
            raise SnapshotError(self.path, f"'calibrations' has no entry {self.position}")
        return expand(columns[self.position], self.path)


@dataclass(frozen=True)
class CalibrationIndex:
    """The calibrations that this package has, by device.

    Attributes:
        calibrations: calibrations by name of the device, oldest first.
        in_terra: date of the calibration that qiskit-terra has, by name of the device.
    """

    calibrations: Mapping[str, Sequence[DatedCalibration]]
    in_terra: Mapping[str, datetime]

    @property
    def dates(self) -> list[datetime]:
        """The dates of all calibrations, in no order."""
        listed = [each.date for group in self.calibrations.values() for each in group]
        return [*listed, *self.in_terra.values()]


def read_index(folder: Path = FOLDER) -> CalibrationIndex:
    """Return which calibrations there are, without reading them.

    Raises:
        SnapshotError: the list is damaged.
    """
    path = folder / "index.json"
    calibrations: dict[str, Sequence[DatedCalibration]] = {}
    in_terra = {}
    for name, entry in _field(read_document(path), "devices", dict, path).items():
        in_terra[name] = read_moment(_field(entry, "in_terra", str, path, name), path)
        listed = _field(entry, "calibrations", list, path, name)
        calibrations[name] = [
            _dated(header, position, folder / f"{name}.json", path)
            for position, header in enumerate(listed)
        ]
    return CalibrationIndex(calibrations, in_terra)


def known_on(
    date: datetime | None, calibrations: Sequence[DatedCalibration]
) -> Sequence[DatedCalibration]:
    """Return the calibrations up to a date; if there is none, only the first one.

    Args:
        date: the date of the emulation; None for all.
        calibrations: those of a device, oldest first.
    """
    if date is None:
        return calibrations
    return [each for each in calibrations if each.date <= date] or calibrations[:1]


def expand(columns: Document, path: Path) -> Document:
    """Return the published document of a calibration in columns.

    Args:
        columns: an entry of ``calibrations``.
        path: the file, for errors.

    Raises:
        SnapshotError: a field is missing or damaged; the error names it.
    """
    date = str(columns.get("last_update_date"))
    try:
        dates = columns["dates"]
        return {
            **columns["fields"],
            "backend_version": columns["backend_version"],
            "last_update_date": columns["last_update_date"],
            "qubits": _qubits(columns["qubits"], dates),
            "gates": _gates(columns["gates"], columns.get("gate_order"), dates),
            "general": list(_rows(columns["general"], "general", dates)),
        }
    except KeyError as error:
        raise SnapshotError(path, f"the calibration of {date} lacks {error}") from error
    except _DamagedColumn as error:
        raise SnapshotError(path, f"in the calibration of {date}, {error}") from error
    except (TypeError, AttributeError, IndexError, ValueError) as error:
        raise SnapshotError(path, f"the calibration of {date} is damaged ({error!r})") from error


def check_properties(document: Document, num_qubits: int, path: Path) -> None:
    """Check what the emulator reads of a calibration document.

    Raises:
        SnapshotError: a field is missing, a time has an unknown unit, or the document is of another
            number of qubits.
    """
    for key, kind in _REQUIRED.items():
        if key not in document:
            raise SnapshotError(path, f"lacks {key!r}")
        _field(document, key, kind, path)
    if len(document["qubits"]) != num_qubits:
        found = len(document["qubits"])
        raise SnapshotError(path, f"describes {found} qubits, but the configuration {num_qubits}")
    for number, parameters in enumerate(document["qubits"]):
        _check_parameters(parameters, f"qubit {number}", path)
    for number, gate in enumerate(document["gates"]):
        where = f"gate {number}"
        where += f" ({_field(gate, 'gate', str, path, where)})"
        for qubit in _field(gate, "qubits", list, path, where):
            if not isinstance(qubit, int) or not 0 <= qubit < num_qubits:
                raise SnapshotError(path, f"{where}: 'qubits' has {qubit!r}, not a qubit")
        _check_parameters(_field(gate, "parameters", list, path, where), where, path)
    _check_parameters(document["general"], "general", path)


def read_moment(text: object, path: Path) -> datetime:
    """Return a date of a file, aware and in UTC.

    Raises:
        SnapshotError: it is not an ISO time.
    """
    try:
        date = datetime.fromisoformat(str(text))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SnapshotError(path, f"has an unreadable date {text!r}") from error


class _DamagedColumn(ValueError):
    """A column does not fit the others."""


@lru_cache(maxsize=_CACHED_FILES)
def _read_columns(path: Path) -> list[Document]:
    found: list[Document] = _field(read_document(path), "calibrations", list, path)
    return found


def _check_parameters(parameters: object, of: str, path: Path) -> None:
    if not isinstance(parameters, list):
        raise SnapshotError(path, f"{of}: must be a list, not {type(parameters).__name__}")
    for parameter in parameters:
        name = _field(parameter, "name", str, path, of)
        for key in ("unit", "date"):
            _field(parameter, key, str, path, f"{of}, {name}")
        unit = parameter["unit"]
        if name in _TIMES and unit not in SECONDS:
            known = ", ".join(SECONDS)
            raise SnapshotError(path, f"{of}, {name}: the unit is {unit[:20]!r}, not {known}")
        value = parameter.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise SnapshotError(path, f"{of}, {name}: 'value' must be a number, not {value!r}")
        if name in _TIMES and (value < 0 or (value == 0 and name in ("T1", "T2"))):
            raise SnapshotError(path, f"{of}, {name}: 'value' is {value}, not a time")


def _dated(header: Document, position: int, path: Path, index: Path) -> DatedCalibration:
    for key, kind in _HEADER.items():
        _field(header, key, kind, index, f"{path.stem}, calibration {position}")
    try:
        pairs = header.get("coupling_map")
        coupling = None if pairs is None else tuple((first, second) for first, second in pairs)
    except (TypeError, ValueError) as error:
        where = f"{path.stem}, calibration {position}"
        raise SnapshotError(index, f"{where}: 'coupling_map' must be a list of pairs") from error
    return DatedCalibration(
        date=read_moment(header["last_update_date"], index),
        source=f"{header['source']} snapshot",
        path=path,
        num_qubits=header["n_qubits"],
        position=position,
        backend_version=header["backend_version"],
        basis_gates=tuple(header["basis_gates"]),
        coupling_map=coupling,
    )


def _field(document: Document, key: str, kind: type, path: Path, of: str = "") -> Any:
    value = document.get(key) if isinstance(document, dict) else None
    if not isinstance(value, kind):
        where = f"{of}: " if of else ""
        raise SnapshotError(path, f"{where}needs {key!r} of type {kind.__name__}")
    return value


def _qubits(table: Document, dates: Sequence[str]) -> list[list[Document]]:
    count = table["count"]
    return [list(row) for row in _parameters(table["parameters"], count, "qubits", dates)]


def _gates(
    tables: Sequence[Document], order: Sequence[int] | None, dates: Sequence[str]
) -> list[Document]:
    grouped = [list(_gates_of(table, dates)) for table in tables]
    if order is None:
        return [gate for gates in grouped for gate in gates]
    if sorted(order) != [index for index, gates in enumerate(grouped) for _ in gates]:
        raise _DamagedColumn("'gate_order' does not name each gate once")
    remaining = [iter(gates) for gates in grouped]
    return [next(remaining[index]) for index in order]


def _gates_of(table: Document, dates: Sequence[str]) -> Iterator[Document]:
    name, qubits = table["gate"], table["qubits"]
    labels = table.get("names")
    if isinstance(labels, list) and len(labels) != len(qubits):
        raise _DamagedColumn(f"'names' of {name} has {len(labels)} entries for {len(qubits)} gates")
    rows = _parameters(table["parameters"], len(qubits), name, dates)
    for index, row in enumerate(rows):
        gate = {"qubits": list(qubits[index]), "gate": name, "parameters": list(row)}
        if labels is True:
            gate["name"] = name + "_".join(str(qubit) for qubit in qubits[index])
        elif labels and labels[index] is not None:
            gate["name"] = labels[index]
        yield gate


def _parameters(
    table: Mapping[str, Document], count: int, of: str, dates: Sequence[str]
) -> Iterator[Iterator[Document]]:
    """Yield the parameters of each of ``count`` qubits or gates."""
    columns = {
        name: (
            column["unit"],
            _column(column["value"], count, f"{name} of {of}"),
            _column(column["date"], count, f"the dates of {name} of {of}"),
        )
        for name, column in table.items()
    }
    for row in range(count):
        yield (
            {"date": dates[date[row]], "name": name, "unit": unit, "value": value[row]}
            for name, (unit, value, date) in columns.items()
            if value[row] is not None
        )


def _rows(table: Document, of: str, dates: Sequence[str]) -> Iterator[Document]:
    """Yield parameters that are not of a qubit or gate, each with a name and unit of its own."""
    names = table["name"]
    columns = {
        key: _column(table[key], len(names), f"{key!r} of {of}")
        for key in ("unit", "value", "date")
    }
    for row, name in enumerate(names):
        yield {
            "date": dates[columns["date"][row]],
            "name": name,
            "unit": columns["unit"][row],
            "value": columns["value"][row],
        }


def _column(values: Any, count: int, of: str) -> Sequence[Any]:
    """Return a column; one value instead of a list is that of every row."""
    if not isinstance(values, list):
        return [values] * count
    if len(values) != count:
        raise _DamagedColumn(f"{of} has {len(values)} entries instead of {count}")
    return values
