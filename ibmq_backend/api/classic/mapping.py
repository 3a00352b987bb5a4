"""Converts replies of the service to records.

The functions accept models of the bindings with missing fields and with values of other types than
the annotations say. They raise ``ApiProtocolError``, ``ValueError``, ``TypeError`` or ``KeyError``
for replies that they cannot convert.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from attrs import frozen
from ibmq_api_classic.models import (
    BackendStatus,
    Booking,
    CancelReply,
    ClientInfo,
    CreatedJob,
    InfoQueue,
    Job,
    JobError,
    JobsLimit,
    JobStatus,
    ListedJob,
    ListedJobStatus,
    PresignedUrl,
    TimePerStep,
    UploadedJob,
    UploadedJobReply,
)
from ibmq_api_classic.types import Unset

from ibmq_backend._http.urls import parse_url
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend._secrets.traceback_scrubbing import SecretText
from ibmq_backend.api.calls import wire_text
from ibmq_backend.api.classic.hints import hint_for_code
from ibmq_backend.api.plain_json import unmapped
from ibmq_backend.exceptions import ApiProtocolError
from ibmq_backend.records import (
    BackendRecord,
    Document,
    JobErrorRecord,
    JobRecord,
    JobSummary,
    LimitRecord,
    QueueRecord,
    ReservationRecord,
    StatusRecord,
)
from ibmq_backend.units import parse_time

T = TypeVar("T")

_logger = get_logger(__name__)

AnyJob = Job | JobStatus | ListedJobStatus | UploadedJob
"""A reply that describes a job, completely or in part."""

STATUSES: Final[dict[str, str]] = {
    "CREATING": "INITIALIZING",
    "CREATED": "INITIALIZING",
    "TRANSPILING": "INITIALIZING",
    "TRANSPILED": "INITIALIZING",
    "VALIDATING": "VALIDATING",
    "VALIDATED": "VALIDATING",
    "PENDING_IN_QUEUE": "QUEUED",
    "QUEUED": "QUEUED",
    "RUNNING": "RUNNING",
    "COMPLETED": "DONE",
    "CANCELLED": "CANCELLED",
    "ERROR_CREATING_JOB": "ERROR",
    "ERROR_VALIDATING_JOB": "ERROR",
    "ERROR_TRANSPILING_JOB": "ERROR",
    "ERROR_RUNNING_JOB": "ERROR",
}
"""Status of the service to the name of a ``JobStatus`` member."""

ERROR_FAMILY: Final = "ERROR"
"""Prefix of all statuses that are errors, known or not."""

_MAPPED: Final = frozenset(
    {
        "id",
        "status",
        "creation_date",
        "kind",
        "backend",
        "name",
        "tags",
        "time_per_step",
        "run_mode",
        "client_info",
        "experiment_tag",
        "error",
        "info_queue",
        "q_object_result",
        "q_object",
        "object_storage_info",  # contains presigned URLs, which are secrets
    }
)
_NO_LIMIT: Final = -1


@frozen
class Created:
    """A job without its data.

    Attributes:
        job_id: the id of the job.
        upload_url: the URL for the data; ``None`` if it must be requested.
        largest: the maximum size of the data in bytes; ``None`` if not known.
    """

    job_id: str
    upload_url: str | None
    largest: int | None = None


def status_name(word: object, job_id: str) -> str:
    """Return the ``JobStatus`` name for a status of the service.

    Raises:
        ApiProtocolError: the status is neither known nor an error.
    """
    if isinstance(word, str):
        folded = word.upper()
        if folded in STATUSES:
            return STATUSES[folded]
        if folded.startswith(ERROR_FAMILY):
            return "ERROR"
    raise ApiProtocolError(
        f"Job {job_id} has the status {word!r}, which this version does not know."
    )


def job_record(job: AnyJob, job_id: str | None = None) -> JobRecord:
    """Return the record of a job from a reply.

    Args:
        job: the reply.
        job_id: the id of the job, if the reply may not contain it.
    """
    found_id = _text(job.id, "id") or job_id
    if not found_id:
        raise KeyError("id")
    created = _time(job.creation_date, "creationDate")
    if created is None and not isinstance(job, JobStatus):
        raise KeyError("creationDate")
    status = status_name(job.status, found_id)
    extra = {}
    for key, value in unmapped(job, _MAPPED).items():
        name = snake_case(key)
        # Filtered by name again, since the specification does not list all fields for all replies.
        if value is not None and name not in _MAPPED:
            extra[name] = value
    return JobRecord(
        job_id=found_id,
        status=status,
        service_status=job.status,
        created=created,
        kind=_text(job.kind, "kind"),
        backend_name=_text(job.backend.name, "name") if job.backend else None,
        name=_text(job.name, "name"),
        tags=_tags(job.tags),
        time_per_step=_times(job.time_per_step),
        run_mode=_text(job.run_mode, "runMode"),
        client=_client(job.client_info),
        experiment_id=_text(job.experiment_tag, "experimentTag"),
        error=_job_error(job.error),
        queue=_queue(job.info_queue) if status == "QUEUED" else None,
        result=_given(job.q_object_result) if isinstance(job, Job) else None,
        qobj=_given(job.q_object) if isinstance(job, Job) else None,
        extra=extra,
    )


def uploaded_job(reply: UploadedJobReply) -> JobRecord:
    """Return the job from the reply to a reported upload."""
    return job_record(reply.job)


def job_records(jobs: Iterable[ListedJobStatus]) -> list[JobRecord]:
    """Return the jobs of a list."""
    return [job_record(job) for job in jobs]


def pushed_job(document: Mapping[str, Any], job_id: str) -> JobRecord:
    """Return the job from a message of the status stream."""
    return job_record(JobStatus.from_dict(document), job_id)


def job_summaries(jobs: Iterable[ListedJob]) -> list[JobSummary]:
    """Return the ids, creation times and live data flags of listed jobs."""
    return [_job_summary(job) for job in jobs]


def _job_summary(job: ListedJob) -> JobSummary:
    job_id, created = _text(job.id, "id"), _time(job.creation_date, "creationDate")
    if job_id is None or created is None:
        raise KeyError("id, creationDate")
    live: bool | None = _given(job.live_data_enabled)
    return JobSummary(job_id, created, live_data=None if live is None else bool(live))


def created_job(job: CreatedJob) -> Created:
    """Return the created job and the URL for its data."""
    storage = job.object_storage_info
    return Created(
        job_id=wire_text(job.id),
        upload_url=_wire_url(storage.upload_url),
        largest=_size(storage.max_job_size_in_bytes),
    )


def presigned_url(reply: PresignedUrl) -> SecretText:
    """Return a presigned URL."""
    return _wire_url(reply.url)


def is_cancelled(reply: CancelReply) -> bool:
    """Return whether the reply confirms that a job is cancelled."""
    is_refused = bool(reply.error) and reply.error != JobError()
    return reply.cancelled is True and not is_refused


def backend_records(documents: list[Any]) -> list[BackendRecord]:
    """Return the backends; entries without a name are skipped with a warning."""
    if not isinstance(documents, list):
        raise TypeError(f"{type(documents).__name__} instead of a list")
    records = []
    for document in documents:
        if not isinstance(document, Mapping) or not isinstance(document.get("backend_name"), str):
            _logger.warning("The service lists a backend without a name; it is skipped.")
            continue
        records.append(
            BackendRecord(
                name=document["backend_name"],
                simulator=bool(document.get("simulator", False)),
                configuration=document,
                qubits=qubits if isinstance(qubits := document.get("n_qubits"), int) else None,
            )
        )
    return records


def status_record(status: BackendStatus, name: str) -> StatusRecord:
    """Return the state of a backend; missing fields become false, 0 or an empty text."""
    is_operational: bool | Unset = status.state
    return StatusRecord(
        name=name,
        version=_text(status.backend_version, "backend_version") or "0.0.0",
        operational=bool(is_operational),
        pending_jobs=max(0, _whole(status.length_queue or 0, "lengthQueue")),
        message=_text(status.status, "status") or "",
    )


def limit_record(limit: JobsLimit) -> LimitRecord:
    """Return the limit of unfinished jobs."""
    maximum = _whole(limit.maximum_jobs, "maximumJobs")
    return LimitRecord(
        maximum_jobs=None if maximum == _NO_LIMIT else maximum,
        running_jobs=_whole(limit.running_jobs, "runningJobs"),
        extra=_snake_cased(limit.additional_properties),
    )


def reservation_record(booking: Booking, backend_name: str | None = None) -> ReservationRecord:
    """Return a reservation; ``backend_name`` is used if the reply does not name the backend."""
    start = _time(booking.initial_date, "initialDate")
    end = _time(booking.end_date, "endDate")
    if start is None or end is None:
        raise KeyError("initialDate, endDate")
    place = booking.hub_info
    return ReservationRecord(
        backend_name=_text(booking.backend_name, "backendName") or backend_name,
        start=start,
        end=end,
        created=_time(booking.creation_date, "creationDate"),
        mode=_text(booking.mode, "mode"),
        reservation_id=_text(booking.id, "id"),
        hub=_text(place.hub.name, "name") if place else None,
        group=_text(place.group.name, "name") if place else None,
        project=_text(place.project.name, "name") if place else None,
    )


def reservation_records(
    bookings: Iterable[Booking], backend_name: str | None = None
) -> list[ReservationRecord]:
    """Return reservations; see :func:`reservation_record`."""
    return [reservation_record(booking, backend_name) for booking in bookings]


def properties_document(document: Any) -> Document | None:
    """Return a calibration, ``None`` if there is none."""
    return _document_or_none(document, "the properties document")


def defaults_document(document: Any) -> Document | None:
    """Return pulse defaults, ``None`` if there are none."""
    return _document_or_none(document, "the defaults document")


@lru_cache(maxsize=256)
def snake_case(name: str) -> str:
    """Return a wire name as a Python name: ``summaryData`` becomes ``summary_data``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"\W", "_", spaced).lower()


