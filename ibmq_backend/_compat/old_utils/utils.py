"""The check of job tags; available as ``qiskit.providers.ibmq.utils.utils``."""

from __future__ import annotations

from ibmq_backend.exceptions import IBMQError
from ibmq_backend.job.tags import check_tags

__all__ = ["validate_job_tags"]


def validate_job_tags(job_tags: list[str] | None, exception: type[IBMQError] | None = None) -> None:
    """Check that job tags are a list of text or ``None``.

    Args:
        job_tags: job tags.
        exception: class of the error to raise.

    Raises:
        IBMQBackendValueError: the tags are not a list of text, and ``exception`` is not given.
    """
    try:
        check_tags(job_tags)
    except ValueError as error:
        if exception is None:
            raise
        raise exception(str(error.args[0])) from error
