"""Static cards for notebooks: plain HTML, no script; those of one object make no request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from qiskit.providers.models import BackendProperties

    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend
    from ibmq_backend.job.job import IBMQJob


def _card(title: str, rows: dict[str, object]) -> str:
    body = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
        if value is not None
    )
    return f"<table><caption><b>{escape(title)}</b></caption>{body}</table>"


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th style='text-align:left'>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_text(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><caption><b>{escape(title)}</b></caption><tr>{head}</tr>{body}</table>"


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def backend_card(backend: IBMQBackend) -> str:
    """Return a card of a backend from its configuration."""
    configuration = backend.configuration()
    return _card(
        backend.name(),
        {
            "provider": backend.provider().place_text(),
            "version": configuration.backend_version,
            "qubits": configuration.n_qubits,
            "quantum volume": getattr(configuration, "quantum_volume", None),
            "basis gates": ", ".join(configuration.basis_gates),
            "maximum shots": configuration.max_shots,
            "maximum circuits": getattr(configuration, "max_experiments", None),
            "kind": "simulator" if configuration.simulator else "device",
        },
    )


def job_card(job: IBMQJob) -> str:
    """Return a card of a job from what is known of it."""
    record = job._record
    return _card(
        f"Job {job.job_id()}",
        {
            "backend": job.backend().name(),
            "provider": job.backend().provider().place_text(),
            "status": record.status,
            "created": None if record.created is None else job.creation_date().isoformat(),
            "name": job.name(),
            "tags": ", ".join(job.tags()) or None,
        },
    )


def provider_card(provider: AccountProvider) -> str:
    """Return a card of a provider."""
    known = provider.backend._records
    return _card(
        "Provider",
        {
            "where": provider.place_text(),
            "backends": "not asked for yet" if known is None else len(known),
        },
    )


def devices_card(provider: AccountProvider) -> str:
    """Return a table of the devices of a provider, from their configurations.

    Raises:
        ApiError: the call failed.

    Wire: listBackends, unless it was read before.
    """
    return _table(
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


def jobs_card(provider: AccountProvider, limit: int = 5) -> str:
    """Return a table of the newest jobs of a provider.

    Args:
        provider: whose jobs.
        limit: at most so many.

    Raises:
        ApiError: the call failed.

    Wire: listJobStatuses.
    """
    return _table(
        "Newest jobs",
        ("Job", "Device", "Status", "Created", "Name"),
        (
            (
                job.job_id(),
                job.backend().name(),
                job._record.status,
                f"{job.creation_date():%Y-%m-%d %H:%M:%S}",
                job.name(),
            )
            for job in provider.backend.jobs(limit=limit)
        ),
    )


def overview_card(backends: Iterable[IBMQBackend]) -> str:
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
    return _table(
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


MICROSECONDS: Final = 1e6
BROKEN: Final = 1.0
"""Gate error that stands for a gate that is switched off."""


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
        if gate.gate == "cx" and (error := properties.gate_error("cx", gate.qubits)) < BROKEN
    ]
    return (
        _mean(properties.t1(qubit) * MICROSECONDS for qubit in qubits),
        _mean(properties.t2(qubit) * MICROSECONDS for qubit in qubits),
        _mean(errors),
        _mean(properties.readout_error(qubit) for qubit in qubits),
    )


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None
