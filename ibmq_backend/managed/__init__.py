"""The job manager: many experiments as one set of jobs, each no larger than the backend takes.

Source: ``qiskit.providers.ibmq.managed`` of qiskit-ibmq-provider 0.8 to 0.20.2.
"""

from __future__ import annotations

from ibmq_backend.exceptions import (
    IBMQJobManagerError,
    IBMQJobManagerInvalidStateError,
    IBMQJobManagerJobNotFound,
    IBMQJobManagerTimeoutError,
    IBMQJobManagerUnknownJobSet,
    IBMQManagedResultDataNotAvailable,
)
from ibmq_backend.managed.job_manager import IBMQJobManager
from ibmq_backend.managed.job_set import ManagedJobSet
from ibmq_backend.managed.managed_job import ManagedJob
from ibmq_backend.managed.results import ManagedResults

__all__ = [
    "IBMQJobManager",
    "IBMQJobManagerError",
    "IBMQJobManagerInvalidStateError",
    "IBMQJobManagerJobNotFound",
    "IBMQJobManagerTimeoutError",
    "IBMQJobManagerUnknownJobSet",
    "IBMQManagedResultDataNotAvailable",
    "ManagedJob",
    "ManagedJobSet",
    "ManagedResults",
]
