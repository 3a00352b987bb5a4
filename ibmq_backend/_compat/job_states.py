"""The states and kinds of jobs in the words of the classic service.

Available as ``qiskit.providers.ibmq.apiconstants``.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["API_JOB_FINAL_STATES", "ApiJobKind", "ApiJobShareLevel", "ApiJobStatus"]


class ApiJobStatus(Enum):
    """The states of a job in the classic service."""

    CREATING = "CREATING"
    CREATED = "CREATED"
    TRANSPILING = "TRANSPILING"
    TRANSPILED = "TRANSPILED"
    VALIDATING = "VALIDATING"
    VALIDATED = "VALIDATED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    PENDING_IN_QUEUE = "PENDING_IN_QUEUE"
    QUEUED = "QUEUED"
    CANCELLED = "CANCELLED"
    ERROR_CREATING_JOB = "ERROR_CREATING_JOB"
    ERROR_VALIDATING_JOB = "ERROR_VALIDATING_JOB"
    ERROR_RUNNING_JOB = "ERROR_RUNNING_JOB"
    ERROR_TRANSPILING_JOB = "ERROR_TRANSPILING_JOB"


class ApiJobKind(Enum):
    """The form in which a job was submitted."""

    QOBJECT = "q-object"
    QOBJECT_STORAGE = "q-object-external-storage"
    CIRCUIT = "q-circuit"


class ApiJobShareLevel(Enum):
    """The former levels of sharing a job."""

    GLOBAL = "global"
    HUB = "hub"
    GROUP = "group"
    PROJECT = "project"
    NONE = "none"


API_JOB_FINAL_STATES = (
    ApiJobStatus.COMPLETED,
    ApiJobStatus.CANCELLED,
    ApiJobStatus.ERROR_CREATING_JOB,
    ApiJobStatus.ERROR_VALIDATING_JOB,
    ApiJobStatus.ERROR_RUNNING_JOB,
    ApiJobStatus.ERROR_TRANSPILING_JOB,
)
"""The final states of a job."""
