"""HTML tables of devices and jobs."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean
from typing import TYPE_CHECKING

from ibmq_backend._html import table
from ibmq_backend.backend.html import qubit_times
from ibmq_backend.backend.selection import least_busy_of, states_of
from ibmq_backend.job.job import record_of
from ibmq_backend.visualization.error_rates import rates_of_properties

if TYPE_CHECKING:
    from qiskit.providers.models import BackendProperties

    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend


def devices_table(provider: AccountProvider) -> str:
    """Return a table of the devices of a provider with facts of their configurations.

    Raises:
        ApiError: the call failed.

    Wire: listBackends, unless the list was read before.
    """
    return table(
        f"Devices of {provider.describe_service()}",
        ("Device", "Version", "Qubits", "Quantum volume", "Maximum shots", "Basis gates"),
        (
            (
                backend.name(),
                configuration.backend_version,
                configuration.n_qubits,
                getattr(configuration, "quantum_volume", None) or None,
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
        provider: provider of the jobs.
        limit: maximum number of jobs.

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
                record.status,
                record.created,
                job.name(),
            )
            for job in provider.backend.jobs(limit=limit)
            for record in (record_of(job),)
        ),
    )


def overview_table(backends: Iterable[IBMQBackend]) -> str:
    """Return a table of backends with their queues and the means of their calibrations.

    Args:
        backends: devices to show; those that are not operational come last.

    Raises:
        ApiError: a call failed.

    Wire: getBackendStatus for each backend, getBackendProperties unless it was read before, and as
    ``least_busy`` for the mark.
    """
    states = states_of(backends)
    least_busy = least_busy_of(states)
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
            "Two-qubit gate",
            "Mean error",
            "Mean readout error",
        ),
        (
            (
                backend.name(),
                backend.configuration().n_qubits,
                getattr(backend.configuration(), "quantum_volume", None) or None,
                state.pending_jobs,
                state.operational,
                "yes" if backend is least_busy else "",
                *_means(backend.properties()),
            )
            for backend, state in sorted(states, key=lambda item: not item[1].operational)
        ),
    )


def _means(properties: BackendProperties | None) -> tuple[float | str | None, ...]:
    """Return the means of T1 and T2 in µs, and of the errors of working gates and of readout."""
    if properties is None:
        return (None,) * 5
    rates = rates_of_properties(properties)
    return (
        _mean(qubit_times(properties, "T1")),
        _mean(qubit_times(properties, "T2")),
        rates.pair.gate or None,
        _mean(rates.pair.working),
        _mean(rates.readout.values()),
    )


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return mean(listed) if listed else None
