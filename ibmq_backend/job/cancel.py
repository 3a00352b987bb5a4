"""Cancelling a job, and what came of it: services take the request before they act on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ibmq_backend.api.port import AccountClient
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiError
from ibmq_backend.job.wait import FINAL, POLLING, Waiter
from ibmq_backend.records import JobRecord

CANCELLED: Final = "CANCELLED"
SETTLING_SECONDS: Final = 20.0
"""Today's service was seen to take 5 to 15 s until a job that it agreed to cancel has ended."""


def cancel_job(
    api_client: AccountClient,
    job_id: str,
    update: Callable[[JobRecord], None],
    waiter: Waiter,
) -> bool:
    """Ask for the end of a job and return whether it has ended cancelled.

    Args:
        api_client: where to ask.
        job_id: which job.
        update: called with each newer record of the job.
        waiter: its clock and sleep are used.

    Returns:
        Whether the job is cancelled. Of a job that the service agreed to cancel and that has not
        ended after :data:`SETTLING_SECONDS`, True.

    Raises:
        ApiError: the request failed and did not end the job, or the outcome cannot be read.

    Wire: cancelJob, getJob; getJobStatus until the job has ended.
    """
    try:
        agreed = api_client.cancel(job_id)
    except ApiError as error:
        if not error.temporary:
            raise
        # The reply may have been lost on the way back: the state of the job says.
        try:
            record = api_client.job(job_id)
        except ApiError:
            raise error from None
        update(record)
        if record.status in FINAL:
            return record.status == CANCELLED
        raise
    if not agreed:
        outage_deadline = waiter.clock() + SETTLING_SECONDS
        record = waiter.retry_until(lambda: api_client.job(job_id), outage_deadline)
        update(record)
        return record.status == CANCELLED
    with time_limit(SETTLING_SECONDS, waiter.clock):
        return _settled(api_client, job_id, update, waiter)


def _settled(
    api_client: AccountClient,
    job_id: str,
    update: Callable[[JobRecord], None],
    waiter: Waiter,
) -> bool:
    end = waiter.clock() + SETTLING_SECONDS
    ask = api_client.job
    failure: ApiError | None = None
    for pause in POLLING.pauses():
        try:
            record = ask(job_id)
        except ApiError as error:
            if not error.temporary:
                raise
            failure = error
        else:
            update(record)
            if record.status in FINAL:
                return record.status == CANCELLED
            failure, ask = None, api_client.job_status
        left = end - waiter.clock()
        if left <= 0:
            break
        waiter.sleep(min(pause, left))
    if failure is not None:
        raise failure
    return True
