"""The result of a job, read once, as Qiskit's ``Result``; the reasons why jobs failed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from qiskit.result import Result

from ibmq_backend._errors.causes import shown
from ibmq_backend._errors.malformed import reading
from ibmq_backend._errors.translate import raising_job_errors
from ibmq_backend._html import beside, card
from ibmq_backend.api.port import AccountClient
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiError,
    ApiNotFound,
    ApiProtocolError,
    IBMQJobApiError,
    IBMQJobError,
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
)
from ibmq_backend.job.histogram import MAX_CIRCUITS, histograms
from ibmq_backend.job.wait import Waiter
from ibmq_backend.models import check_bits
from ibmq_backend.records import Document, JobErrorRecord, JobRecord
from ibmq_backend.units import parse_time, to_local

MAX_PADDED_BITS: Final = 100_000_000
"""Limit for the padded counts and memory of one circuit; ten times this for a whole result."""

MAX_LABEL_SECONDS: Final = 5.0
"""Time limit for reading the client version of a result."""


class StoredResult:
    """The result of one job, read only once unless ``refresh`` is set.

    Args:
        api_client: client of the account.
        record: record of the job, whose result is kept if it has one.
        waiter: waiter of the job, which retries during outages.

    Attributes:
        document: the result as received; ``None`` until it is read.
    """

    def __init__(self, api_client: AccountClient, record: JobRecord, waiter: Waiter) -> None:
        self._api_client = api_client
        self._job_id = record.job_id
        self._waiter = waiter
        self.document: Document | None = record.result
        self._result: JobResult | None = None

    def update(self, document: Document | None) -> None:
        """Keep the result document of a newer reply, if it has one."""
        if document is not None:
            self.document = document

    def load(
        self, record: JobRecord, refresh: bool = False, outage_deadline: float = 0.0
    ) -> Document | None:
        """Return the result document; ``None`` if the job ended without one.

        Args:
            record: record of the job, which has ended.
            refresh: whether to download the result again.
            outage_deadline: time on the waiter's clock after which an outage is an error.

        Raises:
            IBMQJobError: the job is done, but its result cannot be read.

        Wire: getResultDownloadUrl, the download, markResultDownloaded; once unless ``refresh``.
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
            raise result_error(error, record) from shown(error)
        return self.document

    def ended_result(
        self,
        record: JobRecord,
        partial: bool,
        refresh: bool,
        outage_deadline: float,
        explain_failure: Callable[[], str],
        read_client: Callable[[], Mapping[str, str]],
    ) -> Result:
        """Return the result of a job that has ended.

        Args:
            record: record of the job.
            partial: whether to accept a failed job that has results for some circuits.
            refresh: whether to download the result again.
            outage_deadline: time on the waiter's clock after which an outage is an error.
            explain_failure: returns why the job failed.
            read_client: returns the client version, if the record does not have it.

        Returns:
            Qiskit's ``Result``, the same object until ``refresh``.

        Raises:
            IBMQJobInvalidStateError: the job was cancelled.
            IBMQJobFailureError: the job failed.
            IBMQJobError: the result cannot be read.

        Wire: as :meth:`load`.
        """
        job_id, has_failed = record.job_id, record.status == "ERROR"
        if record.status == "CANCELLED":
            raise IBMQJobInvalidStateError(f"Job {job_id} was cancelled, so it has no result.")
        if has_failed and not partial:
            raise IBMQJobFailureError(
                f"Job {job_id} failed, so it has no result. {explain_failure()}"
            )
        document = self.load(record, refresh, outage_deadline)
        if document is None or (has_failed and not has_success(document)):
            raise IBMQJobFailureError(
                f"Job {job_id} failed, and none of its circuits has a result. {explain_failure()}"
            )
        if self._result is None or refresh:
            with raising_job_errors("reading the result"):
                self._result = result_from(document, self._job_id)
            if record.client is None:
                self._result.read_client = read_client
            else:
                self._result._metadata["client_version"] = dict(record.client)
        return self._result


