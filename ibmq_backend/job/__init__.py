"""Jobs: ``IBMQJob`` and its parts.

``job`` is ``IBMQJob``. ``wait`` waits for its end while ``progress`` shows its state, ``cancel``
cancels it, ``input`` reads what was submitted and ``result`` what came back; ``monitor`` is
``job_monitor``. ``query`` checks the arguments of ``jobs()`` and ``listing`` reads the jobs;
``tags`` checks tags and hides those of this package. ``html`` is the card of a job in notebooks,
with the ``histogram`` of its counts. ``queue_info`` and ``runner_result`` are value
classes.
"""

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
