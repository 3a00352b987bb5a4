"""The limit of unfinished jobs of a user on a backend."""

from __future__ import annotations

from typing import Any

from ibmq_backend.records import LimitRecord

__all__ = ["BackendJobLimit"]


class BackendJobLimit:
    """Job limit of a backend.

    Attributes:
        maximum_jobs: maximum number of unfinished jobs, or ``None`` for no limit.
        active_jobs: current number of unfinished jobs.
        running_jobs: the same number under its old name.

    Further fields of the service's reply are attributes with their names in snake case.
    Source: ``BackendJobLimit`` of qiskit-ibmq-provider 0.20.2.
    """

    def __init__(self, maximum_jobs: int | None, running_jobs: int = 0, **kwargs: Any) -> None:
        self.maximum_jobs = None if maximum_jobs == -1 else maximum_jobs
        self.active_jobs = running_jobs
        self._extra = dict(kwargs)

    @classmethod
    def from_record(cls, record: LimitRecord) -> BackendJobLimit:
        """Create the limit from a record."""
        return cls(record.maximum_jobs, record.running_jobs, **record.extra)

    @property
    def running_jobs(self) -> int:
        """Current number of unfinished jobs."""
        return self.active_jobs

    def __getattr__(self, name: str) -> Any:
        extra = self.__dict__.get("_extra", {})
        if name in extra:
            return extra[name]
        raise AttributeError(f"BackendJobLimit has no attribute {name!r}.")

    def __repr__(self) -> str:
        return (
            f"<BackendJobLimit(maximum_jobs={self.maximum_jobs}, active_jobs={self.active_jobs})>"
        )