def _document_or_none(document: Any, what: str) -> Document | None:
    if document is not None and not isinstance(document, Mapping):
        raise TypeError(f"{what} is {type(document).__name__}")
    return document or None


def _snake_cased(document: Mapping[str, Any]) -> dict[str, Any]:
    return {snake_case(key): value for key, value in document.items()}


def _given(value: T | Unset | None) -> T | None:
    return None if isinstance(value, Unset) else value


def _text(value: str | Unset | None, key: str) -> str | None:
    if type(value) is str:
        return value
    given = _given(value)
    if given is not None and not isinstance(given, str):
        raise TypeError(f"{key} is {type(given).__name__} instead of text")
    return given


def _time(value: str | Unset | None, key: str) -> datetime | None:
    text = _text(value, key)
    return None if text is None else parse_time(text)


def _times(value: TimePerStep | Unset | None) -> dict[str, datetime] | None:
    steps = _given(value)
    if steps is None:
        return None
    if not isinstance(steps, TimePerStep):
        raise TypeError("timePerStep is not an object")
    return {str(step): parse_time(text) for step, text in steps.additional_properties.items()}


def _tags(value: list[str] | Unset | None) -> tuple[str, ...] | None:
    tags = _given(value)
    if tags is not None and not isinstance(tags, list):
        raise TypeError(f"tags is {type(tags).__name__} instead of a list")
    return None if tags is None else tuple(map(str, tags))


