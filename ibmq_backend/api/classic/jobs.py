"""Reads jobs: their status, input and result, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ibmq_api_classic import operations as ops
from ibmq_api_classic.api.jobs import (
    get_job,
    get_job_download_url,
    get_job_properties,
    get_job_status,
    get_result_download_url,
    list_job_statuses,
    list_jobs,
    mark_result_downloaded,
)

from ibmq_backend.api.calls import path_part
from ibmq_backend.api.classic import filters, mapping
from ibmq_backend.api.classic.calls import Connection
from ibmq_backend.api.classic.instances import Triple
from ibmq_backend.exceptions import ApiNotSupported
from ibmq_backend.records import Document, JobQuery, JobRecord, JobSummary

_SUMMARY_FIELDS: Final = ("id", "liveDataEnabled", "creationDate")


class JobReader:
    """Reads the jobs of one hub, group and project.

    Every method raises :class:`~ibmq_backend.exceptions.ApiError` only.

    Args:
        connection: the connections of the account.
        triple: the names of hub, group and project.
    """

    def __init__(self, connection: Connection, triple: Triple) -> None:
        self._connection = connection
        self._calls = connection.api
        self._client = connection.api.client
        self._triple = triple

    def job(self, job_id: str) -> JobRecord:
        """Return the job with all its fields. Wire: getJob."""
        return self._calls.read(
            ops.GET_JOB,
            mapping.job_record,
            get_job.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )

    def job_status(self, job_id: str) -> JobRecord:
        """Return the status and queue position of a job. Wire: getJobStatus."""
        return self._calls.read(
            ops.GET_JOB_STATUS,
            lambda status: mapping.job_record(status, job_id),
            get_job_status.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )

    def watch_job(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Yield the status each time the service pushes it; the last one is final.

        The iterator ends without a final status if the time is up or the service closes the stream.

        Raises:
            ApiNotSupported: websockets cannot be used.
            ApiConnectionError: the stream failed; the caller can poll instead.

        Wire: jobStatusStream.
        """
        if self._connection.stream is None:
            raise ApiNotSupported("The status stream cannot be used. Call job.status().")
        return self._connection.stream.watch(path_part("job id", job_id), timeout)

    def jobs(self, query: JobQuery, limit: int | None, skip: int = 0) -> Iterator[JobRecord]:
        """Yield the matching jobs, each once; pages are requested as they are needed.

        Wire: listJobStatuses.
        """
        return filters.pages(self.status_page, query, limit, skip)

    def job_summaries(
        self, query: JobQuery, limit: int | None, skip: int = 0
    ) -> Iterator[JobSummary]:
        """Yield the matching jobs with ids and times only. Wire: listJobs."""
        return filters.pages(self._summary_page, query, limit, skip, _SUMMARY_FIELDS)

    def status_page(self, filter_text: str) -> list[JobRecord]:
        """Return one page of jobs for a LoopBack filter. Wire: listJobStatuses."""
        return self._calls.read(
            ops.LIST_JOB_STATUSES,
            mapping.job_records,
            list_job_statuses.sync_detailed,
            *self._triple,
            client=self._client,
            filter_=filter_text,
        )

    def _summary_page(self, filter_text: str) -> list[JobSummary]:
        return self._calls.read(
            ops.LIST_JOBS,
            mapping.job_summaries,
            list_jobs.sync_detailed,
            *self._triple,
            client=self._client,
            filter_=filter_text,
        )

    def job_input(self, job_id: str) -> Document:
        """Return the submitted Qobj. Wire: getJobDownloadUrl, getStoredObject."""
        url = self._calls.read(
            ops.GET_JOB_DOWNLOAD_URL,
            mapping.presigned_url,
            get_job_download_url.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )
        return self._connection.storage.download(url, job_id)

    def job_result(self, job_id: str) -> Document:
        """Return the result document, and tell the service later that it was read.

        Wire: getResultDownloadUrl, getStoredObject, markResultDownloaded.
        """
        job = path_part("job id", job_id)
        url = self._calls.read(
            ops.GET_RESULT_DOWNLOAD_URL,
            mapping.presigned_url,
            get_result_download_url.sync_detailed,
            *self._triple,
            job,
            client=self._client,
        )
        result = self._connection.storage.download(url, job)
        self._connection.late_requests.send(
            lambda: self._calls.call(
                ops.MARK_RESULT_DOWNLOADED,
                mark_result_downloaded.sync_detailed,
                *self._triple,
                job,
                client=self._client,
            )
        )
        return result

    def job_properties(self, job_id: str) -> Document | None:
        """Return the calibration at the time of the run. Wire: getJobProperties."""
        return self._calls.read(
            ops.GET_JOB_PROPERTIES,
            mapping.properties_document,
            get_job_properties.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )
