"""Translates errors of the wire to the documented errors of the methods that were called.

By class and code, never by text, and always with the cause attached.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

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
        doing: what was being done, for the message.

    Raises:
        IBMQBackendJobLimitError: the limit of unfinished jobs is reached (code 3458 or 1012).
        IBMQBackendValueError: the input cannot run there; nothing was sent.
        IBMQBackendApiProtocolError: the answer could not be understood.
        IBMQBackendApiError: any other failure.
    """
    try:
        yield
    except ApiStatusError as error:
        if error.code in JOB_LIMIT_CODES:
            raise IBMQBackendJobLimitError(
                f"Error {doing}: {error.message} Wait for one of the unfinished jobs to end, or "
                "cancel one: backend.active_jobs() lists them."
            ) from error
        raise IBMQBackendApiError(f"Error {doing}: {error.message}") from error
    except ApiInputError as error:
        raise IBMQBackendValueError(error.message) from error
    except ApiProtocolError as error:
        raise IBMQBackendApiProtocolError(
            f"Unexpected answer from the service while {doing}: {error.message}"
        ) from error
    except ApiError as error:
        raise IBMQBackendApiError(f"Error {doing}: {error.message}") from error


@contextmanager
def raising_protocol_errors(doing: str) -> Iterator[None]:
    """Raise ``IBMQBackendApiProtocolError`` for an unreadable answer; other failures pass.

    Args:
        doing: what was being done, for the message.
    """
    try:
        yield
    except ApiProtocolError as error:
        raise IBMQBackendApiProtocolError(
            f"Unexpected answer from the service while {doing}: {error.message}"
        ) from error


@contextmanager
def raising_job_errors(doing: str) -> Iterator[None]:
    """Raise ``IBMQJobApiError`` for a failed call.

    Args:
        doing: what was being done, for the message.
    """
    try:
        yield
    except ApiError as error:
        raise IBMQJobApiError(f"Error {doing}: {error.message}") from error
