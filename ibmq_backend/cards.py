"""Static cards for notebooks: plain HTML, no script, no request."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibmq_backend.backend import IBMQBackend
    from ibmq_backend.job import IBMQJob
    from ibmq_backend.provider import AccountProvider


def _card(title: str, rows: dict[str, object]) -> str:
    body = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
        if value is not None
    )
    return f"<table><caption><b>{escape(title)}</b></caption>{body}</table>"


def backend_card(backend: IBMQBackend) -> str:
    """Return a card of a backend from its configuration."""
    configuration = backend.configuration()
    return _card(
        backend.name(),
        {
            "provider": backend.provider().place_text(),
            "version": configuration.backend_version,
            "qubits": configuration.n_qubits,
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
