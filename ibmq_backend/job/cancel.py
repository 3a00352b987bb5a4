"""Cancelling a job: services accept the request before they act on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ibmq_backend.api.port import AccountClient
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiError
from ibmq_backend.job.wait import FINAL, POLLING, Waiter
from ibmq_backend.records import JobRecord

CANCELLED: Final = "CANCELLED"
MAX_CANCEL_WAIT_SECONDS: Final = 20.0
"""Longest wait for a job to end after the service agreed; today's service took 5 to 15 s."""


def cancel_job(
    api_client: AccountClient,
    job_id: str,
    update: Callable[[JobRecord], None],
    waiter: Waiter,
) -> bool:
    """Cancel a job and return whether it was cancelled.

    Args:
        api_client: client of the account.
        job_id: id of the job.
        update: called with each newer record of the job.
        waiter: waiter of the job, for its clock and its sleep.

    Returns:
        Whether the job is cancelled. Also true if the service agreed, but the job has not ended
        after :data:`MAX_CANCEL_WAIT_SECONDS`.

    Raises:
        ApiError: the request failed and the job was not cancelled, or its state cannot be read.

    Wire: cancelJob, getJob; getJobStatus until the job has ended.
    """
    try:
        agreed = api_client.cancel(job_id)
    except ApiError as error:
        if not error.temporary:
            raise
        # The service may have acted and only its reply was lost.
        try:
            record = api_client.job(job_id)
        except ApiError:
            raise error from None
        update(record)
        if record.status in FINAL:
            return record.status == CANCELLED
        raise
    if not agreed:
        outage_deadline = waiter.clock() + MAX_CANCEL_WAIT_SECONDS
        record = waiter.retry_until(lambda: api_client.job(job_id), outage_deadline)
        update(record)
        return record.status == CANCELLED
    with time_limit(MAX_CANCEL_WAIT_SECONDS, waiter.clock):
        return _wait_for_end(api_client, job_id, update, waiter)


def _wait_for_end(
    api_client: AccountClient,
    job_id: str,
    update: Callable[[JobRecord], None],
    waiter: Waiter,
) -> bool:
    end = waiter.clock() + MAX_CANCEL_WAIT_SECONDS
    ask = api_client.job
    failure: ApiError | None = None
    for pause in POLLING.pauses(waiter.clock):
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
