"""The job manager, which runs many experiments as a set of jobs of the size a backend accepts.

``job_manager`` is ``IBMQJobManager``. ``splitting`` splits the experiments into jobs, which
``submitter`` submits in the background, together in a ``batch`` if the service has batches.
``job_set`` is a set of jobs, ``managed_job`` one of them; ``results`` are the results of a set and
``report`` is its report. ``labels`` are the tags and names of the jobs, from which ``retrieval``
restores a set. ``set_calls`` sends requests for all jobs of a set, and ``lookup`` finds the job of
an experiment.

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
