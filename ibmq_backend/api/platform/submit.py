"""Submission: one request makes one job, or it is said why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from ibmq_backend._http.redact import get_logger
from ibmq_backend.api.exactly_once import create_once
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import ApiRateLimited

T = TypeVar("T")

_logger = get_logger(__name__)

RATE_PAUSE: Final = 12.0
"""Seconds in which the service frees a place for a new job: it takes five a minute."""

RATE_WAITS: Final = 5
"""Times such a place is waited for."""

LONGEST_PAUSE: Final = 120.0
"""Seconds; a service that asks for more of them is not waited for inside a submission."""


def submit_once(
    create: Callable[[], T],
    find: Callable[[], T | None],
    submission_id: str,
    *,
    sleep: Callable[[float], None] | None = None,
) -> T:
    """Create exactly one job, waiting while the service takes no new ones.

    Args:
        create: sends the creation.
        find: looks the job up by its submission id.
        submission_id: for the error.
        sleep: waits so many seconds; ``time.sleep`` when left out.

    Raises:
        IBMQJobSubmissionUncertain: the service cannot be asked whether there is a job.
        ApiError: there is no job.
    """
    wait = sleep or time.sleep

    def patiently() -> T:
        for waits_left in range(RATE_WAITS, -1, -1):
            try:
                return create()
            except ApiRateLimited as error:
                pause = max(error.retry_after or 0.0, RATE_PAUSE)
                left = time_left()
                if not waits_left or pause > LONGEST_PAUSE or (left is not None and left <= pause):
                    raise
                _logger.warning(
                    "The service takes no more new jobs this minute; trying again in %.0f s.", pause
                )
                wait(pause)
        raise AssertionError("the last turn returns or raises")

    return create_once(patiently, find, submission_id, wait)