def _whole(value: int, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise TypeError(f"{key} is {value!r} instead of a whole number")
    return int(value)


def _size(value: int | Unset | None) -> int | None:
    size = _given(value)
    if size is not None and (isinstance(size, bool) or not isinstance(size, int | float)):
        raise TypeError(f"maxJobSizeInBytes is {type(size).__name__} instead of a number")
    return None if size is None else int(size)


def _wire_url(value: str) -> SecretText:
    """Return a URL of a reply as a secret, since it may be presigned.

    Raises:
        TypeError: the value is not text.
        ValueError: the value is not an absolute URL; the message does not contain it.
    """
    if parse_url(wire_text(value)).scheme not in ("http", "https"):
        raise ValueError("the URL is not absolute")
    return SecretText(value)


def _job_error(value: JobError | Unset | None) -> JobErrorRecord | None:
    error = _given(value)
    if error is None:
        return None
    if not isinstance(error, JobError):
        return JobErrorRecord(message=str(error))
    code = None if isinstance(error.code, Unset) else error.code
    message: str | Unset = error.message
    return JobErrorRecord(str(message or ""), code, hint_for_code(code))


def _queue(value: InfoQueue | Unset) -> QueueRecord | None:
    queue = _given(value)
    if queue is None:
        return None
    position: int | None = _given(queue.position)
    return QueueRecord(
        position=None if position is None else _whole(position, "position"),
        status=_text(queue.status, "status"),
        estimated_start=_time(queue.estimated_start_time, "estimatedStartTime"),
        estimated_complete=_time(queue.estimated_complete_time, "estimatedCompleteTime"),
        hub_priority=_given(queue.hub_priority),
        group_priority=_given(queue.group_priority),
        project_priority=_given(queue.project_priority),
        extra=_snake_cased(queue.additional_properties),
    )


def _client(value: ClientInfo | Unset | None) -> dict[str, str] | None:
    """Return the versions by name; clients may send both as comma-separated lists."""
    if not isinstance(value, ClientInfo):
        return None
    name: str | None = _given(value.name)
    version: str | None = _given(value.version)
    if not isinstance(name, str):
        return None
    names, versions = name.split(","), str(version or "").split(",")
    if len(names) != len(versions):
        return {name: str(version or "")}
    return dict(zip(names, versions, strict=True))
