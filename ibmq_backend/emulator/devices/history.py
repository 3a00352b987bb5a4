"""What the service stated about devices at other times than that of their snapshots.

Most snapshots are of March or July 2021. Until December 2021 the service added fields and raised
limits, on which the programs of 2022 rely; devices that were retired before never had them.

Sources: the list of retired systems in the documentation of IBM Quantum (Qiskit/documentation,
``docs/run/retired-systems.mdx``) for the devices that were in service in December 2021; the
snapshots of that month (cairo, hanoi, kolkata, nairobi) for the fields; the configurations of 2023
in qiskit-ibm-runtime for jakarta, lagos and manila; the threads named below. The last days of
service are those of the list, in the state of 2024 and 2025 (``docs/guides/retired-qpus.mdx``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from ibmq_backend.emulator.devices.calibration_files import DatedCalibration
from ibmq_backend.emulator.devices.gates import BASES, GATES, QASM
from ibmq_backend.emulator.devices.known import GATE_DEFINITIONS

__all__ = [
    "basis_gates_on",
    "complete",
    "complete_defaults",
    "restore",
    "why_out_of_service",
]

_NOT_IN_EVERY_LIST: Final = frozenset({"measure", "reset"})
_PULSED_GATES: Final = frozenset({"sx", "x", "u2", "u3"})

_WITH_OLDER_SNAPSHOTS: Final = frozenset(
    {
        "ibm_lagos", "ibmq_armonk", "ibmq_belem", "ibmq_bogota", "ibmq_brooklyn",
        "ibmq_casablanca", "ibmq_guadalupe", "ibmq_jakarta", "ibmq_lima", "ibmq_manila",
        "ibmq_montreal", "ibmq_mumbai", "ibmq_quito", "ibmq_santiago", "ibmq_sydney",
        "ibmq_toronto",
    }
)  # fmt: skip
"""Devices in service in December 2021 whose snapshots are older."""

_TIMING_CONSTRAINTS: Final = {
    "acquire_alignment": 16,
    "granularity": 16,
    "min_length": 64,
    "pulse_alignment": 1,
}
"""In samples, as cairo, hanoi and nairobi stated them. Since July 2021: ibm-quantum-schemas#11.

