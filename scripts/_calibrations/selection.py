"""Which published calibrations are kept, and why others are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from ibmq_backend.emulator.devices.known import OMITTED_STEMS, bare_devices
from ibmq_backend.emulator.devices.snapshots import discover, read_document, terra_folder
from scripts._calibrations.releases import Published

Document = dict[str, Any]

NAMES: Final = {
    "alt_auckland": "ibm_auckland",
    "alt_boeblingen": "ibmq_boeblingen",
    "alt_cairo": "ibm_cairo",
}
"""Devices under the name of a second access: all qubits have the same frequencies to 1 MHz."""

HIGHEST_MEDIANS: Final = {"readout": 0.15, "one-qubit gate": 0.1, "two-qubit gate": 0.1}
"""A device whose median error is higher was out of order; the highest of others is 0.13."""


@dataclass(frozen=True)
class InTerra:
    """What the installed qiskit-terra has of a device.

    Attributes:
        configuration: the configuration document.
        properties: the calibration document; None if there is none.
    """

    configuration: Document
    properties: Document | None

    @property
    def pairs(self) -> set[tuple[int, int]]:
        """The pairs of qubits with a two-qubit gate."""
        return {(first, second) for first, second in self.configuration["coupling_map"] or ()}


@dataclass(frozen=True)
class LeftOut:
    """A calibration that is not kept.

    Attributes:
        device: name of the device.
        date: date of the calibration, ``YYYY-MM-DD``.
        reason: why, in words.
    """

    device: str
    date: str
    reason: str


def devices_in_terra() -> dict[str, InTerra]:
    """Return what the installed qiskit-terra has, by name of the device."""
    found = {}
    bare = bare_devices()
    for files in discover(terra_folder()):
        if files.stem not in OMITTED_STEMS:
            path = files.configuration
            configuration = bare[files.stem] if path is None else read_document(path)
            properties = None if files.properties is None else read_document(files.properties)
            found[str(configuration["backend_name"])] = InTerra(configuration, properties)
    return found


def select(
    published: Iterable[Published], in_terra: Mapping[str, InTerra]
) -> tuple[dict[str, list[Published]], list[LeftOut]]:
    """Return the calibrations to keep by device, oldest first, and those that are left out.

    Calibrations of devices that the emulator does not have, and those that the installed
    qiskit-terra has, are in neither.
    """
    kept: dict[str, dict[datetime, Published]] = {}
    left_out: dict[tuple[str, str], LeftOut] = {}
    for each in published:
        published_name = str(each.properties["backend_name"])
        name = NAMES.get(published_name, published_name)
        if name not in in_terra:
            continue
        device, date = in_terra[name], moment(each.properties)
        if device.properties is not None and date == moment(device.properties):
            continue
        if reason := out_of_order(each.properties) or other_gates(each.properties, device):
            day = date.date().isoformat()
            left_out.setdefault((name, day), LeftOut(name, day, reason))
        else:
            kept.setdefault(name, {}).setdefault(date, each)
    ordered = {name: [kept[name][date] for date in sorted(kept[name])] for name in sorted(kept)}
    return ordered, [left_out[key] for key in sorted(left_out)]


def moment(document: Document) -> datetime:
    """Return the date of a calibration in UTC."""
    return datetime.fromisoformat(document["last_update_date"]).astimezone(UTC)


def out_of_order(document: Document) -> str:
    """Return which errors are so high that the device was not working; empty if it was."""
    errors: dict[str, list[float]] = {kind: [] for kind in HIGHEST_MEDIANS}
    for qubit in document["qubits"]:
        errors["readout"] += _values(qubit, "readout_error")
    for gate in document["gates"]:
        if gate["gate"] not in ("id", "u1", "rz", "measure", "reset"):
            kind = "two-qubit gate" if len(gate["qubits"]) == 2 else "one-qubit gate"
            errors[kind] += _values(gate["parameters"], "gate_error")
    medians = {kind: median(values) for kind, values in errors.items() if values}
    high = {kind: value for kind, value in medians.items() if value > HIGHEST_MEDIANS[kind]}
    return ", ".join(f"median {kind} error {value:.2g}" for kind, value in high.items())


def other_gates(document: Document, device: InTerra) -> str:
    """Return which two-qubit gates the device has elsewhere; empty if they are the same."""
    found = {gate["gate"] for gate in document["gates"] if len(gate["qubits"]) == 2}
    if len(found) < 2:
        return ""
    own = found & set(device.configuration["basis_gates"])
    others = " and ".join(sorted(found - own))
    return f"{others} instead of {' and '.join(sorted(own))} on some pairs"


def basis_gates(published: Published) -> tuple[str, ...]:
    """Return the gates of the device on that date; without a configuration, those with values."""
    if published.configuration is not None:
        return tuple(published.configuration["basis_gates"])
    names = dict.fromkeys(str(gate["gate"]) for gate in published.properties["gates"])
    return ("id", *(name for name in names if name != "id"))


def pairs_of(document: Document) -> set[tuple[int, int]]:
    """Return the pairs of qubits with a two-qubit gate."""
    return {tuple(gate["qubits"]) for gate in document["gates"] if len(gate["qubits"]) == 2}


def _values(parameters: Iterable[Document], name: str) -> list[float]:
    return [float(each["value"]) for each in parameters if each["name"] == name]
