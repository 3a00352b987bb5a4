"""Variants of ``IBMQBackend``: simulators, and removed devices that still have jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from qiskit.providers import Options
from qiskit.providers.models import BackendProperties, BackendStatus, QasmBackendConfiguration

from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend._html import card
from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend.backend import IBMQBackend
from ibmq_backend.backend.provider import Provider
from ibmq_backend.backend.reservation import BackendReservation
from ibmq_backend.backend.run_options import default_options
from ibmq_backend.exceptions import IBMQBackendError
from ibmq_backend.job.job import IBMQJob

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials

__all__ = ["IBMQBackend", "IBMQRetiredBackend", "IBMQSimulator"]


@methods_suggest_keywords
class IBMQSimulator(IBMQBackend):
    """A simulator of the service, without a calibration.

    Source: ``IBMQSimulator`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    @classmethod
    def _default_options(cls) -> Options:
        return default_options(simulator=True)

    def properties(
        self, refresh: bool = False, datetime: datetime | None = None
    ) -> BackendProperties | None:
        """Return None, since a simulator has no calibration. No request is sent."""
        del refresh, datetime
        return None

    def run(  # type: ignore[override]
        self,
        circuits: Any = None,
        job_name: str | None = None,
        job_share_level: str | None = None,
        job_tags: Iterable[str] | None = None,
        experiment_id: str | bool | None = None,
        backend_options: Mapping[str, Any] | None = None,
        noise_model: Any = None,
        **kwargs: Any,
    ) -> IBMQJob:
        """Submit circuits, schedules or a Qobj, like :meth:`IBMQBackend.run`.

        Args:
            circuits: a circuit, a schedule, a list of them, or a Qobj.
            job_name: any text; need not be unique.
            job_share_level: ignored.
            job_tags: list of text.
            experiment_id: label of jobs that belong together.
            backend_options: options of the simulator; those in ``kwargs`` take precedence.
            noise_model: a noise model of Qiskit Aer, or its dictionary.
            **kwargs: other options of ``IBMQBackend.run`` and of the simulator.

        Raises:
            IBMQBackendError: the input cannot run, or the submission failed.

        Wire: createJob, the upload, markJobDataUploaded.
        """
        options = {**(backend_options or {}), **kwargs}
        if noise_model is not None:
            options["noise_model"] = noise_model
        return super().run(circuits, job_name, job_share_level, job_tags, experiment_id, **options)


@methods_suggest_keywords
class IBMQRetiredBackend(IBMQBackend):
    """A backend that the service no longer lists, but that has jobs.

    Source: ``IBMQRetiredBackend`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    @classmethod
    def from_name(
        cls,
        backend_name: str,
        provider: Provider,
        credentials: Credentials,
        api: AccountClient,
    ) -> IBMQRetiredBackend:
        """Return a backend when only its name is known."""
        configuration = QasmBackendConfiguration(
            backend_name=backend_name,
            backend_version="0.0.0",
            n_qubits=1,
            basis_gates=[],
            gates=[],
            local=False,
            simulator=False,
            conditional=False,
            open_pulse=False,
            memory=False,
            max_shots=1,
            coupling_map=None,
        )
        return cls(configuration, provider, credentials, api)

    def status(self) -> BackendStatus:
        """Return a status that is not operational. No request is sent."""
        return BackendStatus(
            backend_name=self.name(),
            backend_version=str(self.configuration().backend_version),
            operational=False,
            pending_jobs=0,
            status_msg="This backend is no longer available.",
        )

    def properties(self, refresh: bool = False, datetime: datetime | None = None) -> None:
        """Return None, since the calibration is not available. No request is sent."""
        del refresh, datetime

    def defaults(self, refresh: bool = False) -> None:
        """Return None, since the pulse defaults are not available. No request is sent."""
        del refresh

    def job_limit(self) -> None:  # type: ignore[override]
        """Return None, since the backend accepts no jobs. No request is sent."""

    def remaining_jobs_count(self) -> None:
        """Return None, since the backend accepts no jobs. No request is sent."""

    def active_jobs(self, limit: int | None = 10) -> None:  # type: ignore[override]
        """Return None, since the backend has no active jobs. No request is sent."""
        del limit

    def reservations(
        self, start_datetime: datetime | None = None, end_datetime: datetime | None = None
    ) -> list[BackendReservation]:
        """Return an empty list. No request is sent."""
        del start_datetime, end_datetime
        return []

    def _repr_html_(self) -> str:
        return card(
            self.name(), {"provider": self._describe_service(), "status": "no longer available"}
        )

    def run(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise an error, since the backend accepts no jobs.

        Raises:
            IBMQBackendError: always.
        """
        del args, kwargs
        raise IBMQBackendError(
            f"{self.name()} is no longer available and runs no jobs. "
            "provider.backends() lists the available backends."
        )


def is_local(backend: IBMQBackend) -> bool:
    """Return whether the backend is emulated by the service of this machine."""
    return backend._api_client.info.target == "local"
