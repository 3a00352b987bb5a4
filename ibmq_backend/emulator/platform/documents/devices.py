"""Documents of devices.

They are made from the snapshots, which have the classic format: fields for pulses are removed, and
new fields are added if the snapshot has their values. No measured value is invented.
"""

from __future__ import annotations

import statistics
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from ibmq_backend.emulator.core.clock import moment_of
from ibmq_backend.emulator.core.prepared import Prepared
from ibmq_backend.emulator.core.raw_json import compact_json
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.devices.instruction_set import (
    LISTED_AMONG_GATES,
    gates_of,
    instructions_of,
)
from ibmq_backend.emulator.platform.documents.versions import FIRST_OF_2026

Document = dict[str, Any]

MAX_SHOTS: Final = 100_000
MAX_CIRCUITS: Final = 300
"""Device documents state both limits; neither is enforced."""

# Fields for pulses, or of the classic dialect only.
_REMOVED_FIELDS: Final = frozenset(
    {
        "hamiltonian", "u_channel_lo", "n_uchannels", "uchannels_enabled", "qubit_lo_range",
        "meas_lo_range", "rep_times", "channels", "qubit_channel_mapping", "parametric_pulses",
        "acquisition_latency", "conditional_latency", "pulse_num_channels", "pulse_num_qubits",
        "live_data", "input_allowed", "allow_object_storage",
    }
)  # fmt: skip


def configuration(device: Device) -> Document:
    """Return the reply of ``getBackendConfiguration``, with times in ns and µs."""
    kept = {
        key: value for key, value in device.configuration().items() if key not in _REMOVED_FIELDS
    }
    basis = list(gates_of(device))
    gates = [gate for gate in kept["gates"] if gate["name"] not in LISTED_AMONG_GATES]
    gates += [{"name": name, "parameters": None, "qasm_def": None} for name in LISTED_AMONG_GATES]
    clops = kept.get("clops")
    return {
        **kept,
        "basis_gates": basis,
        "gates": gates,
        "supported_instructions": sorted({*basis, *instructions_of(device)}),
        "supported_features": ["qasm3", "dynamic_circuits", "parameters"],
        "conditional": False,
        "open_pulse": False,
        "memory": True,
        "measure_esp_enabled": False,
        "max_shots": MAX_SHOTS,
        "max_experiments": MAX_CIRCUITS,
        "processor_type": _processor(kept.get("processor_type")),
        "meas_levels": None,
        "meas_kernels": None,
        "discriminators": None,
        "clops": None,
        "clops_h": clops if isinstance(clops, int) else None,
        "clops_v": "None",
        "url": "None",
    }


def properties(device: Device, before_ms: int | None = None) -> Document | None:
    """Return the reply of ``getBackendProperties``.

    Args:
        device: the device.
        before_ms: upper bound for the time of the calibration, in milliseconds since 1970.

    Returns:
        The newest calibration before that time; None if there is none.
    """
    before = None if before_ms is None else moment_of(before_ms)
    document = device.properties(before)
    if document is None:
        return None
    for gate in document["gates"]:
        gate.setdefault("name", gate["gate"] + "_".join(str(qubit) for qubit in gate["qubits"]))
    document.setdefault("general_qlists", [])
    return document


@lru_cache(maxsize=256)
def prepared_configuration(device: Device) -> Prepared:
    """Return the reply of ``getBackendConfiguration``, which takes long to make."""
    return Prepared(compact_json(configuration(device)))


@lru_cache(maxsize=256)
def prepared_properties(device: Device) -> Prepared:
    """Return the reply of ``getBackendProperties`` with the newest calibration."""
    return Prepared(compact_json(properties(device) or {}))


def calibration_id(device: Device) -> str:
    """Return the id of the calibration of a device."""
    date = device.snapshot_date
    text = f"{device.name} {'' if date is None else date.isoformat()}"
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text))


def list_entry(
    device: Device,
    *,
    version: str,
    state: str,
    reason: str,
    queue_length: int,
    wait_seconds: int | None,
) -> Document:
    """Return one entry of ``listBackends``.

    Args:
        device: the device.
        version: the API version.
        state: ``online``, ``paused`` or ``offline``.
        reason: ``available``, ``maintenance``, ...
        queue_length: number of waiting jobs.
        wait_seconds: estimated waiting time of a job; None to omit it.
    """
    entry: Document = {
        "name": device.name,
        "status": {"name": state, "reason": reason},
        "queue_length": queue_length,
        **_constant_fields(device),
    }
    if version < FIRST_OF_2026:
        entry["is_simulator"] = device.simulator
    if wait_seconds is not None:
        entry["wait_time_seconds"] = {
            "average": wait_seconds,
            "p50": wait_seconds,
            "p95": 2 * wait_seconds,
        }
    return entry


@lru_cache(maxsize=256)
def _constant_fields(device: Device) -> Document:
    """Return the constant fields; the result is cached because the source documents are large."""
    document = device.configuration()
    clops, metrics = document.get("clops"), _metrics(device)
    fields: Document = {
        "qubits": device.num_qubits,
        "clops": {"type": "hardware", "value": clops} if isinstance(clops, int) else None,
        "processor_type": _processor(document.get("processor_type")),
    }
    if metrics:
        fields["performance_metrics"] = metrics
    return fields


def _processor(value: Any) -> Document | None:
    if not isinstance(value, Mapping):
        return None
    return {key: None if one is None else str(one) for key, one in value.items()}


def _metrics(device: Device) -> Document:
    document = device.properties()
    if document is None:
        return {}
    pairs = [
        (value, gate)
        for gate in document["gates"]
        if len(gate["qubits"]) == 2
        for value in _values(gate["parameters"], "gate_error")
        if value < 1
    ]
    metrics: Document = {}
    if pairs:
        value, best = min(pairs, key=lambda pair: pair[0])
        metrics["two_q_error_best"] = {
            "value": value,
            "unit": "",
            "gate": best["gate"],
            "qubits": best["qubits"],
        }
        metrics["two_q_error_median"] = _median(value for value, _ in pairs)
    readout = [value for qubit in document["qubits"] for value in _values(qubit, "readout_error")]
    if readout:
        metrics["readout_error_median"] = _median(readout)
    return metrics


def _values(parameters: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    return [float(one["value"]) for one in parameters if one["name"] == name]


def _median(values: Iterable[float]) -> Document:
    return {"value": statistics.median(values), "unit": ""}
