"""Submission: one request makes one job, or it is said why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.exactly_once import create_once
from ibmq_backend.backoff import Backoff
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import ApiRateLimited

T = TypeVar("T")

_logger = get_logger(__name__)

RATE: Final = Backoff(first=12.0, seconds=120.0)
"""How one submission waits for a place: the service frees one every 12 s; nobody else waits."""


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
    patience = RATE.seconds

    def patiently() -> T:
        nonlocal patience
        while True:
            try:
                return create()
            except ApiRateLimited as error:
                pause = max(error.retry_after or 0.0, RATE.first)
                left = time_left()
                if pause > patience or (left is not None and left <= pause):
                    raise
            patience -= pause
            _logger.warning(
                "The service takes no more new jobs this minute; trying again in %.0f s.", pause
            )
            wait(pause)

    return create_once(patiently, find, submission_id, wait)
