"""Internal helpers of the original package that programs import.

``converters`` contains times and durations, ``utils`` the check of job tags. Available as
``qiskit.providers.ibmq.utils``.
"""

from ibmq_backend._compat.old_utils.converters import (
    duration_difference,
    local_to_utc,
    local_to_utc_str,
    seconds_to_duration,
    utc_to_local,
    utc_to_local_all,
)
from ibmq_backend._compat.old_utils.utils import validate_job_tags

__all__ = [
    "duration_difference",
    "local_to_utc",
    "local_to_utc_str",
    "seconds_to_duration",
    "utc_to_local",
    "utc_to_local_all",
    "validate_job_tags",
]
