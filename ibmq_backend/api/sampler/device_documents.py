"""Converts device documents of IBM Quantum Platform for Qiskit's older classes.

``QasmBackendConfiguration`` requires fields that the service is removing, and must not get pulse
fields. ``BackendProperties`` requires that every list exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeGuard

from ibmq_backend.notices import notify_once
from ibmq_backend.records import Document
from ibmq_backend.units import parse_time

FALLBACK_MAX_SHOTS: Final = 100_000
"""Limit of the shots of a circuit if the configuration has none; the service enforces none."""

FALLBACK_MAX_EXPERIMENTS: Final = 300

FRACTIONAL_GATES: Final = frozenset({"rx", "rzz"})
"""Gates with a continuous angle; transpiling for the older classes must not use them."""

_HIDDEN_GATES: Final = FRACTIONAL_GATES | {"measure"}
# The older classes create measurements from the readout of the qubits; a second kind fails.

OTHER_GATES: Final = "other_gates"
"""Key in a calibration for gates that the older classes cannot process."""

_KNOWN_TO_TERRA: Final = """
    ccx ch cp crx cry crz cs csdg cswap csx cu cu1 cu3 cx cy cz dcx delay ecr h id iswap measure p r
    reset rx rxx ry ryy rz rzx rzz s sdg swap sx sxdg t tdg u u1 u2 u3 x y z
    """
KNOWN_TO_TERRA: Final = frozenset(_KNOWN_TO_TERRA.split())
"""Names of gates that transpiling knows; it fails on others in a calibration."""

_PULSE_FIELDS: Final = (
    "u_channel_lo",
    "n_uchannels",
    "qubit_lo_range",
    "meas_lo_range",
    "rep_times",
    "meas_kernels",
    "discriminators",
    "hamiltonian",
    "channels",
    "meas_levels",
    "parametric_pulses",
    "qubit_channel_mapping",
    "acquisition_latency",
    "conditional_latency",
)
_NONE_AS_TEXT: Final = ("url", "clops_v", "clops_h")
_REQUIRED: Final = ("n_qubits", "basis_gates")
_GATE_FIELDS: Final = ("name", "coupling_map", "latency_map", "conditional", "description")
_PREFIXES: Final = frozenset("fpnuµmkMGTP")
"""Prefixes that the older classes know; they refuse other units of more than one letter."""


class LazyDocument(Mapping[str, Any]):
    """A document that is read when it is first used.

    Args:
        read: returns the document; called once, unless it raises.
    """

    def __init__(self, read: Callable[[], Document]) -> None:
        self._read = read
        self._document: Document | None = None

    def _known(self) -> Document:
        if self._document is None:
            self._document = self._read()
        return self._document

    def __getitem__(self, key: str) -> Any:
        return self._known()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def __repr__(self) -> str:
        state = "not read yet" if self._document is None else f"{len(self._document)} fields"
        return f"{type(self).__name__}({state})"


def older_configuration(document: Document, name: str) -> Document:
    """Return a configuration in the form of ``QasmBackendConfiguration.from_dict``.

    The units do not change: ``dt`` is in ns, repetition delays are in µs. Pulse fields are removed
    and ``open_pulse`` is false, since the service has no pulse access. Fractional gates and gates
    that transpiling does not know are removed, unless no other gates remain, and so are optional
    fields that cannot be read.

    Args:
        document: the configuration from the service.
        name: the name of the backend.

    Raises:
        KeyError: a required field is missing.
    """
    for field in _REQUIRED:
        if document.get(field) is None:
            raise KeyError(field)
    unreadable = {
        field
        for field, is_readable in _READABLE.items()
        if document.get(field) is not None and not is_readable(document[field])
    }
    if unreadable:
        fields = ", ".join(sorted(unreadable))
        text = f"The configuration of {name} has fields that cannot be read: {fields}."
        notify_once(f"configuration {name}", text)
    left_out = unreadable.union(_PULSE_FIELDS)
    older = {key: value for key, value in document.items() if key not in left_out}
    older.update(
        backend_name=name,
        backend_version=document.get("backend_version") or "0.0.0",
        open_pulse=False,
        simulator=bool(document.get("simulator", False)),
        local=bool(document.get("local", False)),
        conditional=bool(document.get("conditional", False)),
        memory=True,  # results always contain the outcome of every shot
        measure_esp_enabled=False,  # the service has no option for it
        n_registers=1,
        max_shots=older.get("max_shots") or FALLBACK_MAX_SHOTS,
        max_experiments=older.get("max_experiments") or FALLBACK_MAX_EXPERIMENTS,
        coupling_map=document.get("coupling_map"),
        meas_levels=[1, 2],
        description=document.get("description") or "",  # Aer reads it from every device
    )
    for field in _NONE_AS_TEXT:
        if older.get(field) == "None":
            older[field] = None
    return _with_shown_gates(older)


def _with_shown_gates(document: dict[str, Any]) -> dict[str, Any]:
    described = named_gates(document)
    shown = _shown(gate["name"] for gate in described)
    document["gates"] = [
        {
            **{key: value for key, value in gate.items() if key in _GATE_FIELDS},
            "parameters": gate.get("parameters") or [],
            "qasm_def": gate.get("qasm_def"),
        }
        for gate in described
        if gate["name"] in shown
    ]
    listed = document["basis_gates"]
    shown = _shown(listed)
    hidden = set(listed) - shown
    document["basis_gates"] = [name for name in listed if name in shown]
    supported = document.get("supported_instructions")
    if supported is not None:
        document["supported_instructions"] = [name for name in supported if name not in hidden]
    return document


def named_gates(configuration: Document) -> list[Mapping[str, Any]]:
    """Return the gates that a configuration describes; those without a name are left out."""
    return [
        gate
        for gate in configuration.get("gates") or ()
        if isinstance(gate, Mapping) and isinstance(gate.get("name"), str)
    ]


def _shown(gates: Iterable[str]) -> set[str]:
    """Return the gates to show to the older classes; all gates if none would remain."""
    listed = set(gates)
    return (listed & KNOWN_TO_TERRA) - _HIDDEN_GATES or listed


def older_properties(document: Any, name: str) -> Document | None:
    """Return a calibration in the form of ``BackendProperties.from_dict``; ``None`` if empty.

    Entries that are not measured values are removed; one without a date has that of the document.
    Measurements, fractional gates and gates that transpiling does not know (``measure_2``,
    ``reset_2``) are moved to :data:`OTHER_GATES`.

    Args:
        document: the calibration from the service.
        name: the name of the backend.

    Raises:
        TypeError: the document is not a JSON object.
    """
    if document is not None and not isinstance(document, Mapping):
        raise TypeError(f"the properties document is {type(document).__name__}")
    if not document or not document.get("qubits"):
        return None
    entries = _Entries(document)
    gates = list(filter(None, map(entries.gate, document.get("gates") or ())))
    shown = _shown(gate["gate"] for gate in gates)
    older = {
        **document,
        "backend_name": name,
        "backend_version": document.get("backend_version") or "0.0.0",
        "last_update_date": entries.date,
        "qubits": [entries.measured(qubit) for qubit in document["qubits"]],
        "gates": [gate for gate in gates if gate["gate"] in shown],
    }
    apart = [gate for gate in gates if gate["gate"] not in shown]
    if apart:
        older[OTHER_GATES] = apart
    if entries.lost:
        notify_once(
            f"calibration {name}",
            f"{entries.lost} entries of the calibration of {name} cannot be read and are left out.",
        )
    older["general"] = entries.measured(document.get("general"))  # may contain texts
    return older


class _Entries:
    """Reads the entries of one calibration.

    Attributes:
        date: the date of the document, or else of its newest entry; ``None`` if there is none.
        lost: the number of entries that could not be read.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.lost = 0
        date = document.get("last_update_date")
        self.date: str | None = date if _is_time(date) else _newest(document["qubits"])

    def measured(self, entries: Any) -> list[dict[str, Any]]:
        """Return the measured values of a list."""
        found = []
        for entry in entries or ():
            value = self._value(entry) if isinstance(entry, Mapping) else None
            if value is None:
                self.lost += 1
            else:
                found.append(value)
        return found

    def _value(self, entry: Mapping[str, Any]) -> dict[str, Any] | None:
        name, value, date = entry.get("name"), entry.get("value"), entry.get("date")
        unit = entry.get("unit") or ""
        if not isinstance(name, str) or not isinstance(value, int | float):
            return None
        unit = "" if unit == "Hz" else unit
        if not isinstance(unit, str) or (len(unit) > 1 and unit[0] not in _PREFIXES):
            return None
        date = date if _is_time(date) else self.date
        return None if date is None else {"name": name, "value": +value, "unit": unit, "date": date}

    def gate(self, gate: Any) -> dict[str, Any] | None:
        """Return a gate with its measured values; ``None`` if its name or qubits are unknown."""
        try:
            name, qubits = gate["gate"], [int(qubit) for qubit in gate["qubits"]]
        except (KeyError, TypeError, ValueError):
            name, qubits = None, []
        if not isinstance(name, str):
            self.lost += 1
            return None
        return {**gate, "qubits": qubits, "parameters": self.measured(gate.get("parameters"))}


def _newest(qubits: Iterable[Any]) -> str | None:
    entries = (entry for qubit in qubits for entry in qubit or () if isinstance(entry, Mapping))
    dates = [date for entry in entries if _is_time(date := entry.get("date"))]
    return max(dates, key=parse_time, default=None)


def _is_time(value: object) -> TypeGuard[str]:
    try:
        return isinstance(value, str) and bool(parse_time(value))
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_number, value))


_READABLE: Final[dict[str, Callable[[Any], bool]]] = {
    "dt": _is_number,
    "dtm": _is_number,
    "default_rep_delay": _is_number,
    "rep_delay_range": _are_numbers,
    "max_shots": _is_number,
    "max_experiments": _is_number,
    "online_date": _is_time,
    "supported_instructions": lambda value: isinstance(value, list),
}
"""Fields of a configuration that Qiskit computes with, and what they must be."""
