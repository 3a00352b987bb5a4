"""What backends and job sets need of the provider they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ibmq_backend.job.job import IBMQJob

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials


class JobService(Protocol):
    """The jobs of an account, whatever backend they ran on."""

    def jobs(self, *args: Any, **kwargs: Any) -> list[IBMQJob]:
        """Return jobs; see ``IBMQBackendService.jobs``."""
        ...

    def retrieve_job(self, job_id: str) -> IBMQJob:
        """Return one job by its id."""
        ...


class Provider(Protocol):
    """The provider of a backend; ``AccountProvider`` is one."""

    @property
    def credentials(self) -> Credentials:
        """The account, and the hub, group and project or the instance."""
        ...

    @property
    def backend(self) -> JobService:
        """The service that lists backends and jobs."""
        ...

    def place_text(self) -> str:
        """Return where this provider is, as it stands in ``repr`` of everything below it."""
        ...
