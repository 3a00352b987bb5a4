"""One device of the emulator, and its documents on the date of the emulation."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ibmq_backend.emulator.core.prepared import Prepared
from ibmq_backend.emulator.core.raw_json import compact_json
from ibmq_backend.emulator.devices.calibration_files import DatedCalibration, known_on
from ibmq_backend.emulator.devices.gates import BASES
from ibmq_backend.emulator.devices.history import complete_defaults
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import read_document
from ibmq_backend.emulator.devices.typical import TypicalCalibration, is_broken, typical

__all__ = ["Device"]

Document = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Device:
    """One device: its limits, its instructions, and its documents in wire form.

    Attributes:
        name: name on the wire, as in ``ibmq_vigo``.
        aliases: other names of the device.
        version: ``x.y.z``, of the date of the newest calibration.
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
        origin: source of the configuration in words.
        defaults_file: the pulse defaults on disk; None if there are none.
        calibrations: the published calibrations, oldest first.
        options: the date of the emulation, and which calibrations its noise is made from.
        configuration_json: the configuration document of ``listBackends``.
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
    defaults_file: Path | None
    calibrations: tuple[DatedCalibration, ...]
    options: DeviceOptions
    configuration_json: bytes = field(repr=False)

    @property
    def has_noise(self) -> bool:
        """Whether there is calibration data from which noise is simulated."""
        return bool(self.calibrations)

    @property
    def calibrated_basis(self) -> str | None:
        """The calibrated single-qubit basis: "rz", "u", or None for neither."""
        if self.simulator:
            return None
        gates = set(self.basis_gates)
        return next((basis for basis, members in BASES.items() if members <= gates), None)

    @property
    def snapshot_date(self) -> datetime | None:
        """Date of the calibration, aware and in UTC; None without calibration."""
        return self._known[-1].date if self._known else None

    @property
    def source(self) -> str:
        """Source and date of the data in words."""
        if not self._known:
            return self.origin
        newest, wanted = self._known[-1], self.options.date
        words = f"{newest.source} of {newest.date.date().isoformat()}"
        if wanted is not None and newest.date > wanted:
            words += f", the first there is; none is known of {wanted.date().isoformat()}"
        return words

    @property
    def noise_source(self) -> str | None:
        """Which calibrations the noise is made from, in words; None without calibration."""
        if not self._known:
            return None
        if self.options.calibration == "published":
            return f"the published calibration of {self._known[-1].date.date().isoformat()}"
        return self._typical.statement

    @cached_property
    def broken_gates(self) -> frozenset[tuple[str, tuple[int, ...]]]:
        """Gates with an error of 1 or more, or ``operational`` 0: out of order on that day."""
        document = self.properties() or {}
        return frozenset(
            (str(gate["gate"]), tuple(gate["qubits"]))
            for gate in document.get("gates", ())
            if is_broken(gate)
        )

    @cached_property
    def pulse_alignment(self) -> int:
        """Number of samples of which delays and the starts of pulses are multiples."""
        constraints = self.configuration().get("timing_constraints") or {}
        return int(constraints.get("pulse_alignment", 1))

    @property
    def properties_json(self) -> bytes:
        """The document of :meth:`properties`; an empty object if there is none."""
        return self.prepared_properties.content

    @cached_property
    def prepared_properties(self) -> Prepared:
        """The document of :meth:`properties`; an empty object if there is none."""
        return Prepared(compact_json(self._read(self._known[-1]) if self._known else {}))

    def configuration(self) -> Document:
        """Return the configuration document of ``listBackends``, a fresh copy."""
        document: Document = json.loads(self.configuration_json)
        return document

    def properties(self, before: datetime | None = None) -> Document | None:
        """Return the document of ``getBackendProperties``, a fresh copy.

        Broken gates are marked with ``operational`` 0, as ``BackendProperties.faulty_gates`` reads
        it.

        Args:
            before: return the newest calibration that is older than this time, which is aware.

        Returns:
            The newest calibration that the emulation's date allows. If all are later, the first
            one, so that a device in service has a calibration. None if there is none, or none
            older than ``before``.

        Raises:
            SnapshotError: if the file is damaged.
        """
        found = [each for each in self._known if before is None or each.date < before]
        if not found:
            return None
        if found[-1] is self._known[-1]:
            document: Document = json.loads(self.properties_json)
            return document
        return self._read(found[-1])

    def published(self) -> Iterator[Document]:
        """Yield the calibrations that the emulation's date allows, newest first.

        Raises:
            SnapshotError: if a file is damaged.
        """
        return map(self._read, reversed(self._known))

    def noise_properties(self) -> Document | None:
        """Return the calibration from which noise is made, a fresh copy; None if there is none.

        It is the median over the calibrations up to the emulation's date, without outliers, or the
        newest one as published if the options say so.

        Raises:
            SnapshotError: if a file is damaged.
        """
        if self.options.calibration == "published" or not self._known:
            return self.properties()
        return copy.deepcopy(self._typical.document)

    def defaults(self) -> Document | None:
        """Return the document of ``getBackendDefaults``, a fresh copy; None without pulse access.

        Raises:
            SnapshotError: if the file is damaged.
        """
        if not self.open_pulse or self.defaults_file is None:
            return None
        document = read_document(self.defaults_file)
        complete_defaults(self.name, document)
        return document

    @cached_property
    def _known(self) -> Sequence[DatedCalibration]:
        return known_on(self.options.date, self.calibrations)

    @cached_property
    def _typical(self) -> TypicalCalibration:
        return typical([self._read(each) for each in self._known])

    def _read(self, calibration: DatedCalibration) -> Document:
        document = calibration.read()
        document["backend_name"] = self.name
        for gate in document["gates"]:
            parameters = gate["parameters"]
            if is_broken(gate) and all(each["name"] != "operational" for each in parameters):
                date = parameters[0]["date"]
                parameters.append({"name": "operational", "unit": "", "value": 0, "date": date})
        return document
