"""The interface of providers that backends and job sets use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ibmq_backend.job.job import IBMQJob

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials


class JobService(Protocol):
    """The jobs of an account on all backends."""

    def jobs(self, *args: Any, **kwargs: Any) -> list[IBMQJob]:
        """Return jobs, like ``IBMQBackendService.jobs``."""
        ...

    def retrieve_job(self, job_id: str) -> IBMQJob:
        """Return one job by its id."""
        ...


class Provider(Protocol):
    """The provider of a backend; ``AccountProvider`` is one."""

    @property
    def credentials(self) -> Credentials:
        """The account with hub, group and project or the instance."""
        ...

    @property
    def backend(self) -> JobService:
        """The service that lists backends and jobs."""
        ...

    def describe_service(self) -> str:
        """Return instance and service as they appear in the ``repr`` of objects."""
        ...