class JobResult(Result):
    """Qiskit's ``Result``, which notebooks show as bar charts.

    It is pickled as a plain ``Result``, which programs without this package can read. Its
    ``client_version`` is read from the service when it is first needed, if it is not known.
    """

    read_client: Callable[[], Mapping[str, str]] | None = None

    def __getattr__(self, name: str) -> Any:
        if name == "client_version":
            self._complete()
        return super().__getattr__(name)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a document in Qiskit's form."""
        self._complete()
        return dict(super().to_dict())

    def _complete(self) -> None:
        if self.read_client is not None:
            # The result is valid without this label.
            with suppress(IBMQJobApiError), time_limit(MAX_LABEL_SECONDS):
                self._metadata["client_version"] = dict(self.read_client())
                self.__dict__.pop("read_client", None)

    def _repr_html_(self) -> str:
        entries = [entry.to_dict() for entry in self.results[:MAX_CIRCUITS]]
        rows = {
            "backend": self.backend_name,
            "job": self.job_id,
            "date": self.date,
            "circuits": len(self.results),
            "emulated": emulation_of(self._metadata),
        }
        return beside(card("Result", rows), histograms(entries, len(self.results)))

    def __deepcopy__(self, memo: dict[int, Any]) -> JobResult:
        copied = type(self).__new__(type(self))
        copied.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        self._complete()
        state = {name: value for name, value in self.__dict__.items() if name != "read_client"}
        return object.__new__, (Result,), state


def emulation_of(document: Mapping[str, Any]) -> str | None:
    """Return what a result document says about its emulation, ``None`` for one of a device."""
    found = document.get("metadata")
    if not isinstance(found, Mapping) or not found.get("emulated"):
        return None
    if isinstance(noise := found.get("noise_source"), str):
        return f"noise: {noise.partition(';')[0]}"
    day = str(found.get("snapshot_date") or "")[:10]
    return f"with the calibration of {day}" if day else "yes"


def result_from(document: Document, job_id: str) -> JobResult:
    """Return a result document as Qiskit's ``Result``, with its date in local time.

    Args:
        document: the result document, which is not changed; counts keyed by hexadecimal text. The
            result contains its counts and memory, not copies, since they may be large.
        job_id: id of the job, for the error message.

    Raises:
        ApiProtocolError: the document is not a result.
    """
    data = dict(document)
    with reading(f"The result of job {job_id}", raises=ApiProtocolError):
        if isinstance(data.get("date"), str):
            data["date"] = to_local(parse_time(data["date"]))
        bits = [_padded_bits(entry) for entry in data["results"]]
        if max(bits, default=0) > MAX_PADDED_BITS or sum(bits) > 10 * MAX_PADDED_BITS:
            raise ValueError(f"its counts have {sum(bits)} bits")
        result: JobResult = JobResult.from_dict(data)
        return result


def _padded_bits(entry: Mapping[str, Any]) -> int:
    """Return how many characters Qiskit writes for the counts and memory of one circuit."""
    header, data = entry.get("header") or {}, entry.get("data") or {}
    check_bits(header)
    sizes = [int(size) for _, size in header.get("creg_sizes") or ()]
    length = max(header.get("memory_slots") or 0, sum(sizes)) + len(sizes)
    return length * sum(len(data.get(key) or ()) for key in ("counts", "memory"))


def result_error(error: ApiError, record: JobRecord) -> IBMQJobError:
    """Return the error for a finished job whose result cannot be read.

    Args:
        error: error of the request.
        record: record of the job; its kind is ``None`` for jobs from before Qobj.
    """
    if record.kind is None and isinstance(error, ApiNotFound):
        return IBMQJobInvalidStateError(
            f"Job {record.job_id} is from before Qobj was introduced, so it has no result."
        )
    text = f"The result of job {record.job_id} cannot be read: {error.message}"
    if not record.has_known_status:
        reason = failure_report(None, record.error) or "This version does not know this state."
        text += f" The job ended in the state {record.service_status!r}. {reason}"
    return IBMQJobApiError(text)


def has_no_result(service_status: str) -> bool:
    """Return whether jobs that ended in this state have no result."""
    return service_status in _WITHOUT_RESULT


_WITHOUT_RESULT = frozenset(
    {
        "ERROR_CREATING_JOB",
        "ERROR_VALIDATING_JOB",
        "ERROR_TRANSPILING_JOB",
        # Today's service keeps no partial results of these jobs.
        "Failed",
        "Cancelled - Ran too long",
    }
)


def has_success(document: Document) -> bool:
    """Return whether any circuit of a result document has data."""
    return any(entry.get("success") for entry in entries_of(document))


def entries_of(document: Document) -> list[Mapping[str, Any]]:
    """Return the entries of a result document, empty ones for malformed entries."""
    entries = document.get("results")
    found = entries if isinstance(entries, list) else []
    return [entry if isinstance(entry, Mapping) else {} for entry in found]


def failure_report(document: Document | None, error: JobErrorRecord | None) -> str | None:
    """Return why a job failed, from the most specific source available.

    Args:
        document: the result document, if there is one.
        error: the error of the job document, if there is one.

    Returns:
        The reason, ending with ``Error code: N.`` if the service gave a code; ``None`` if unknown.
    """
    if document:
        entries = entries_of(document)
        if entries:
            lines = [
                f"Experiment {index}: {entry.get('status') or 'failed for an unknown reason'}"
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
