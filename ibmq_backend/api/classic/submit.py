"""Submits a job in three steps: create it, upload its data, report the upload.

This module decides the order of the requests and what follows a failure; the client sends them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from ibmq_backend._errors.causes import shown
from ibmq_backend._http.retry import SERVER_ERRORS_FROM
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.classic.mapping import Created
from ibmq_backend.api.classic.payloads import encode_qobj
from ibmq_backend.api.exactly_once import create_once, if_interrupted, uncertain
from ibmq_backend.backoff import Backoff
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiError,
    ApiNotFound,
    ApiStatusError,
)
from ibmq_backend.records import JobRecord, Submission

_logger = get_logger(__name__)

CLEAN_UP_SECONDS: Final = 20.0
"""Time limit for removing an unfinished job."""

INTERRUPTED_SECONDS: Final = 3.0
"""Time limit for finding the job of a submission that the user interrupted."""

CLEAN_UP: Final = Backoff(first=1.0, growth=2.0, tries=3)
"""Pauses between attempts to read the state of an unfinished job or to remove it."""

STATUS_WITHOUT_DATA: Final = "CREATING"
"""Status of a job until its upload has been reported."""


class JobRequests(Protocol):
    """The requests of a submission; each raises ``ApiError`` only."""

    def create(self, submission: Submission) -> Created:
        """Create a job without data, tagged with the submission id. Wire: createJob."""
        ...

    def find(self, submission_id: str) -> JobRecord | None:
        """Return the job of a submission, ``None`` if there is none. Wire: listJobStatuses."""
        ...

    def upload_url(self, job_id: str) -> str:
        """Return a new upload URL. Wire: getJobUploadUrl."""
        ...

    def upload(self, url: str, data: bytes) -> None:
        """Upload the data. Wire: putStoredObject."""
        ...

    def mark_uploaded(self, job_id: str) -> JobRecord:
        """Report that the data is uploaded. Wire: markJobDataUploaded."""
        ...

    def job_status(self, job_id: str) -> JobRecord:
        """Return the status of a job. Wire: getJobStatus."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Cancel a job; return whether it is cancelled. Wire: cancelJob."""
        ...

    def delete(self, job_id: str) -> None:
        """Delete a job. Wire: deleteJob."""
        ...


def submit(
    client: JobRequests, submission: Submission, *, sleep: Callable[[float], None] | None = None
) -> JobRecord:
    """Create exactly one job for a submission.

    Args:
        client: sends the requests.
        submission: the Qobj, its backend and its labels.
        sleep: waits for a number of seconds; by default ``time.sleep``.

    Returns:
        The job as it is after the upload.

    Raises:
        IBMQJobSubmissionUncertain: it is not known whether the job was created.
        ApiError: no job was created, or an unfinished one was cancelled.
    """
    sleep = sleep or time.sleep  # evaluated now, since tests replace it
    data = encode_qobj(submission.qobj)
    created = _create(client, submission, sleep)
    job_id = created.job_id
    try:
        if created.largest is not None and len(data) > created.largest:
            raise ApiError(
                f"The job is too large: it has {len(data)} bytes, and the service accepts "
                f"{created.largest}. Submit fewer circuits at once.",
                operation="putStoredObject",
                accepted=False,
            )
        _upload(client, created, data)
    except BaseException as error:  # also on Ctrl-C: remove the unfinished job
        if isinstance(error, ApiError):
            error.job_id = job_id
        _abandon(client, job_id, error, sleep)
        raise
    return _notify(client, job_id, submission, sleep)


def _create(client: JobRequests, submission: Submission, sleep: Callable[[float], None]) -> Created:
    def find() -> Created | None:
        found = client.find(submission.submission_id)
        return None if found is None else Created(found.job_id, upload_url=None)

    def remove_unfinished(interruption: BaseException) -> None:
        with time_limit(INTERRUPTED_SECONDS):
            try:
                found = find()
            except ApiError as error:
                _logger.warning("Searching for the interrupted submission: %s", error.message)
                return
        if found is not None:
            _abandon(client, found.job_id, interruption, sleep)

    tag = submission.submission_id
    with if_interrupted(remove_unfinished):
        return create_once(lambda: client.create(submission), find, tag, sleep)


def _upload(client: JobRequests, created: Created, data: bytes) -> None:
    if created.upload_url is None:
        client.upload(client.upload_url(created.job_id), data)
        return
    try:
        client.upload(created.upload_url, data)
    except ApiStatusError as error:
        if error.status_code >= SERVER_ERRORS_FROM:
            raise
        _logger.info("The upload URL was refused (%s); requesting another.", error.message)
        try:
            url = client.upload_url(created.job_id)
        except ApiError:
            raise error from None  # the first error is the cause
        client.upload(url, data)


def _notify(
    client: JobRequests, job_id: str, submission: Submission, sleep: Callable[[float], None]
) -> JobRecord:
    with if_interrupted(lambda interruption: _abandon(client, job_id, interruption, sleep)):
        return _notified(client, job_id, submission, sleep)


def _notified(
    client: JobRequests, job_id: str, submission: Submission, sleep: Callable[[float], None]
) -> JobRecord:
    for once_more in (True, False):
        try:
            return client.mark_uploaded(job_id)
        except ApiError as error:
            # The service has executed requests that it refused because of their token.
            may_run = error.accepted or isinstance(error, ApiAuthError)
            state = _state(client, job_id, sleep)
            if isinstance(state, ApiError):
                if may_run:
                    raise uncertain(
                        submission.submission_id,
                        f"{error.message} Job {job_id} exists, but its state cannot be read: "
                        f"{state.message}",
                    ) from shown(error)
            elif state.service_status != STATUS_WITHOUT_DATA:
                return state
            elif may_run and once_more:
                continue  # the data is uploaded: report it again
            if not _abandon(client, job_id, error, sleep) and may_run:
                raise uncertain(
                    submission.submission_id,
                    f"{error.message} Job {job_id} could not be cancelled.",
                ) from shown(error)
            raise
    raise AssertionError("the last iteration returns or raises")


def _state(
    client: JobRequests, job_id: str, sleep: Callable[[float], None]
) -> JobRecord | ApiError:
    """Return the state of a job, or the error that prevents reading it."""
    for pause in (*CLEAN_UP.pauses(), None):
        try:
            return client.job_status(job_id)
        except ApiError as error:
            if pause is None:
                return error
            sleep(pause)
    raise AssertionError("the last iteration returns")


def _abandon(
    client: JobRequests, job_id: str, reason: BaseException, sleep: Callable[[float], None]
) -> bool:
    """Cancel and delete an unfinished job; return whether it certainly will not run."""
    with time_limit(CLEAN_UP_SECONDS):
        for pause in (*CLEAN_UP.pauses(), None):
            try:
                cancelled = client.cancel(job_id)
            except ApiNotFound:
                return True
            except ApiError as error:
                _logger.warning("Cancelling the unfinished job %s: %s", job_id, error.message)
                if pause is None:
                    reason.add_note(
                        f"The unfinished job {job_id} could not be cancelled: {error.message}"
                    )
                    return False
                sleep(pause)
            else:
                break
        try:
            client.delete(job_id)
        except ApiError as error:
            _logger.warning("Deleting the unfinished job %s: %s", job_id, error.message)
    return cancelled
