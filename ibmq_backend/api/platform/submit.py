"""Submits a job with one request, waiting if the service limits the rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from ibmq_backend._errors.translate import JOB_LIMIT_CODES
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.exactly_once import create_once
from ibmq_backend.backoff import Backoff
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import ApiRateLimited

T = TypeVar("T")

_logger = get_logger(__name__)

RATE_LIMIT: Final = Backoff(first=12.0, seconds=120.0)
"""Pauses of a submission after a 429: the service accepts a new job every 12 s."""


def submit_once(
    create: Callable[[], T],
    find: Callable[[], T | None],
    submission_id: str,
    *,
    sleep: Callable[[float], None] | None = None,
) -> T:
    """Create exactly one job, waiting while the service limits the rate of submissions.

    It does not wait for unfinished jobs to end if there are too many.

    Args:
        create: sends the request.
        find: searches for the job by its submission id.
        submission_id: the id of the submission, for the error.
        sleep: waits for a number of seconds; by default ``time.sleep``.

    Raises:
        IBMQJobSubmissionUncertain: the service cannot tell whether the job exists.
        ApiError: no job was created.
    """
    wait = sleep or time.sleep
    remaining = RATE_LIMIT.seconds

    def create_within_limit() -> T:
        nonlocal remaining
        while True:
            try:
                return create()
            except ApiRateLimited as error:
                pause = max(error.retry_after or 0.0, RATE_LIMIT.first)
                left = time_left()
                is_full = error.code in JOB_LIMIT_CODES
                if is_full or pause > remaining or (left is not None and left <= pause):
                    raise
            remaining -= pause
            _logger.warning(
                "The service accepts no more new jobs this minute; retrying in %.0f s.", pause
            )
            wait(pause)

    return create_once(create_within_limit, find, submission_id, wait)
