"""The devices of the emulator: their limits, instructions and documents.

``Catalog`` collects the retired devices from the snapshots in qiskit-terra, the cloud simulators,
and folders of snapshots that the user names. Qiskit is not imported (it takes 2 s), so a server can
list devices at once.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ibmq_backend.emulator.devices._aliases import ALIASES
from ibmq_backend.emulator.devices.gates import (
    ALWAYS_ACCEPTED,
    BASES,
    NO_CIRCUIT_INSTRUCTIONS,
    SIMULATOR_INSTRUCTIONS,
)
from ibmq_backend.emulator.devices.history import complete
from ibmq_backend.emulator.devices.known import OMITTED_STEMS, bare_devices, simulators
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import (
    SnapshotError,
    SnapshotFiles,
    discover,
    read_document,
    terra_folder,
    terra_version,
)

__all__ = ["Catalog", "Device", "UnknownDevice"]

Document = dict[str, Any]

_REQUIRED: dict[str, type | tuple[type, ...]] = {
    "backend_name": str,
    "backend_version": str,
    "n_qubits": int,
    "basis_gates": list,
    "gates": list,
    "max_shots": int,
}
_DEFAULTS: Document = {
    "simulator": False,
    "conditional": False,
    "open_pulse": False,
    "memory": False,
    "coupling_map": None,
    "allow_q_object": True,
    "allow_object_storage": True,
    "input_allowed": ["job"],
}


class UnknownDevice(KeyError):
    """No device has this name.

    Attributes:
        name: the requested name.
        nearest: similar names, best first; possibly empty.
        known: all names.
    """

    def __init__(self, name: str, nearest: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = tuple(nearest)
        self.known = tuple(known)

    def __str__(self) -> str:
        hint = f"; the nearest names are {', '.join(self.nearest)}" if self.nearest else ""
        return f"No device is called {self.name!r}{hint}"


@dataclass(frozen=True, eq=False)
class Device:
    """One device: its limits, its instructions, and its documents in wire form.

    Attributes:
        name: name on the wire, as in ``ibmq_vigo``.
        aliases: other names of the device.
        version: ``x.y.z`` from the snapshot.
        num_qubits: number of qubits.
        simulator: True for the cloud simulators.
        open_pulse: True if the device offered pulse control.
        conditional: True if circuits may depend on measured values.
        memory: True if jobs may ask for the memory of each shot.
        max_shots: largest number of shots of a job.
        max_circuits: largest number of circuits of a job.
        basis_gates: gates that the configuration lists, in its order.
        accepted_instructions: all instruction names that a circuit job may contain.
        coupling: directed pairs on which a two-qubit gate is accepted; None = any pair.
        simulation_method: Aer method of a simulator; None = chosen by Aer.
        rep_delay_range: shortest and longest delay between shots in µs; None if not adjustable.
        dt: length of one sample in seconds, the unit of ``delay``; None if the snapshot has none.
        origin: source of the data in words, without the date.
        files: the snapshot on disk; None for the simulators.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    num_qubits: int
    simulator: bool
    open_pulse: bool
    conditional: bool
    memory: bool
    max_shots: int
    max_circuits: int
    basis_gates: tuple[str, ...]
    accepted_instructions: frozenset[str]
    coupling: frozenset[tuple[int, int]] | None
    simulation_method: str | None
    rep_delay_range: tuple[float, float] | None
    dt: float | None
    origin: str
    files: SnapshotFiles | None
    _configuration: str

    @property
    def has_noise(self) -> bool:
        """Whether there is calibration data from which noise is simulated."""
        return self.files is not None and self.files.properties is not None

    @property
    def calibrated_basis(self) -> str | None:
        """The calibrated single-qubit basis: "rz", "u", or None for neither."""
        if self.simulator:
            return None
        gates = set(self.basis_gates)
        return next((basis for basis, members in BASES.items() if members <= gates), None)

    @cached_property
    def snapshot_date(self) -> datetime | None:
        """Date of the calibration, aware and in UTC; None without calibration."""
        document = self.properties()
        if document is None or self.files is None or self.files.properties is None:
            return None
        return _date(document["last_update_date"], self.files.properties)

    @property
    def source(self) -> str:
        """Source and date of the data in words."""
        date = self.snapshot_date
        return self.origin if date is None else f"{self.origin} of {date.date().isoformat()}"

    @cached_property
    def broken_gates(self) -> frozenset[tuple[str, tuple[int, ...]]]:
        """Gates with an error of 1 or more, or ``operational`` 0: out of order on that day."""
        document = self.properties() or {}
        return frozenset(
            (str(gate["gate"]), tuple(gate["qubits"]))
            for gate in document.get("gates", ())
            if _is_broken(gate)
        )

    @cached_property
    def pulse_alignment(self) -> int:
        """Number of samples of which delays and the starts of pulses are multiples."""
        constraints = self.configuration().get("timing_constraints") or {}
        return int(constraints.get("pulse_alignment", 1))

    def configuration(self) -> Document:
        """Return the configuration document of ``listBackends``, a fresh copy."""
        document: Document = json.loads(self._configuration)
        return document

    def properties(self) -> Document | None:
        """Return the document of ``getBackendProperties``, a fresh copy; None without calibration.

        Broken gates are marked with ``operational`` 0, as ``BackendProperties.faulty_gates`` reads
        it.

        Raises:
            SnapshotError: if the file is damaged.
        """
        text = self._properties_text
        return None if text is None else json.loads(text)

    def defaults(self) -> Document | None:
        """Return the document of ``getBackendDefaults``, a fresh copy; None without pulse access.

        Raises:
            SnapshotError: if the file is damaged.
        """
        if not self.open_pulse or self.files is None or self.files.defaults is None:
            return None
        return read_document(self.files.defaults)

    @cached_property
    def _properties_text(self) -> str | None:
        if self.files is None or self.files.properties is None:
            return None
        path = self.files.properties
        document = read_document(path)
        _check_properties(document, self.num_qubits, path)
        document["backend_name"] = self.name
        for gate in document["gates"]:
            parameters = gate["parameters"]
            if _is_broken(gate) and all(each["name"] != "operational" for each in parameters):
                date = parameters[0]["date"]
                parameters.append({"name": "operational", "unit": "", "value": 0, "date": date})
        return json.dumps(document)


