"""The requests that a submission is made of."""

from __future__ import annotations

from typing import Any, Protocol

from ibmq_api_classic.api.jobs import create_job, get_job_upload_url, mark_job_data_uploaded
from ibmq_api_classic.models import (
    BackendSelection,
    CreatedJob,
    JobRequest,
    PresignedUrl,
    UploadedJobReply,
)
from ibmq_api_classic.types import UNSET

from ibmq_backend.api.calls import path_part, wire_text
from ibmq_backend.api.classic import filters, mapping
from ibmq_backend.api.classic import operations as ops
from ibmq_backend.api.classic.calls import ApiCalls, StorageCalls, wire_url
from ibmq_backend.api.classic.submit import Created
from ibmq_backend.api.replies import expect
from ibmq_backend.records import JobRecord, Submission


class JobCalls(Protocol):
    """What a submission needs of its account besides its own requests."""

    def status_page(self, filter_text: str) -> list[JobRecord]:
        """One page of a listing. Wire: listJobStatuses."""
        ...

    def job_status(self, job_id: str) -> JobRecord:
        """Status of a job. Wire: getJobStatus."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Cancel a job. Wire: cancelJob."""
        ...

    def delete(self, job_id: str) -> None:
        """Delete a job. Wire: deleteJob."""
        ...


class SubmissionCalls:
    """The steps of :func:`ibmq_backend.api.classic.submit.submit` over HTTP.

    Args:
        account: the account's other requests.
        api: requests with the token.
        storage: requests to presigned addresses.
        triple: hub, group, project.
    """

    def __init__(
        self,
        account: JobCalls,
        api: ApiCalls,
        storage: StorageCalls,
        triple: tuple[str, str, str],
    ) -> None:
        self._account = account
        self._api = api
        self._client = api.client
        self._storage = storage
        self._triple = triple

    def create(self, submission: Submission) -> Created:
        """Make a job without data, tagged with the submission's id. Wire: createJob."""
        body = JobRequest(
            backend=BackendSelection(name=submission.backend_name),
            allow_object_storage=True,
            live_data_enabled=submission.live_data,
            name=submission.name or UNSET,
            tags=[*submission.tags, submission.submission_id],
            experiment_tag=submission.experiment_id or UNSET,
        )

        def send() -> Created:
            reply = create_job.sync_detailed(*self._triple, client=self._client, body=body)
            document = expect(ops.CREATE_JOB, reply, CreatedJob).to_dict()
            storage = document["objectStorageInfo"]
            return Created(
                job_id=wire_text(document["id"]),
                upload_url=wire_url(storage["uploadUrl"]),
                largest=_size(storage.get("maxJobSizeInBytes")),
            )

        return self._api.run(ops.CREATE_JOB, send)

    def find(self, submission_id: str) -> JobRecord | None:
        """Look a job up by its submission. Wire: listJobStatuses."""
        where = {"tags": submission_id}
        page = self._account.status_page(filters.filter_text(where, descending=True, limit=1))
        return page[0] if page else None

    def upload_url(self, job_id: str) -> str:
        """Ask for a fresh upload address. Wire: getJobUploadUrl."""
        job = path_part("job id", job_id)

        def send() -> str:
            reply = get_job_upload_url.sync_detailed(*self._triple, job, client=self._client)
            return wire_url(expect(ops.GET_JOB_UPLOAD_URL, reply, PresignedUrl).url)

        return self._api.run(ops.GET_JOB_UPLOAD_URL, send)

    def upload(self, url: str, data: bytes) -> None:
        """Upload the data of a job. Wire: putStoredObject."""
        self._storage.upload(url, data)

    def mark_uploaded(self, job_id: str) -> JobRecord:
        """Say that the data is there. Wire: markJobDataUploaded."""
        job = path_part("job id", job_id)

        def send() -> JobRecord:
            reply = mark_job_data_uploaded.sync_detailed(*self._triple, job, client=self._client)
            model = expect(ops.MARK_UPLOADED, reply, UploadedJobReply)
            return mapping.job_record(model.job.to_dict())

        return self._api.run(ops.MARK_UPLOADED, send)

    def job_status(self, job_id: str) -> JobRecord:
        """Ask for the status. Wire: getJobStatus."""
        return self._account.job_status(job_id)

    def cancel(self, job_id: str) -> bool:
        """Cancel. Wire: cancelJob."""
        return self._account.cancel(job_id)

    def delete(self, job_id: str) -> None:
        """Delete. Wire: deleteJob."""
        self._account.delete(job_id)


def _size(value: Any) -> int | None:
    """Return a number of bytes, ``None`` where the service names none.

    Raises:
        TypeError: it is no number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"maxJobSizeInBytes is {type(value).__name__} instead of a number")
    return int(value)
