"""Jobs: ``IBMQJob``, waiting, cancelling, input, result, queries, tags, queue position, monitor."""

from ibmq_backend.exceptions import (
    IBMQJobApiError,
    IBMQJobError,
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.monitor import job_monitor
from ibmq_backend.job.queue_info import QueueInfo

__all__ = [
    "IBMQJob",
    "IBMQJobApiError",
    "IBMQJobError",
    "IBMQJobFailureError",
    "IBMQJobInvalidStateError",
    "IBMQJobTimeoutError",
    "QueueInfo",
    "job_monitor",
]
