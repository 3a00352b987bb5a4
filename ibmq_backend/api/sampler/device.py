"""The instructions that a device supports, read from its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from ibmq_backend.api.sampler.device_documents import OTHER_GATES, named_gates
from ibmq_backend.records import Document

Qubits = tuple[int, ...]

NOT_GATES: Final = frozenset({"measure", "reset", "delay", "barrier"})
"""Instructions that a device supports unless its configuration lists others."""

CONTROL_FLOW: Final = "if_else"


@frozen
class Device:
    """The native instructions of a device.

    Attributes:
        name: the name of the device.
        n_qubits: the number of qubits.
        gates: the ordered qubits of each native gate; ``None`` for any qubits.
        supported: the names of further instructions.
        definitions: the OpenQASM 3 ``gate`` block of each gate that has one in the configuration.
        dt: the time step in ns; ``None`` if the configuration does not state it.
        broken: pairs of gate name and qubits that the calibration marks as not operational; the
            name is empty for a whole qubit.
        identity_lengths: the duration of ``id`` in ns, by qubit, if known.
    """

    name: str
    n_qubits: int
    gates: Mapping[str, frozenset[Qubits] | None]
    supported: frozenset[str]
    definitions: Mapping[str, str]
    dt: float | None
    broken: frozenset[tuple[str, Qubits]] = frozenset()
    identity_lengths: Mapping[int, float] = field(factory=dict)

    @property
    def has_conditions(self) -> bool:
        """Whether instructions can depend on measured results."""
        return CONTROL_FLOW in self.supported

    def calibrated(self, properties: Document | None) -> Device:
        """Return this device with the data of a calibration.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: the document is not a calibration.
        """
        lengths = _gate_lengths(properties, "id") | _gate_lengths(properties, "sx")
        return evolve(self, broken=_out_of_order(properties), identity_lengths=lengths)


def device_of(configuration: Document) -> Device:
    """Return the instructions that a device supports.

    Args:
        configuration: the configuration from the service, with ``dt`` in ns.

    Raises:
        KeyError, TypeError, ValueError: the document is not a configuration.
    """
    pairs = configuration.get("coupling_map")
    everywhere = None if pairs is None else frozenset(tuple(map(int, pair)) for pair in pairs)
    listed = {gate["name"]: gate for gate in named_gates(configuration)}
    gates: dict[str, frozenset[Qubits] | None] = {}
    for name in (*listed, *configuration["basis_gates"]):
        if name in gates or name in NOT_GATES or name not in configuration["basis_gates"]:
            continue
        places = (listed.get(name) or {}).get("coupling_map")
        if places is not None:
            gates[name] = frozenset(tuple(map(int, place)) for place in places)
        else:
            gates[name] = everywhere if name in _TWO_QUBIT_GATES else None
    listed_names, dt = configuration.get("supported_instructions"), configuration.get("dt")
    supported = frozenset(map(str, listed_names if isinstance(listed_names, list) else ()))
    return Device(
        name=str(configuration["backend_name"]),
        n_qubits=int(configuration["n_qubits"]),
        gates=gates,
        supported=supported or NOT_GATES,
        definitions={
            name: text
            for name, gate in listed.items()
            if isinstance(text := gate.get("qasm_def"), str) and text.strip().startswith("gate ")
        },
        dt=float(dt) if isinstance(dt, int | float) else None,
    )


def _gate_lengths(properties: Document | None, gate: str) -> dict[int, float]:
    lengths: dict[int, float] = {}
    for entry in (properties or {}).get("gates") or ():
        if entry.get("gate") != gate or len(entry.get("qubits") or ()) != 1:
            continue
        for parameter in entry.get("parameters") or ():
            if parameter.get("name") == "gate_length" and parameter.get("value") is not None:
                factor = _NANOSECONDS.get(str(parameter.get("unit")), 1.0)
                lengths[int(entry["qubits"][0])] = float(parameter["value"]) * factor
    return lengths


def _out_of_order(properties: Document | None) -> frozenset[tuple[str, Qubits]]:
    found: set[tuple[str, Qubits]] = set()
    for qubit, entries in enumerate((properties or {}).get("qubits") or ()):
        if _is_marked(entries):
            found.add(("", (qubit,)))
    listed = properties or {}
    for gate in (*(listed.get("gates") or ()), *(listed.get(OTHER_GATES) or ())):
        if _is_marked(gate.get("parameters") or ()):
            found.add((str(gate.get("gate")), tuple(map(int, gate.get("qubits") or ()))))
    return frozenset(found)


def _is_marked(entries: Any) -> bool:
    return any(
        entry.get("name") == "operational" and entry.get("value") in (0, False)
        for entry in entries
        if isinstance(entry, Mapping)
    )


_TWO_QUBIT_GATES: Final = frozenset({"cx", "cz", "ecr", "rzz", "swap", "iswap"})
_NANOSECONDS: Final[dict[str, float]] = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9}
