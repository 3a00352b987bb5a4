"""An invented device of 156 qubits in heavy hexagons, as the platform describes them in 2026.

Its documents have what surprises Qiskit 0.46: fractional gates, unknown gates, measurements among
the gates, missing values, and no frequencies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATE = "2026-04-17T05:00:00+00:00"
ROWS = 8
QUBITS = 156
DT = 4.0
_WIDTH, _LINKS = 16, 4


def pairs() -> list[list[int]]:
    """Return all coupled pairs in both directions: rows of 16 qubits, four links between rows."""
    found = []
    for row in range(ROWS):
        first = row * (_WIDTH + _LINKS)
        found += [[first + n, first + n + 1] for n in range(_WIDTH - 1)]
        if row < ROWS - 1:
            for link in range(_LINKS):
                column = 4 * link + (1 if row % 2 else 3)
                middle = first + _WIDTH + link
                found += [[first + column, middle], [middle, first + _WIDTH + _LINKS + column]]
    return sorted(found + [pair[::-1] for pair in found])


def configuration(name: str = "ibm_heron", gate: str = "cz", qubits: int = QUBITS) -> Any:
    """Return the configuration of the first ``qubits`` qubits."""
    coupled = [pair for pair in pairs() if max(pair) < qubits]
    everywhere = [[n] for n in range(qubits)]
    singles = ["id", "rz", "sx", "x", "rx", "xslow"]
    basis = [gate, *singles, "rzz"]
    listed = [
        {"name": each, "parameters": [], "qasm_def": f"gate {each} q {{ }}", "coupling_map": where}
        for each, where in [(gate, coupled), ("rzz", coupled)] + [(s, everywhere) for s in singles]
    ]
    listed += [
        {"name": each, "parameters": None, "qasm_def": None}
        for each in ("measure", "measure_2", "reset", "reset_2")
    ]
    return {
        "backend_name": name,
        "backend_version": "1.0.3",
        "online_date": DATE,
        "n_qubits": qubits,
        "n_registers": 1,
        "simulator": False,
        "local": False,
        "conditional": False,
        "open_pulse": False,
        "memory": True,
        "max_shots": 100_000,
        "max_experiments": 300,
        "basis_gates": basis,
        "supported_instructions": [
            *(*basis, "delay", "if_else", "measure", "measure_2", "reset", "reset_2", "store"),
        ],
        "supported_features": ["qasm3", "dynamic_circuits", "parameters"],
        "coupling_map": coupled,
        "gates": listed,
        "dt": DT,
        "dtm": DT,
        "rep_delay_range": [0.0, 2000.0],
        "default_rep_delay": 250.0,
        "dynamic_reprate_enabled": True,
        "timing_constraints": {
            "acquire_alignment": 1,
            "granularity": 1,
            "min_length": 1,
            "pulse_alignment": 1,
        },
        "meas_map": [list(range(qubits))],
        "meas_levels": None,
        "meas_kernels": None,
        "discriminators": None,
        "processor_type": {"family": "Heron", "revision": "2"},
        "quantum_volume": None,
        "clops_h": 250_000,
        "clops_v": "None",
        "url": "None",
    }


def properties(name: str = "ibm_heron", gate: str = "cz", qubits: int = QUBITS) -> Any:
    """Return the calibration; qubit 1 lacks T2, and the last pair failed its calibration."""
    coupled = [pair for pair in pairs() if max(pair) < qubits]

    def value(kind: str, number: float, unit: str = "") -> dict[str, Any]:
        return {"name": kind, "value": number, "unit": unit, "date": DATE}

    def entry(kind: str, where: list[int], error: float | None, length: float) -> dict[str, Any]:
        parameters = [] if error is None else [value("gate_error", error)]
        return {
            "gate": kind,
            "name": kind + "_".join(map(str, where)),
            "qubits": where,
            "parameters": [*parameters, value("gate_length", length, "ns")],
        }

    singles = [
        entry(kind, [n], error, length)
        for n in range(qubits)
        for kind, error, length in (
            ("id", 2e-4, 32.0),
            ("rz", 0.0, 0.0),
            ("sx", 2e-4, 32.0),
            ("x", 2e-4, 32.0),
            ("rx", 2e-4, 32.0),
            ("xslow", 3e-4, 64.0),
            ("measure", 1e-2, 2584.0),
            ("measure_2", 1e-2, 1584.0),
            ("reset", None, 2700.0),
            ("reset_2", None, 1700.0),
        )
    ]
    doubles = [
        entry(kind, pair, 1.0 if pair in coupled[-2:] else 3e-3, 68.0)
        for pair in coupled
        for kind in (gate, "rzz")
    ]
    measured = []
    for n in range(qubits):
        times = [value("T1", 200.0 + n % 7, "us"), value("T2", 150.0 + n % 5, "us")]
        readout = [
            value("readout_error", 0.01),
            value("prob_meas0_prep1", 0.012),
            value("prob_meas1_prep0", 0.008),
            value("readout_length", 2584.0, "ns"),
        ]
        measured.append([*(times[:1] if n == 1 else times), *readout])
    return {
        "backend_name": name,
        "backend_version": "1.0.3",
        "last_update_date": DATE,
        "qubits": measured,
        "gates": [*singles, *doubles],
        "general": [value("lf_100", 0.5)],
        "general_qlists": [{"name": "lf_100", "qubits": list(range(min(100, qubits)))}],
    }


def write_device(
    folder: Path,
    name: str = "ibm_heron",
    gate: str = "cz",
    *,
    qubits: int = QUBITS,
    calibrated: bool = True,
    lacks: frozenset[str] = frozenset(),
) -> Path:
    """Write the snapshot files of the device into a folder.

    Without calibration it has no noise; it does not support the instructions in ``lacks``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    short = name.removeprefix("ibm_")
    document = configuration(name, gate, qubits)
    document["supported_instructions"] = [
        each for each in document["supported_instructions"] if each not in lacks
    ]
    (folder / f"conf_{short}.json").write_text(json.dumps(document), "utf-8")
    if calibrated:
        document = properties(name, gate, qubits)
        (folder / f"props_{short}.json").write_text(json.dumps(document), "utf-8")
    return folder