The configurations of 2023 state a ``pulse_alignment`` of 16, but by then nairobi's had changed too;
with 16, delays in programs of 2021 would be refused.
"""

_MAX_SHOTS: Final = 20_000
"""Limit of the open group, known of quito."""

_OF_DEVICES: Final[dict[str, dict[str, Any]]] = {
    "ibm_lagos": {"max_shots": 100_000, "clops": 2741},
    "ibmq_jakarta": {"max_shots": 100_000, "clops": 2438},
    "ibmq_manila": {"max_shots": 100_000, "clops": 2819},
    "ibmq_mumbai": {"max_shots": 100_000},  # qiskit-terra#7398
}


_IN_SECONDS_AND_HERTZ: Final = "ibmq_poughkeepsie"
"""Device whose snapshot states seconds and hertz, where the service had ns, µs and GHz: its gates
last multiples of 3.56 ns, and other devices of its time have the same ``rep_times`` in µs."""
_FACTORS: Final = {
    "dt": 1e9, "dtm": 1e9, "rep_times": 1e6, "qubit_lo_range": 1e-9, "meas_lo_range": 1e-9,
}  # fmt: skip
_HIGHEST_GHZ: Final = 1e3

_STATED_IN_DECEMBER_2021: Final = datetime(2021, 12, 1, tzinfo=UTC)

_RETIRED: Final[dict[str, str]] = {
    "ibm_auckland": "2023-11-09", "ibm_cairo": "2024-04-30", "ibm_geneva": "2023-05-04",
    "ibm_hanoi": "2024-04-30", "ibm_lagos": "2023-11-28", "ibm_nairobi": "2023-11-28",
    "ibm_oslo": "2023-05-04", "ibm_perth": "2023-11-28", "ibm_washington": "2023-06-03",
    "ibmq_16_melbourne": "2021-08-09", "ibmq_almaden": "2020-08-31", "ibmq_armonk": "2022-07-07",
    "ibmq_athens": "2021-06-30", "ibmq_belem": "2023-09-26", "ibmq_boeblingen": "2021-01-31",
    "ibmq_bogota": "2022-06-17", "ibmq_brooklyn": "2022-06-28", "ibmq_burlington": "2020-08-31",
    "ibmq_cambridge": "2020-10-31", "ibmq_casablanca": "2022-03-02", "ibmq_essex": "2020-08-31",
    "ibmq_guadalupe": "2023-10-27", "ibmq_jakarta": "2023-09-26",
    "ibmq_johannesburg": "2020-08-31", "ibmq_kolkata": "2024-04-01", "ibmq_lima": "2023-09-26",
    "ibmq_london": "2020-08-31", "ibmq_manhattan": "2021-09-22", "ibmq_manila": "2023-09-26",
    "ibmq_montreal": "2023-04-11", "ibmq_mumbai": "2024-04-01", "ibmq_ourense": "2021-01-15",
    "ibmq_paris": "2021-06-30", "ibmq_quito": "2023-09-26", "ibmq_rochester": "2020-10-31",
    "ibmq_rome": "2021-06-30", "ibmq_santiago": "2022-06-17", "ibmq_singapore": "2020-08-31",
    "ibmq_sydney": "2022-01-11", "ibmq_toronto": "2023-04-11", "ibmq_valencia": "2021-01-15",
    "ibmq_vigo": "2021-01-15", "ibmqx2": "2021-08-09",
}  # fmt: skip
"""Last day of service. It is not known of the devices that were in service before 2019 or that are
not in the list of retired systems."""


def complete(document: dict[str, Any], date: datetime | None = None) -> None:
    """Add to a configuration document of qiskit-terra what the service stated later.

    Limits are raised and fields added; nothing else that a snapshot states is changed, except that
    ``supported_features`` of four snapshots is the word "qobj" in letters, and that one states
    seconds and hertz.

    Args:
        document: the configuration document.
        date: date of the emulation; before December 2021 nothing is added.
    """
    name = document["backend_name"]
    if name in _WITH_OLDER_SNAPSHOTS and (date is None or date >= _STATED_IN_DECEMBER_2021):
        document["timing_constraints"] = dict(_TIMING_CONSTRAINTS)
        document["max_shots"] = _MAX_SHOTS
        document["input_allowed"] = ["job", "runtime"]
        document["supported_features"] = ["qobj"]
        document.update(_OF_DEVICES.get(name, {}))
    elif document.get("supported_features") == list("qobj"):
        document["supported_features"] = ["qobj"]
    if name == _IN_SECONDS_AND_HERTZ:
        for key in _FACTORS.keys() & document.keys():
            document[key] = _scaled(document[key], _FACTORS[key])


def complete_defaults(name: str, document: dict[str, Any]) -> None:
    """Put the frequencies of a pulse defaults document in GHz, if its snapshot states hertz."""
    if name == _IN_SECONDS_AND_HERTZ:
        for key in ("qubit_freq_est", "meas_freq_est"):
            if max(document[key]) > _HIGHEST_GHZ:
                document[key] = _scaled(document[key], 1e-9)


def why_out_of_service(name: str, online: datetime, date: datetime | None) -> str:
    """Return why a device was not in service on a date, in words; empty if it was.

    Args:
        name: the device.
        online: date on which it came into service.
        date: date of the emulation; None if devices of all times are emulated.
    """
    if date is None or name == QASM:  # the service had a general simulator from the beginning
        return ""
    if date < online:
        return f"{name} was not in service on {_day(date)}: it came online on {_day(online)}"
    if name in _RETIRED and _RETIRED[name] < _day(date):
        return f"{name} was not in service on {_day(date)}: it was retired on {_RETIRED[name]}"
    return ""


def restore(document: dict[str, Any], calibration: DatedCalibration) -> None:
    """Change a configuration document to what is known of the date of a calibration.

    That is the version, the number of qubits, the gates, and the pairs of qubits.
    """
    if calibration.backend_version is not None:
        document["backend_version"] = calibration.backend_version
    document["n_qubits"] = calibration.num_qubits
    pairs, basis = calibration.coupling_map, calibration.basis_gates
    if pairs is not None:
        document["coupling_map"] = [list(pair) for pair in pairs]
    if basis is not None and set(basis) ^ set(document["basis_gates"]) - _NOT_IN_EVERY_LIST:
        document["basis_gates"] = list(basis)
    elif pairs is None:
        return
    known = {gate["name"]: gate for gate in document["gates"]}
    document["gates"] = [_gate(known.get(name), name, document) for name in document["basis_gates"]]


def basis_gates_on(
    configuration: dict[str, Any], properties: dict[str, Any]
) -> tuple[str, ...] | None:
    """Return the gates of a device on the date of a calibration.

    Args:
        configuration: configuration document of the device.
        properties: calibration document of that date.

    Returns:
        The gates, or None if the single-qubit gates are those of the configuration.
    """
    calibrated = {str(gate["gate"]) for gate in properties["gates"]}
    listed = configuration.get("basis_gates")
    if not isinstance(listed, list) or calibrated & _PULSED_GATES & set(listed):
        return None
    for basis in BASES.values():
        if calibrated & basis & _PULSED_GATES:
            others = [name for name in listed if not any(name in each for each in BASES.values())]
            return tuple(dict.fromkeys(["id", *sorted(basis), *others]))
    return None


def _gate(known: dict[str, Any] | None, name: str, document: dict[str, Any]) -> dict[str, Any]:
    if known is not None and "coupling_map" not in known:
        return known
    parameters, definition = GATE_DEFINITIONS.get(name, ([], ""))
    gate = known or {"name": name, "parameters": parameters, "qasm_def": definition}
    if name in GATES and GATES[name].num_qubits == 2:
        return {**gate, "coupling_map": document["coupling_map"]}
    return {**gate, "coupling_map": [[qubit] for qubit in range(document["n_qubits"])]}


def _scaled(value: Any, factor: float) -> Any:
    return [_scaled(one, factor) for one in value] if isinstance(value, list) else value * factor


def _day(date: datetime) -> str:
    return date.date().isoformat()
