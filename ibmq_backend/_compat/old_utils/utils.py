"""The check of job tags; served as ``qiskit.providers.ibmq.utils.utils``."""

from __future__ import annotations

from ibmq_backend.exceptions import IBMQError
from ibmq_backend.job.tags import check_tags

__all__ = ["validate_job_tags"]


def validate_job_tags(job_tags: list[str] | None, exception: type[IBMQError] | None = None) -> None:
    """Do nothing for a list of text, or for ``None``.

    Args:
        job_tags: what to check.
        exception: raised instead of the usual error.

    Raises:
        IBMQBackendValueError: not a list of text, unless ``exception`` is given.
    """
    try:
        check_tags(job_tags)
    except ValueError as error:
        if exception is None:
            raise
        raise exception(str(error.args[0])) from error
