"""Today's device documents in the form that Qiskit's older classes read.

``QasmBackendConfiguration`` wants fields that the service is about to drop and must not be handed
those of the pulse era; ``BackendProperties`` wants every list to be there.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ibmq_backend.records import Document

FALLBACK_MAX_SHOTS: Final = 100_000
"""Shots of a circuit where the configuration names no limit; the service enforces none."""

FALLBACK_MAX_EXPERIMENTS: Final = 300

FRACTIONAL_GATES: Final = frozenset({"rx", "rzz"})
"""Gates with a continuous angle, which transpiling for the older classes must not choose."""

_KEPT_APART: Final = FRACTIONAL_GATES | {"measure"}
# The older classes make measurements of the readout of the qubits, and break on a second kind.

OTHER_GATES: Final = "other_gates"
"""Where a calibration keeps entries of gates that the older classes must not meet among theirs."""

_KNOWN_TO_TERRA: Final = """
    ccx ch cp crx cry crz cs csdg cswap csx cu cu1 cu3 cx cy cz dcx delay ecr h id iswap measure p r
    reset rx rxx ry ryy rz rzx rzz s sdg swap sx sxdg t tdg u u1 u2 u3 x y z
    """
KNOWN_TO_TERRA: Final = frozenset(_KNOWN_TO_TERRA.split())
"""Names that transpiling finds a gate for; it breaks on any other in a calibration."""

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
_NOTHING: Final = ("url", "clops_v", "clops_h")
_REQUIRED: Final = ("backend_name", "backend_version", "n_qubits", "basis_gates", "gates")


class LazyDocument(Mapping[str, Any]):
    """A document that is read when it is first looked at.

    Args:
        read: returns it; called once, unless it raises.
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
    """Return a configuration as ``QasmBackendConfiguration.from_dict`` takes it.

    Units stay those of the wire: ``dt`` in ns, repetition delays in µs. Pulse fields are left out
    and ``open_pulse`` is false, since the service has no pulse access; fractional gates, and gates
    that transpiling does not know, are left out where there are others to build circuits of.

    Args:
        document: as the service gives it.
        name: the backend that was asked for.

    Raises:
        KeyError: a field without which a device cannot be used is missing.
    """
    for field in _REQUIRED[2:]:
        if document.get(field) is None:
            raise KeyError(field)
    older = {key: value for key, value in document.items() if key not in _PULSE_FIELDS}
    older.update(
        backend_name=name,
        backend_version=document.get("backend_version") or "0.0.0",
        open_pulse=False,
        simulator=bool(document.get("simulator", False)),
        local=bool(document.get("local", False)),
        conditional=bool(document.get("conditional", False)),
        memory=True,  # the outcome of every shot is always there
        measure_esp_enabled=False,  # there is no option to ask for it
        n_registers=1,
        max_shots=document.get("max_shots") or FALLBACK_MAX_SHOTS,
        max_experiments=document.get("max_experiments") or FALLBACK_MAX_EXPERIMENTS,
        coupling_map=document.get("coupling_map"),
        meas_levels=[1, 2],
        description=document.get("description") or "",  # Aer asks every device for it
    )
    for field in _NOTHING:
        if older.get(field) == "None":
            older[field] = None
    return _with_shown_gates(older)


def _with_shown_gates(document: dict[str, Any]) -> dict[str, Any]:
    described = [str(gate.get("name")) for gate in document["gates"]]
    shown = _shown(described)
    document["gates"] = [
        gate for gate, name in zip(document["gates"], described, strict=True) if name in shown
    ]
    listed = document["basis_gates"]
    shown = _shown(listed)
    hidden = set(listed) - shown
    document["basis_gates"] = [name for name in listed if name in shown]
    supported = document.get("supported_instructions")
    if supported is not None:
        document["supported_instructions"] = [name for name in supported if name not in hidden]
    return document


def _shown(gates: Iterable[str]) -> set[str]:
    """Return the gates that the older classes are to see; all where none would be left."""
    listed = set(gates)
    return (listed & KNOWN_TO_TERRA) - _KEPT_APART or listed


def older_properties(document: Any, name: str) -> Document | None:
    """Return a calibration as ``BackendProperties.from_dict`` takes it; ``None`` for an empty one.

    Values stay as they are; entries that are no measured values are left out. Gates that
    transpiling does not know (``measure_2``, ``reset_2``), measurements, and the fractional gates
    that the configuration does not show either, are kept apart, under :data:`OTHER_GATES`.

    Args:
        document: as the service gives it.
        name: the backend that was asked for.

    Raises:
        TypeError: it is not a JSON object.
    """
    if document is not None and not isinstance(document, Mapping):
        raise TypeError(f"the properties document is {type(document).__name__}")
    if not document or not document.get("qubits"):
        return None
    older = copy.deepcopy(dict(document))
    older["backend_name"] = name
    older["backend_version"] = document.get("backend_version") or "0.0.0"
    older["qubits"] = [_measured(qubit) for qubit in older["qubits"]]
    gates = [
        {
            **gate,
            "qubits": [int(qubit) for qubit in gate["qubits"]],
            "parameters": _measured(gate.get("parameters")),
        }
        for gate in older.get("gates") or ()
    ]
    shown = _shown(gate["gate"] for gate in gates)
    older["gates"] = [gate for gate in gates if gate["gate"] in shown]
    apart = [gate for gate in gates if gate["gate"] not in shown]
    if apart:
        older[OTHER_GATES] = apart
    older["general"] = _measured(older.get("general"))
    return older


def _measured(entries: Any) -> list[dict[str, Any]]:
    return [
        {**entry, "unit": entry.get("unit") or ""}
        for entry in entries or ()
        if isinstance(entry, Mapping) and {"name", "value", "date"} <= entry.keys()
    ]


def pulse_defaults(document: Any) -> Document | None:
    """Return pulse defaults; ``None`` for what the service sends today, null."""
    if isinstance(document, Mapping) and document.get("cmd_def"):
        return document
    return None
