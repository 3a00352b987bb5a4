"""The result of a job as the service stores it: read once, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from qiskit.result import Result

from ibmq_backend._errors.translate import api_to_job_error
from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import ApiError, IBMQJobApiError
from ibmq_backend.job.result import has_no_result, result_from, unreadable_result
from ibmq_backend.job.wait import Waiter
from ibmq_backend.records import Document, JobRecord


class StoredResult:
    """Reads the result of one job, at most once without ``refresh``.

    Args:
        api_client: where to ask.
        record: the job; its result is kept where it has come already.
        waiter: outlives the outages of the service.
    """

    def __init__(self, api_client: AccountClient, record: JobRecord, waiter: Waiter) -> None:
        self._api_client = api_client
        self._job_id = record.job_id
        self._waiter = waiter
        self._document: Document | None = record.result
        self._result: Result | None = None

    def adopt(self, document: Document | None) -> None:
        """Take over the result document of a newer answer, where it holds one."""
        if document is not None:
            self._document = document

    def load(
        self, record: JobRecord, refresh: bool = False, patient_until: float = 0.0
    ) -> Document | None:
        """Return the result document; ``None`` where the job ended without one.

        Args:
            record: what is known of the job, which has ended.
            refresh: download again.
            patient_until: moment of the waiter's clock from which an outage is an error.

        Raises:
            IBMQJobError: the result of a job that was done cannot be read.

        Wire: getResultDownloadUrl, the download, markResultDownloaded; none once it is known.
        """
        if self._document is not None and not refresh:
            return self._document
        if has_no_result(record.service_status):
            return None
        try:
            self._document = self._waiter.outlast(
                lambda: self._api_client.job_result(self._job_id), patient_until
            )
        except ApiError as error:
            if record.status == "ERROR":  # a failed job need not have a result
                return None
            raise unreadable_result(error, self._job_id, record.kind) from error
        return self._document

    def as_result(
        self, document: Document, refresh: bool, client_version: Callable[[], Mapping[str, str]]
    ) -> Result:
        """Return a result document as Qiskit's class: the same object until ``refresh``.

        Args:
            document: as :meth:`load` has returned it.
            refresh: make a new one.
            client_version: asked for the label of a new one.

        Raises:
            IBMQJobApiError: the document is not a result.
        """
        if self._result is None or refresh:
            with api_to_job_error("reading the result"):
                self._result = result_from(document, self._job_id)
            with suppress(IBMQJobApiError):  # a label; the result is there without it
                self._result.client_version = client_version()
        return self._result
