"""The variants of ``IBMQBackend``: simulators, and devices that are gone but still have jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from qiskit.providers import Options
from qiskit.providers.models import BackendProperties, BackendStatus, QasmBackendConfiguration

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


class IBMQSimulator(IBMQBackend):
    """A simulator that runs at the service; has no calibration.

    Source: ``IBMQSimulator`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    @classmethod
    def _default_options(cls) -> Options:
        return default_options(simulator=True)

    def properties(
        self, refresh: bool = False, datetime: datetime | None = None
    ) -> BackendProperties | None:
        """Return None: a simulator has no calibration. No request."""
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
        """Submit circuits, schedules or a Qobj; see :meth:`IBMQBackend.run`.

        Args:
            circuits: as there.
            job_name: as there.
            job_share_level: as there.
            job_tags: as there.
            experiment_id: as there.
            backend_options: options of the simulator; those in ``kwargs`` win.
            noise_model: a noise model of Qiskit Aer, or its dictionary.
            **kwargs: every other option of ``IBMQBackend.run``, and any of the simulator.

        Raises:
            IBMQBackendError: as there.

        Wire: createJob, the upload, markJobDataUploaded.
        """
        options = {**(backend_options or {}), **kwargs}
        if noise_model is not None:
            options["noise_model"] = noise_model
        return super().run(circuits, job_name, job_share_level, job_tags, experiment_id, **options)

    def _merged_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        options = super()._merged_options(given)
        model = options.get("noise_model")
        if model is not None and not isinstance(model, Mapping):
            options["noise_model"] = model.to_dict(serializable=True)
        method = getattr(self._configuration, "simulation_method", None)
        if method and "method" not in options:
            options["method"] = method
        return options


class IBMQRetiredBackend(IBMQBackend):
    """A backend that the service no longer lists, but whose jobs it still has.

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
        """Return a stand-in for a backend of which only the name is known.

        Args:
            backend_name: the name the jobs carry.
            provider: provider of the jobs.
            credentials: credentials of the provider.
            api: client of the provider.
        """
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
        """Return that the backend is not operational. No request."""
        return BackendStatus(
            backend_name=self.name(),
            backend_version=str(self._configuration.backend_version),
            operational=False,
            pending_jobs=0,
            status_msg="This backend is no longer available.",
        )

    def properties(self, refresh: bool = False, datetime: datetime | None = None) -> None:
        """Return None: nothing is known of it any more. No request."""
        del refresh, datetime

    def defaults(self, refresh: bool = False) -> None:
        """Return None: nothing is known of it any more. No request."""
        del refresh

    def job_limit(self) -> None:  # type: ignore[override]
        """Return None: it takes no jobs. No request."""

    def remaining_jobs_count(self) -> None:
        """Return None: it takes no jobs. No request."""

    def active_jobs(self, limit: int | None = 10) -> None:  # type: ignore[override]
        """Return None: no job can be active on it. No request."""
        del limit

    def reservations(
        self, start_datetime: datetime | None = None, end_datetime: datetime | None = None
    ) -> list[BackendReservation]:
        """Return no reservations. No request."""
        del start_datetime, end_datetime
        return []

    def run(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to run.

        Raises:
            IBMQBackendError: always.
        """
        del args, kwargs
        raise IBMQBackendError(
            f"{self.name()} is no longer available, so nothing can be run on it. "
            "provider.backends() lists the backends that are."
        )