class Catalog:
    """All devices of an emulator, by name and alias.

    Args:
        options: the user's folders of snapshot files, whose devices replace built-in devices of the
            same name, and further options.

    Raises:
        SnapshotError: if a snapshot is broken or qiskit-terra is not installed.
    """

    def __init__(self, options: DeviceOptions | None = None) -> None:
        self._options = options or DeviceOptions()
        self._devices: dict[str, Device] = {}
        origin = f"qiskit-terra {terra_version()} snapshot"
        bare = bare_devices()
        shipped = {files.stem: files for files in discover(terra_folder())}
        for files in shipped.values():
            if files.configuration is not None:
                document = read_document(files.configuration)
                complete(document)
                self._add(_device(document, files, origin, files.configuration))
        for stem, document in bare.items():
            files = shipped.get(stem, SnapshotFiles(stem, None, None, None))
            where = origin if files.properties else "coupling and limits only, no calibration"
            self._add(_device(document, files, where, files.properties or Path(stem)))
        for document in simulators():
            self._add(_device(document, None, "cloud simulator", Path(document["backend_name"])))
        for folder in self._options.folders:
            self._add_folder(folder)
        self._aliases = {
            alias: name
            for name, device in self._devices.items()
            for alias in device.aliases
            if alias not in self._devices
        }

    def names(self) -> tuple[str, ...]:
        """Return the names of all devices, sorted, without aliases."""
        return tuple(sorted(self._devices))

    def get(self, name_or_alias: str) -> Device:
        """Return the device with a name or alias.

        Raises:
            UnknownDevice: if there is none; the error has the nearest names.
        """
        name = self._aliases.get(name_or_alias, name_or_alias)
        try:
            return self._devices[name]
        except KeyError:
            candidates = [*self._devices, *self._aliases]
            nearest = difflib.get_close_matches(name_or_alias, candidates, n=3, cutoff=0.5)
            raise UnknownDevice(name_or_alias, nearest, self.names()) from None

    def __iter__(self) -> Iterator[Device]:
        return (self._devices[name] for name in self.names())

    def __len__(self) -> int:
        return len(self._devices)

    def __contains__(self, name_or_alias: object) -> bool:
        return name_or_alias in self._devices or name_or_alias in self._aliases

    def _add(self, device: Device) -> None:
        self._devices[device.name] = device

    def _add_folder(self, folder: Path) -> None:
        found = False
        for files in discover(folder):
            if files.stem in OMITTED_STEMS:
                continue
            if files.configuration is None:
                missing = f"has no conf_{files.stem}.json next to it"
                raise SnapshotError(files.properties or folder, missing)
            document = read_document(files.configuration)
            device = _device(document, files, f"snapshot in {folder.name}", files.configuration)
            if files.properties is not None:
                # Read now, so that a broken file is reported at start and not inside a job.
                _ = device.snapshot_date, device.broken_gates
            self._add(device)
            found = True
        if not found:
            raise SnapshotError(folder, "contains no conf_*.json, not even in a direct subfolder")


