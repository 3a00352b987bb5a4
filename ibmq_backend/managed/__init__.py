"""The job manager: many experiments as one set of jobs, each no larger than the backend takes.

``job_manager`` is ``IBMQJobManager``; ``splitting`` makes parts of what it is given, which
``submitter`` submits in the background. ``job_set`` is the set of ``managed_job``, ``results`` its
results, ``report`` its text. ``labels`` are written on the jobs, by which ``retrieval`` finds a set
again; ``set_calls`` asks for all jobs at once, and ``lookup`` finds the job of an experiment.

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
