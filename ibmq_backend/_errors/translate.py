"""Translation of ``ApiError`` to the documented errors of the called methods.

Errors are distinguished by class and code, not by text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ibmq_backend._errors.causes import shown
from ibmq_backend.exceptions import (
    ApiError,
    ApiInputError,
    ApiProtocolError,
    ApiStatusError,
    IBMQBackendApiError,
    IBMQBackendApiProtocolError,
    IBMQBackendJobLimitError,
    IBMQBackendValueError,
    IBMQJobApiError,
)

JOB_LIMIT_CODES: Final = frozenset({3458, 1012})


@contextmanager
def raising_backend_errors(doing: str) -> Iterator[None]:
    """Raise the documented backend error for a failed call.

    Args:
        doing: the action, for the message, for example ``submitting the job``.

    Raises:
        IBMQBackendJobLimitError: the limit of unfinished jobs is reached (code 3458 or 1012).
        IBMQBackendValueError: the input cannot run on the backend; nothing was sent.
        IBMQBackendApiProtocolError: the reply could not be interpreted.
        IBMQBackendApiError: any other failure.
    """
    try:
        yield
    except ApiStatusError as error:
        if error.code in JOB_LIMIT_CODES:
            raise IBMQBackendJobLimitError(
                f"Error {doing}: {error.message} Wait for an unfinished job to end, or cancel one: "
                "backend.active_jobs() lists them."
            ) from shown(error)
        raise IBMQBackendApiError(f"Error {doing}: {error.message}") from shown(error)
    except ApiInputError as error:
        raise IBMQBackendValueError(error.message) from shown(error)
    except ApiProtocolError as error:
        raise IBMQBackendApiProtocolError(
            f"Unexpected answer from the service while {doing}: {error.message}"
        ) from shown(error)
    except ApiError as error:
        raise IBMQBackendApiError(f"Error {doing}: {error.message}") from shown(error)


@contextmanager
def raising_protocol_errors(doing: str) -> Iterator[None]:
    """Raise ``IBMQBackendApiProtocolError`` for a malformed reply; pass on other errors."""
    try:
        yield
    except ApiProtocolError as error:
        raise IBMQBackendApiProtocolError(
            f"Unexpected answer from the service while {doing}: {error.message}"
        ) from shown(error)


@contextmanager
def raising_job_errors(doing: str) -> Iterator[None]:
    """Raise ``IBMQJobApiError`` for a failed call."""
    try:
        yield
    except ApiError as error:
        raise IBMQJobApiError(f"Error {doing}: {error.message}") from shown(error)
