"""The HTML card of a backend for notebooks: its facts, calibration and map."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from statistics import median
from typing import Final

from qiskit.providers.models import BackendProperties, BackendStatus

from ibmq_backend._errors.malformed import READ_ERRORS
from ibmq_backend._html import beside, card
from ibmq_backend.models import Configuration
from ibmq_backend.records import ServiceInfo
from ibmq_backend.units import MICROSECONDS_PER_SECOND
from ibmq_backend.visualization.error_rates import rates_of_properties
from ibmq_backend.visualization.svg import MAX_COUPLINGS, MAX_QUBITS, map_svg

_SERVICES: Final = {"platform": "IBM Quantum Platform", "classic": "classic hub/group/project"}


def backend_card(
    configuration: Configuration,
    provider: str,
    service: ServiceInfo,
    status: BackendStatus | None = None,
    properties: BackendProperties | None = None,
) -> str:
    """Return the card of a backend. No request is sent.

    Args:
        configuration: configuration of the backend.
        provider: instance and service as in the ``repr`` of objects, with what is emulated.
        service: service of the backend.
        status: state of the backend; whoever gives it has read the calibration too.
        properties: calibration, if it was read and there is one.
    """
    simulator = configuration.simulator
    rows: dict[str, object] = {
        "kind": "simulator" if simulator else "device",
        "provider": provider,
        "service": None if service.emulated else _SERVICES.get(service.target),
        "status": None if status is None else _state(status),
        "version": configuration.backend_version,
        "qubits": configuration.n_qubits,
        "quantum volume": getattr(configuration, "quantum_volume", None) or None,
        "basis gates": ", ".join(map(str, configuration.basis_gates or ())) or None,
        "maximum shots": configuration.max_shots,
        "maximum circuits": getattr(configuration, "max_experiments", None),
    }
    if properties is not None:
        with suppress(*READ_ERRORS):
            rows |= _calibration(properties)
    elif not simulator:
        rows["calibration"] = "none" if status else "not read yet; backend.properties() reads it"
    facts = card(configuration.backend_name, rows)
    if simulator or configuration.n_qubits > MAX_QUBITS:
        return facts
    try:
        coupling_map = configuration.coupling_map or ()
        if len(coupling_map) > MAX_COUPLINGS:
            return facts
        rates = None if properties is None else rates_of_properties(properties)
        device_map = map_svg(
            configuration.backend_name, configuration.n_qubits, coupling_map, rates
        )
        return beside(facts, device_map)
    except READ_ERRORS:
        return facts


def _state(status: BackendStatus) -> str:
    state = status.status_msg if status.operational else f"not operational, {status.status_msg}"
    return f"{state}, pending jobs: {status.pending_jobs}"


def _calibration(properties: BackendProperties) -> dict[str, object]:
    rates = rates_of_properties(properties)
    rows: dict[str, object] = {
        "calibration": properties.last_update_date,
        "T1": _spread(qubit_times(properties, "T1"), "µs"),
        "T2": _spread(qubit_times(properties, "T2"), "µs"),
        "readout error": _spread([100 * rate for rate in rates.readout.values()], "%"),
    }
    for errors in (rates.single, rates.pair):
        if errors.gate:
            text = _spread([100 * rate for rate in errors.working], "%")
            broken = errors.num_broken
            off = f"{broken} of {len(errors.rates)} switched off" if broken else None
            rows[f"{errors.gate} error"] = "; ".join(each for each in (text, off) if each)
    return rows


def qubit_times(properties: BackendProperties, name: str) -> list[float]:
    """Return ``T1`` or ``T2`` of the qubits that have it, in microseconds."""
    return [
        properties.qubit_property(qubit, name)[0] * MICROSECONDS_PER_SECOND
        for qubit, values in enumerate(properties.qubits)
        if any(value.name == name for value in values)
    ]


def _spread(values: Sequence[float], unit: str) -> str | None:
    """Return the median and the range; ``None`` without values."""
    if not values:
        return None
    if len(values) == 1:
        return f"{values[0]:.3g} {unit}"
    return f"median {median(values):.3g} {unit}, {min(values):.3g} to {max(values):.3g} {unit}"
