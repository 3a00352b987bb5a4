"""How many jobs a user may have unfinished on a backend."""

from __future__ import annotations

from typing import Any

from ibmq_backend.records import LimitRecord

__all__ = ["BackendJobLimit"]


class BackendJobLimit:
    """Job limit of a backend.

    Attributes:
        maximum_jobs: most unfinished jobs at a time, or ``None`` when there is no limit.
        active_jobs: unfinished jobs now.
        running_jobs: the same number under the name that the class's old text gave it.

    Further fields of the service's answer are attributes of their names in snake case.
    Source: ``BackendJobLimit`` of qiskit-ibmq-provider 0.20.2.
    """

    def __init__(self, maximum_jobs: int | None, running_jobs: int = 0, **kwargs: Any) -> None:
        self.maximum_jobs = None if maximum_jobs == -1 else maximum_jobs
        self.active_jobs = running_jobs
        self._extra = dict(kwargs)

    @classmethod
    def from_record(cls, record: LimitRecord) -> BackendJobLimit:
        """Return the limit that the service stated."""
        return cls(record.maximum_jobs, record.running_jobs, **record.extra)

    @property
    def running_jobs(self) -> int:
        """Unfinished jobs now."""
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
