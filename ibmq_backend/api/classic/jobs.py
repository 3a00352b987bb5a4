"""Reading jobs: documents, lists, input and result."""

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

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.calls import path_part
from ibmq_backend.api.classic import filters, mapping
from ibmq_backend.api.classic.calls import Connection
from ibmq_backend.api.classic.instances import Triple
from ibmq_backend.exceptions import ApiError, ApiNotSupported
from ibmq_backend.records import Document, JobQuery, JobRecord, JobSummary

_logger = get_logger(__name__)

_SUMMARY_FIELDS: Final = ("id", "liveDataEnabled", "creationDate")


class JobReader:
    """Reads the jobs of one hub/group/project.

    Every method raises :class:`~ibmq_backend.exceptions.ApiError` and nothing else.

    Args:
        connection: the account's connections.
        triple: hub, group, project.
    """

    def __init__(self, connection: Connection, triple: Triple) -> None:
        self._connection = connection
        self._calls = connection.api
        self._client = connection.api.client
        self._triple = triple

    def job(self, job_id: str) -> JobRecord:
        """The whole job document. Wire: getJob."""
        return self._calls.read(
            ops.GET_JOB,
            mapping.job_record,
            get_job.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )

    def job_status(self, job_id: str) -> JobRecord:
        """Status and queue of a job. Wire: getJobStatus."""
        return self._calls.read(
            ops.GET_JOB_STATUS,
            lambda status: mapping.job_record(status, job_id),
            get_job_status.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )

    def watch_job(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Status replies as the service pushes them, the last one final.

        The iterator ends without a final status when the time is over or the service has no
        more to say.

        Raises:
            ApiNotSupported: websockets cannot be used here.
            ApiConnectionError: the stream failed; polling asks the same.

        Wire: the websocket jobStatusStream.
        """
        if self._connection.stream is None:
            raise ApiNotSupported("The status of a job cannot be streamed here; poll it.")
        return self._connection.stream.watch(path_part("job id", job_id), timeout)

    def jobs(self, query: JobQuery, limit: int | None, skip: int = 0) -> Iterator[JobRecord]:
        """Matching jobs, each once, fetched page by page as they are read.

        Wire: listJobStatuses.
        """
        return filters.pages(self.status_page, query, limit, skip)

    def job_summaries(
        self, query: JobQuery, limit: int | None, skip: int = 0
    ) -> Iterator[JobSummary]:
        """As :meth:`jobs`, ids and times only. Wire: listJobs."""
        return filters.pages(self._summary_page, query, limit, skip, _SUMMARY_FIELDS)

    def status_page(self, filter_text: str) -> list[JobRecord]:
        """One page of :meth:`jobs`, for the text of a LoopBack filter. Wire: listJobStatuses."""
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
        """The Qobj as submitted. Wire: getJobDownloadUrl, getStoredObject."""
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
        """The result document; telling the service that it came may fail without harm.

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
        try:
            self._calls.call(
                ops.MARK_RESULT_DOWNLOADED,
                mark_result_downloaded.sync_detailed,
                *self._triple,
                job,
                client=self._client,
            )
        except ApiError as error:
            _logger.info("The service was not told of the download: %s", error.message)
        return result

    def job_properties(self, job_id: str) -> Document | None:
        """Calibration at the time of the run. Wire: getJobProperties."""
        return self._calls.read(
            ops.GET_JOB_PROPERTIES,
            mapping.properties_document,
            get_job_properties.sync_detailed,
            *self._triple,
            path_part("job id", job_id),
            client=self._client,
        )
