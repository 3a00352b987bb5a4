"""The devices of the emulator on the date of the emulation.

``Catalog`` collects the retired devices from the snapshots in qiskit-terra and from dated
calibrations, the cloud simulators, and folders of snapshots that the user names. Qiskit is not
imported (it takes 2 s) and no calibration is read, so a server can list devices at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.raw_json import compact_json
from ibmq_backend.emulator.devices._aliases import ALIASES
from ibmq_backend.emulator.devices.calibration_files import (
    DatedCalibration,
    check_properties,
    known_on,
    read_index,
    read_moment,
)
from ibmq_backend.emulator.devices.device import Device
from ibmq_backend.emulator.devices.gates import (
    ALWAYS_ACCEPTED,
    BASES,
    NO_CIRCUIT_INSTRUCTIONS,
    SIMULATOR_INSTRUCTIONS,
)
from ibmq_backend.emulator.devices.history import (
    basis_gates_on,
    complete,
    restore,
    why_out_of_service,
)
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
        reason: why a device of this name is not offered on the emulation's date; empty if there
            never was one.
    """

    def __init__(
        self, name: str, nearest: Sequence[str], known: Sequence[str], reason: str = ""
    ) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = tuple(nearest)
        self.known = tuple(known)
        self.reason = reason

    def __str__(self) -> str:
        hint = f"; the nearest names are {', '.join(self.nearest)}" if self.nearest else ""
        return f"{self.reason or f'No device is called {self.name!r}'}{hint}"


class Catalog:
    """All devices of an emulator, by name and alias.

    Args:
        options: the user's folders of snapshot files, whose devices replace built-in devices of the
            same name; the date, on which other devices may not be in service; and further options.

    Attributes:
        broken: the errors of the snapshots that were left out, with ``options.skip_broken``.

    Raises:
        SnapshotError: if a snapshot is broken, a folder has none, or qiskit-terra is not installed.
        EmulatorError: if the date is before the first calibration or in the future.
    """

    def __init__(self, options: DeviceOptions | None = None) -> None:
        self._options = options or DeviceOptions()
        self._devices: dict[str, Device] = {}
        self._out_of_service: dict[str, str] = {}
        self.broken: list[SnapshotError] = []
        self._index = read_index()
        origin = f"qiskit-terra {terra_version()} snapshot"
        bare = bare_devices()
        shipped = {files.stem: files for files in discover(terra_folder())}
        for files in shipped.values():
            if files.configuration is not None:
                document = read_document(files.configuration)
                complete(document, self._options.date)
                self._add_built_in(document, files, origin, files.configuration)
        for stem, document in bare.items():
            files = shipped.get(stem, SnapshotFiles(stem))
            where = origin if files.properties else "coupling and limits only, no calibration"
            self._add_built_in(document, files, where, files.properties or Path(stem))
        for document in simulators():
            name = document["backend_name"]
            self._add_built_in(document, SnapshotFiles(name), "cloud simulator", Path(name))
        for folder in self._options.folders:
            self._add_folder(folder)
        self._names = tuple(sorted(self._devices))
        self._check_date()
        self._aliases = {
            alias: name
            for name, device in self._devices.items()
            for alias in device.aliases
            if alias not in self._devices
        }

    def names(self) -> tuple[str, ...]:
        """Return the names of all devices, sorted, without aliases."""
        return self._names

    def get(self, name_or_alias: str) -> Device:
        """Return the device with a name or alias.

        Raises:
            UnknownDevice: if there is none; the error has the nearest names.
        """
        name = self._aliases.get(name_or_alias, name_or_alias)
        reason = self._out_of_service.get(ALIASES.get(name_or_alias, name_or_alias), "")
        try:
            return self._devices[name]
        except KeyError:
            candidates = [*self._devices, *self._aliases]
            nearest = difflib.get_close_matches(name_or_alias, candidates, n=3, cutoff=0.5)
            raise UnknownDevice(name_or_alias, nearest, self.names(), reason) from None

    def __iter__(self) -> Iterator[Device]:
        return (self._devices[name] for name in self.names())

    def __len__(self) -> int:
        return len(self._devices)

    def __contains__(self, name_or_alias: object) -> bool:
        return name_or_alias in self._devices or name_or_alias in self._aliases

    def _add_built_in(
        self, document: Document, files: SnapshotFiles, origin: str, path: Path
    ) -> None:
        name = str(document["backend_name"])
        online = read_moment(document["online_date"], path)
        if reason := why_out_of_service(name, online, self._options.date):
            self._out_of_service[name] = reason
            return
        calibrations = list(self._index.calibrations.get(name, ()))
        if files.properties is not None:
            date = self._index.in_terra.get(name)
            if date is None:
                stated = read_document(files.properties).get("last_update_date")
                date = read_moment(stated, files.properties)
            calibrations.append(
                DatedCalibration(date, origin, files.properties, document["n_qubits"])
            )
        self._add(document, files, origin, path, calibrations)

    def _add_folder(self, folder: Path) -> None:
        found = False
        origin = f"snapshot in {folder.name}"
        for files in discover(folder):
            if files.stem in OMITTED_STEMS:
                continue
            found = True
            try:
                self._add_snapshot(files, folder, origin)
            except SnapshotError as error:
                if not self._options.skip_broken:
                    raise
                self.broken.append(error)
                reason = f"{files.stem!r} is not offered: its file {error.path.name} {error.reason}"
                self._out_of_service[files.stem] = reason
        if not found:
            raise SnapshotError(folder, "contains no conf_*.json, not even in a direct subfolder")

    def _add_snapshot(self, files: SnapshotFiles, folder: Path, origin: str) -> None:
        if files.configuration is None:
            missing = f"has no conf_{files.stem}.json next to it"
            raise SnapshotError(files.properties or folder, missing)
        document = read_document(files.configuration)
        _check_required(document, files.configuration)
        if files.defaults is not None:
            read_document(files.defaults)
        calibrations = _calibrations_of(document, files, origin)
        self._add(document, files, origin, files.configuration, calibrations)

    def _add(
        self,
        document: Document,
        files: SnapshotFiles,
        origin: str,
        path: Path,
        calibrations: Sequence[DatedCalibration],
    ) -> None:
        ordered = tuple(sorted(calibrations, key=lambda each: each.date))
        for newest in known_on(self._options.date, ordered)[-1:]:
            restore(document, newest)
        device = _device(document, files, origin, path, ordered, self._options)
        self._devices[device.name] = device

    def _check_date(self) -> None:
        wanted = self._options.date
        if wanted is None:
            return
        own = [each.date for device in self for each in device.calibrations]
        dates, now = sorted([*self._index.dates, *own]), datetime.now(UTC)
        if wanted < dates[0]:
            words = "is before the first calibration"
        elif (wanted.year, wanted.month) > (now.year, now.month):
            words = "is in the future"
        else:
            return
        first, last = dates[0].date().isoformat(), dates[-1].date().isoformat()
        raise EmulatorError(
            f"The date {wanted.date().isoformat()} {words}: calibrations are of {first} to {last}. "
            "Without a date, the newest of each device is emulated."
        )


