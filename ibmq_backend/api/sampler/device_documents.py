"""Converts device documents of IBM Quantum Platform for Qiskit's older classes.

``QasmBackendConfiguration`` requires fields that the service is removing, and must not get pulse
fields. ``BackendProperties`` requires that every list exists.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ibmq_backend.records import Document

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
_REQUIRED: Final = ("backend_name", "backend_version", "n_qubits", "basis_gates", "gates")


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
    that transpiling does not know are removed, unless no other gates remain.

    Args:
        document: the configuration from the service.
        name: the name of the backend.

    Raises:
        KeyError: a required field is missing.
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
        memory=True,  # results always contain the outcome of every shot
        measure_esp_enabled=False,  # the service has no option for it
        n_registers=1,
        max_shots=document.get("max_shots") or FALLBACK_MAX_SHOTS,
        max_experiments=document.get("max_experiments") or FALLBACK_MAX_EXPERIMENTS,
        coupling_map=document.get("coupling_map"),
        meas_levels=[1, 2],
        description=document.get("description") or "",  # Aer reads it from every device
    )
    for field in _NONE_AS_TEXT:
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
    """Return the gates to show to the older classes; all gates if none would remain."""
    listed = set(gates)
    return (listed & KNOWN_TO_TERRA) - _HIDDEN_GATES or listed


def older_properties(document: Any, name: str) -> Document | None:
    """Return a calibration in the form of ``BackendProperties.from_dict``; ``None`` if empty.

    Entries that are not measured values are removed. Measurements, fractional gates and gates that
    transpiling does not know (``measure_2``, ``reset_2``) are moved to :data:`OTHER_GATES`.

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