def _device(document: Document, files: SnapshotFiles | None, origin: str, path: Path) -> Device:
    """Return the device of a configuration document, which is checked and put in wire form."""
    for key, kind in _REQUIRED.items():
        if not isinstance(document.get(key), kind) or isinstance(document.get(key), bool):
            raise SnapshotError(path, f"needs {key!r} of type {_kind_name(kind)}")
    for key, value in _DEFAULTS.items():
        document.setdefault(key, value)
    if document["n_qubits"] < 1 or document["max_shots"] < 1:
        raise SnapshotError(path, "'n_qubits' and 'max_shots' must be at least 1")
    if "online_date" not in document:
        if files is None or files.properties is None:
            raise SnapshotError(path, "needs 'online_date', an ISO time")
        document["online_date"] = read_document(files.properties).get("last_update_date")
    _date(document["online_date"], path)
    if files is None or files.defaults is None:
        document["open_pulse"] = False  # its pulses are unknown
    if document.get("quantum_volume") is None:
        document["quantum_volume"] = 0  # not published; programs compare it with `>=`
    document["local"] = False
    document.setdefault("max_experiments", 75)
    name = document["backend_name"]
    return Device(
        name=name,
        aliases=tuple(alias for alias, target in ALIASES.items() if target == name),
        version=document["backend_version"],
        num_qubits=document["n_qubits"],
        simulator=bool(document["simulator"]),
        open_pulse=bool(document["open_pulse"]),
        conditional=bool(document["conditional"]),
        memory=bool(document["memory"]),
        max_shots=document["max_shots"],
        max_circuits=int(document["max_experiments"]),
        basis_gates=tuple(document["basis_gates"]),
        accepted_instructions=_accepted(document),
        coupling=_coupling(document, path),
        simulation_method=document.get("simulation_method"),
        rep_delay_range=_rep_delay_range(document, path),
        dt=float(document["dt"]) * 1e-9 if document.get("dt") else None,
        origin=origin,
        files=files,
        _configuration=json.dumps(document),
    )


def _accepted(document: Document) -> frozenset[str]:
    accepted = set(document["basis_gates"]) | ALWAYS_ACCEPTED
    if document["simulator"]:
        return frozenset(accepted | SIMULATOR_INSTRUCTIONS)
    accepted |= set(document.get("supported_instructions") or ()) - NO_CIRCUIT_INSTRUCTIONS
    if any(accepted >= members for members in BASES.values()):
        # Programs written for the one basis also run on devices calibrated in the other.
        accepted = accepted.union({"id"}, *BASES.values())
    if document["conditional"]:
        accepted.add("bfunc")
    return frozenset(accepted)


def _coupling(document: Document, path: Path) -> frozenset[tuple[int, int]] | None:
    pairs = document["coupling_map"]
    if pairs is None:
        return None
    size = document["n_qubits"]
    try:
        coupling = frozenset((int(first), int(second)) for first, second in pairs)
    except (TypeError, ValueError) as error:
        raise SnapshotError(path, "'coupling_map' must be null or a list of pairs") from error
    if any(not 0 <= qubit < size for pair in coupling for qubit in pair):
        raise SnapshotError(path, f"'coupling_map' names a qubit outside 0..{size - 1}")
    return coupling


def _rep_delay_range(document: Document, path: Path) -> tuple[float, float] | None:
    span = document.get("rep_delay_range")
    if span is None or not document.get("dynamic_reprate_enabled"):
        return None
    try:
        low, high = span
        return float(low), float(high)
    except (TypeError, ValueError) as error:
        raise SnapshotError(path, "'rep_delay_range' must be a pair of numbers") from error


def _check_properties(document: Document, num_qubits: int, path: Path) -> None:
    for key in ("backend_version", "last_update_date", "qubits", "gates", "general"):
        if key not in document:
            raise SnapshotError(path, f"lacks {key!r}")
    if len(document["qubits"]) != num_qubits:
        found = len(document["qubits"])
        raise SnapshotError(path, f"describes {found} qubits, but the configuration {num_qubits}")
    try:
        for gate in document["gates"]:
            gate["gate"], [int(qubit) for qubit in gate["qubits"]]
            for block in gate["parameters"]:
                block["name"], block["unit"], float(block["value"]), block["date"]
        for qubit in document["qubits"]:
            for block in qubit:
                block["name"], block["unit"], float(block["value"]), block["date"]
    except (TypeError, KeyError, ValueError) as error:
        raise SnapshotError(path, f"has an incomplete gate or qubit entry ({error!r})") from error


def _is_broken(gate: Document) -> bool:
    return any(
        (parameter["name"] == "gate_error" and parameter["value"] >= 1)
        or (parameter["name"] == "operational" and not parameter["value"])
        for parameter in gate["parameters"]
    )


def _date(text: object, path: Path) -> datetime:
    try:
        date = datetime.fromisoformat(str(text))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SnapshotError(path, f"has an unreadable date {text!r}") from error


def _kind_name(kind: type | tuple[type, ...]) -> str:
    return kind.__name__ if isinstance(kind, type) else " or ".join(k.__name__ for k in kind)