def _calibrations_of(
    document: Document, files: SnapshotFiles, origin: str
) -> list[DatedCalibration]:
    """Return the calibrations in a user's folder.

    All are read, so that a broken file is reported at start and not inside a job.
    """
    found: dict[datetime, DatedCalibration] = {}
    num_qubits = document["n_qubits"]
    for path in filter(None, (files.properties, *files.dated)):
        properties = read_document(path)
        check_properties(properties, num_qubits, path)
        date = read_moment(properties["last_update_date"], path)
        if date in found:
            raise SnapshotError(path, f"has the 'last_update_date' of {found[date].path.name}")
        basis = None if path == files.properties else basis_gates_on(document, properties)
        found[date] = DatedCalibration(date, origin, path, num_qubits, basis_gates=basis)
    return list(found.values())


def _check_required(document: Document, path: Path) -> None:
    for key, kind in _REQUIRED.items():
        if not isinstance(document.get(key), kind) or isinstance(document.get(key), bool):
            raise SnapshotError(path, f"needs {key!r} of type {_kind_name(kind)}")
    if not all(isinstance(name, str) for name in document["basis_gates"]):
        raise SnapshotError(path, "'basis_gates' must be a list of names")


def _device(
    document: Document,
    files: SnapshotFiles,
    origin: str,
    path: Path,
    calibrations: tuple[DatedCalibration, ...],
    options: DeviceOptions,
) -> Device:
    """Return the device of a configuration document, which is checked and put in wire form."""
    for key, value in _DEFAULTS.items():
        document.setdefault(key, value)
    if document["n_qubits"] < 1 or document["max_shots"] < 1:
        raise SnapshotError(path, "'n_qubits' and 'max_shots' must be at least 1")
    if "online_date" not in document:
        if not calibrations:
            raise SnapshotError(path, "needs 'online_date', an ISO time")
        document["online_date"] = calibrations[0].date.isoformat()
    read_moment(document["online_date"], path)
    if files.defaults is None:
        document["open_pulse"] = False  # its pulses are unknown
    if document.get("quantum_volume") is None:
        document["quantum_volume"] = 0  # not published; programs compare it with `>=`
    document["local"] = False
    document.setdefault("max_experiments", 75)
    if not isinstance(document["max_experiments"], int):
        raise SnapshotError(path, "'max_experiments' must be a whole number")
    supported = document.get("supported_instructions") or []
    if not isinstance(supported, list) or not all(isinstance(one, str) for one in supported):
        raise SnapshotError(path, "'supported_instructions' must be a list of names")
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
        dt=_sample_seconds(document, path),
        origin=origin,
        defaults_file=files.defaults,
        calibrations=calibrations,
        options=options,
        configuration_json=compact_json(document),
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
    except (TypeError, ValueError, OverflowError) as error:
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


def _sample_seconds(document: Document, path: Path) -> float | None:
    nanoseconds = document.get("dt")
    if nanoseconds is None:
        return None
    if not isinstance(nanoseconds, int | float) or not 0 < nanoseconds < inf:
        raise SnapshotError(path, "'dt' must be a number of ns above 0")
    return nanoseconds * 1e-9


def _kind_name(kind: type | tuple[type, ...]) -> str:
    return kind.__name__ if isinstance(kind, type) else " or ".join(k.__name__ for k in kind)
