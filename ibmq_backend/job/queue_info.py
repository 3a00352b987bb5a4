"""``QueueInfo``, the queue information of a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qiskit.providers.jobstatus import JobStatus

from ibmq_backend.records import QueueRecord
from ibmq_backend.units import to_local

__all__ = ["QueueInfo"]


class QueueInfo:
    """Queue information of one job.

    Attributes:
        position: position in the queue, 1 being next; ``None`` if unknown.
        estimated_start_time: estimated start in local time, or ``None``.
        estimated_complete_time: estimated end in local time, or ``None``.
        hub_priority: priority of the hub from 0 to 1, or ``None``.
        group_priority: priority of the group from 0 to 1, or ``None``.
        project_priority: priority of the project from 0 to 1, or ``None``.
        job_id: id of the job, or ``None``.

    Other fields of the service's reply are attributes with their names in snake case.
    Source: ``QueueInfo`` of qiskit-ibmq-provider 0.20.2.
    """

    def __init__(
        self,
        position: int | None = None,
        status: str | JobStatus | None = None,
        estimated_start_time: datetime | None = None,
        estimated_complete_time: datetime | None = None,
        hub_priority: float | None = None,
        group_priority: float | None = None,
        project_priority: float | None = None,
        job_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.position = position
        self._status = status
        self.estimated_start_time = _local(estimated_start_time)
        self.estimated_complete_time = _local(estimated_complete_time)
        self.hub_priority = hub_priority
        self.group_priority = group_priority
        self.project_priority = project_priority
        self.job_id = job_id
        self._extra = dict(kwargs)

    @classmethod
    def from_record(cls, record: QueueRecord, job_id: str) -> QueueInfo:
        """Return the queue information in a reply of the service."""
        return cls(
            position=record.position,
            status=record.status,
            estimated_start_time=record.estimated_start,
            estimated_complete_time=record.estimated_complete,
            hub_priority=record.hub_priority,
            group_priority=record.group_priority,
            project_priority=record.project_priority,
            job_id=job_id,
            **record.extra,
        )

    def __getattr__(self, name: str) -> Any:
        extra = self.__dict__.get("_extra", {})
        if name in extra:
            return extra[name]
        raise AttributeError(f"QueueInfo has no attribute {name!r}.")

    def is_empty(self) -> bool:
        """Return whether the reply has no queue information."""
        known = (
            self.position,
            self._status,
            self.estimated_start_time,
            self.estimated_complete_time,
            self.hub_priority,
            self.group_priority,
            self.project_priority,
        )
        return not self._extra and all(value is None for value in known)

    def format(self) -> str:
        """Return a report of several lines, with ``unknown`` for missing values."""

        def text(value: object) -> str:
            return "unknown" if value is None else str(value)

        return "\n".join(
            (
                f"Job {text(self.job_id)} queue information:",
                f"    queue position: {text(self.position)}",
                f"    status: {text(self._status_name())}",
                f"    estimated start time: {text(self.estimated_start_time)}",
                f"    estimated completion time: {text(self.estimated_complete_time)}",
                f"    hub priority: {text(self.hub_priority)}",
                f"    group priority: {text(self.group_priority)}",
                f"    project priority: {text(self.project_priority)}",
            )
        )

    def _status_name(self) -> str | None:
        if isinstance(self._status, JobStatus):
            return str(self._status.name)
        return "QUEUED" if self._status == "PENDING_IN_QUEUE" else self._status

    def __repr__(self) -> str:
        return (
            f"<QueueInfo(job_id='{self.job_id}', _status='{self._status_name()}', "
            f"estimated_start_time='{self.estimated_start_time}', "
            f"estimated_complete_time='{self.estimated_complete_time}', position={self.position}, "
            f"hub_priority={self.hub_priority}, group_priority={self.group_priority}, "
            f"project_priority={self.project_priority})>"
        )


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else to_local(moment)
