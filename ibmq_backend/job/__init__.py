"""Jobs: ``IBMQJob`` and what belongs to it.

``job`` is ``IBMQJob``. ``wait`` waits for its end while ``progress`` shows a line, ``cancel``
cancels it, ``input`` and ``result`` read what went in and came out; ``monitor`` is ``job_monitor``.
``query`` holds the arguments of ``jobs()`` and ``listing`` asks for the jobs; ``tags`` checks tags
and hides our own. ``queue_info`` and ``runner_result`` are values.
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
