"""Submission: one request makes one job, or it is said why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.exactly_once import create_once
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import ApiRateLimited

T = TypeVar("T")

_logger = get_logger(__name__)

RATE_PAUSE: Final = 12.0
"""Seconds in which the service frees a place for a new job: it takes five a minute."""

RATE_SECONDS: Final = 120.0
"""Seconds that one submission waits for such a place, in all; nobody else waits for one."""


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
    patience = RATE_SECONDS

    def patiently() -> T:
        nonlocal patience
        while True:
            try:
                return create()
            except ApiRateLimited as error:
                pause = max(error.retry_after or 0.0, RATE_PAUSE)
                left = time_left()
                if pause > patience or (left is not None and left <= pause):
                    raise
            patience -= pause
            _logger.warning(
                "The service takes no more new jobs this minute; trying again in %.0f s.", pause
            )
            wait(pause)

    return create_once(patiently, find, submission_id, wait)
