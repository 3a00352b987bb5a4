"""Tables of devices and jobs: what the magics of the original package showed live."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ibmq_backend._html import table
from ibmq_backend.job.job import record_of
from ibmq_backend.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from qiskit.providers.models import BackendProperties

    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend

BROKEN_GATE_ERROR: Final = 1.0
"""Error of a gate that is switched off."""


def devices_table(provider: AccountProvider) -> str:
    """Return a table of the devices of a provider, from their configurations.

    Raises:
        ApiError: the call failed.

    Wire: listBackends, unless it was read before.
    """
    return table(
        f"Devices of {provider.place_text()}",
        ("Device", "Version", "Qubits", "Quantum volume", "Maximum shots", "Basis gates"),
        (
            (
                backend.name(),
                configuration.backend_version,
                configuration.n_qubits,
                getattr(configuration, "quantum_volume", None),
                configuration.max_shots,
                ", ".join(configuration.basis_gates),
            )
            for backend in provider.backend.backends(simulator=False)
            for configuration in (backend.configuration(),)
        ),
    )


def jobs_table(provider: AccountProvider, limit: int = 5) -> str:
    """Return a table of the newest jobs of a provider.

    Args:
        provider: whose jobs.
        limit: at most so many.

    Raises:
        ApiError: the call failed.

    Wire: listJobStatuses.
    """
    return table(
        "Newest jobs",
        ("Job", "Device", "Status", "Created", "Name"),
        (
            (
                job.job_id(),
                job.backend().name(),
                record_of(job).status,
                f"{job.creation_date():%Y-%m-%d %H:%M:%S}",
                job.name(),
            )
            for job in provider.backend.jobs(limit=limit)
        ),
    )


def overview_table(backends: Iterable[IBMQBackend]) -> str:
    """Return a table of backends: queue and averages of the calibration.

    Args:
        backends: devices; those out of order come last.

    Raises:
        ApiError: a call failed.

    Wire: getBackendStatus and, unless read before, getBackendProperties per backend.
    """
    states = [(backend, backend.status()) for backend in backends]
    pending = [state.pending_jobs for _, state in states if state.operational]
    fewest = min(pending, default=None)
    return table(
        "Backend overview",
        (
            "Device",
            "Qubits",
            "Quantum volume",
            "Pending jobs",
            "Operational",
            "Least busy",
            "Mean T1 / µs",
            "Mean T2 / µs",
            "Mean CX error",
            "Mean readout error",
        ),
        (
            (
                backend.name(),
                backend.configuration().n_qubits,
                getattr(backend.configuration(), "quantum_volume", None),
                state.pending_jobs,
                state.operational,
                state.operational and state.pending_jobs == fewest,
                *_means(backend.properties()),
            )
            for backend, state in sorted(states, key=lambda item: not item[1].operational)
        ),
    )


def _means(
    properties: BackendProperties | None,
) -> tuple[float | None, float | None, float | None, float | None]:
    """Return mean T1 and T2 in µs, mean error of the cx gates that work, of the readout."""
    if properties is None:
        return None, None, None, None
    qubits = range(len(properties.qubits))
    errors = [
        error
        for gate in properties.gates
        if gate.gate == "cx"
        and (error := properties.gate_error("cx", gate.qubits)) < BROKEN_GATE_ERROR
    ]
    return (
        _mean(properties.t1(qubit) * MICROSECONDS_PER_SECOND for qubit in qubits),
        _mean(properties.t2(qubit) * MICROSECONDS_PER_SECOND for qubit in qubits),
        _mean(errors),
        _mean(properties.readout_error(qubit) for qubit in qubits),
    )


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None
