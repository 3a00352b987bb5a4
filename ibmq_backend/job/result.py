"""The result of a job: read once and kept, as Qiskit's ``Result``; reports of what failed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from qiskit.result import Result

from ibmq_backend._errors.malformed import reading
from ibmq_backend._errors.translate import raising_job_errors
from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import (
    ApiError,
    ApiNotFound,
    ApiProtocolError,
    IBMQJobApiError,
    IBMQJobError,
    IBMQJobInvalidStateError,
)
from ibmq_backend.job.wait import Waiter
from ibmq_backend.models import check_bits
from ibmq_backend.records import Document, JobErrorRecord, JobRecord
from ibmq_backend.units import parse_time, to_local

MAX_PADDED_BITS: Final = 100_000_000
"""Most bits that the counts and memory of one circuit may be padded to; ten times as many for all
circuits of a result."""


class StoredResult:
    """Reads the result of one job, at most once without ``refresh``.

    Args:
        api_client: where to ask.
        record: the job; its result is kept where it has come already.
        waiter: retries through outages of the service.

    Attributes:
        document: the result as it came, ``None`` before.
    """

    def __init__(self, api_client: AccountClient, record: JobRecord, waiter: Waiter) -> None:
        self._api_client = api_client
        self._job_id = record.job_id
        self._waiter = waiter
        self.document: Document | None = record.result
        self._result: Result | None = None

    def update(self, document: Document | None) -> None:
        """Keep the result document of a newer reply, where it holds one."""
        if document is not None:
            self.document = document

    def load(
        self, record: JobRecord, refresh: bool = False, outage_deadline: float = 0.0
    ) -> Document | None:
        """Return the result document; ``None`` where the job ended without one.

        Args:
            record: what is known of the job, which has ended.
            refresh: download again.
            outage_deadline: moment of the waiter's clock from which an outage is an error.

        Raises:
            IBMQJobError: the result of a job that was done cannot be read.

        Wire: getResultDownloadUrl, the download, markResultDownloaded; none once it is known.
        """
        if self.document is not None and not refresh:
            return self.document
        if has_no_result(record.service_status):
            return None
        try:
            self.document = self._waiter.retry_until(
                lambda: self._api_client.job_result(self._job_id), outage_deadline
            )
        except ApiError as error:
            if record.status == "ERROR":  # a failed job need not have a result
                return None
            raise unreadable_result(error, self._job_id, record.kind) from error
        return self.document

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
            with raising_job_errors("reading the result"):
                self._result = result_from(document, self._job_id)
            with suppress(IBMQJobApiError):  # a label; the result is there without it
                self._result.client_version = client_version()
        return self._result


def result_from(document: Document, job_id: str) -> Result:
    """Return a result document as Qiskit's class, its date in local time.

    Args:
        document: counts keyed by hexadecimal text; left as it is.
        job_id: for the message.

    Raises:
        ApiProtocolError: the document is not a result.
    """
    data = copy.deepcopy(dict(document))
    with reading(f"The result of job {job_id}", raises=ApiProtocolError):
        if isinstance(data.get("date"), str):
            data["date"] = to_local(parse_time(data["date"]))
        bits = [_padded_bits(entry) for entry in data["results"]]
        if max(bits, default=0) > MAX_PADDED_BITS or sum(bits) > 10 * MAX_PADDED_BITS:
            raise ValueError(f"its counts have {sum(bits)} bits")
        return Result.from_dict(data)


def _padded_bits(entry: Mapping[str, Any]) -> int:
    """Return how many bits and gaps Qiskit writes for the counts and memory of one circuit."""
    header, data = entry.get("header") or {}, entry.get("data") or {}
    check_bits(header)
    sizes = [int(size) for _, size in header.get("creg_sizes") or ()]
    length = max(header.get("memory_slots") or 0, sum(sizes)) + len(sizes)
    return length * sum(len(data.get(key) or ()) for key in ("counts", "memory"))


def unreadable_result(error: ApiError, job_id: str, kind: str | None) -> IBMQJobError:
    """Return what it means that the result of a job that was done cannot be read.

    Args:
        error: what the service answered.
        job_id: for the message.
        kind: the kind of job; ``None`` for one of the time before Qobj.
    """
    if kind is None and isinstance(error, ApiNotFound):
        return IBMQJobInvalidStateError(
            f"Job {job_id} is of the time before Qobj: it has no result to read."
        )
    return IBMQJobApiError(f"The result of job {job_id} cannot be read: {error.message}")


def has_no_result(service_status: str) -> bool:
    """Return whether a job ended so that there is no result to ask for."""
    return service_status in _WITHOUT_RESULT


_WITHOUT_RESULT = frozenset(
    {
        "ERROR_CREATING_JOB",
        "ERROR_VALIDATING_JOB",
        "ERROR_TRANSPILING_JOB",
        # Today's service keeps no part of the results of a job that failed or was cut.
        "Failed",
        "Cancelled - Ran too long",
    }
)


def has_success(document: Document) -> bool:
    """Return whether any circuit of a result document has data."""
    return any(entry.get("success") for entry in _entries(document))


def _entries(document: Document) -> list[Mapping[str, Any]]:
    """Return what a result document says of each circuit, as far as it is there."""
    entries = document.get("results")
    found = entries if isinstance(entries, list) else []
    return [entry if isinstance(entry, Mapping) else {} for entry in found]


def failure_report(document: Document | None, error: JobErrorRecord | None) -> str | None:
    """Return why a job failed, from the most specific source there is.

    Args:
        document: the result document, if there is one.
        error: the error of the job document, if there is one.

    Returns:
        Text that ends with ``Error code: N.`` where the service gave one, or ``None``.
    """
    if document:
        entries = _entries(document)
        if entries:
            lines = [
                f"Experiment {index}: {entry.get('status') or 'failed without a reason'}"
                for index, entry in enumerate(entries)
                if not entry.get("success")
            ]
            if lines:
                return "\n".join(["The following experiments failed:", *lines])
        found = document.get("error")
        if isinstance(found, dict) and found.get("message"):
            return _with_code(str(found["message"]), found.get("code"))
    if error is not None and error.message:
        return _with_code(error.message, error.code)
    return None


def _with_code(message: str, code: object) -> str:
    sentence = message if message.endswith((".", "!", "?")) else f"{message}."
    return sentence if code is None else f"{sentence} Error code: {code}."
