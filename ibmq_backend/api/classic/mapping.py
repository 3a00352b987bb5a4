"""From what the service writes to records: pure functions and one total table.

They take JSON objects as the generated models give them back (``model.to_dict()``), are content
with missing fields, and raise ``ApiProtocolError``, ``ValueError``, ``TypeError`` or ``KeyError``
for what cannot be understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.classic.hints import advice_for
from ibmq_backend.exceptions import ApiProtocolError
from ibmq_backend.records import (
    BackendRecord,
    Document,
    InstanceId,
    InstanceRecord,
    JobErrorRecord,
    JobRecord,
    JobSummary,
    LimitRecord,
    QueueRecord,
    ReservationRecord,
    StatusRecord,
)
from ibmq_backend.units import parse_time

_logger = get_logger(__name__)

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
"""Status word of the service to the name of a ``JobStatus`` member."""

ERROR_FAMILY: Final = "ERROR"
"""Status words that begin so are errors, known or not."""

_MAPPED: Final = frozenset(
    {
        "id",
        "status",
        "creationDate",
        "kind",
        "backend",
        "name",
        "tags",
        "timePerStep",
        "runMode",
        "clientInfo",
        "experimentTag",
        "error",
        "infoQueue",
        "qObjectResult",
        "qObject",
        "objectStorageInfo",  # holds presigned addresses, which are as good as a token
    }
)
_NO_LIMIT: Final = -1
_NAME: Final = re.compile(r"[^/\s]+")  # of a hub, group or project


def status_name(word: object, job_id: str) -> str:
    """Return the ``JobStatus`` name for a status word of the service.

    Raises:
        ApiProtocolError: a word that is neither known nor of the error family.
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


def job_record(document: Mapping[str, Any], job_id: str | None = None) -> JobRecord:
    """Return the record of a job, from any of the documents that describe one.

    Args:
        document: the job.
        job_id: its id, where the document need not repeat it.
    """
    found_id = _text(document, "id") or job_id
    if not found_id:
        raise KeyError("id")
    word = document["status"]
    status = status_name(word, found_id)
    tags = document.get("tags")
    steps = document.get("timePerStep")
    return JobRecord(
        job_id=found_id,
        status=status,
        service_status=word,
        created=_time(document, "creationDate"),
        kind=_text(document, "kind"),
        backend_name=_text(_object(document, "backend"), "name"),
        name=_text(document, "name"),
        tags=None if tags is None else tuple(str(tag) for tag in _list(tags, "tags")),
        time_per_step=None if steps is None else _times(steps),
        run_mode=_text(document, "runMode"),
        client=_client(document.get("clientInfo")),
        experiment_id=_text(document, "experimentTag"),
        error=_job_error(document.get("error")),
        queue=_queue(document.get("infoQueue")) if status == "QUEUED" else None,
        result=document.get("qObjectResult"),
        qobj=document.get("qObject"),
        extra=_extra(document, _MAPPED),
    )


def job_summary(document: Mapping[str, Any]) -> JobSummary:
    """Return id, creation time and live data of a listed job."""
    job_id, created = _text(document, "id"), _time(document, "creationDate")
    if job_id is None or created is None:
        raise KeyError("id, creationDate")
    live = document.get("liveDataEnabled")
    return JobSummary(job_id, created, live_data=None if live is None else bool(live))


def backend_records(documents: Iterable[Any]) -> list[BackendRecord]:
    """Return the backends; an entry that does not even name one is left out with a warning."""
    records = []
    for document in documents:
        if not isinstance(document, Mapping) or not isinstance(document.get("backend_name"), str):
            _logger.warning("The service lists a backend without a name; it is left out.")
            continue
        records.append(
            BackendRecord(
                name=document["backend_name"],
                simulator=bool(document.get("simulator", False)),
                configuration=document,
            )
        )
    return records


def status_record(document: Mapping[str, Any], name: str) -> StatusRecord:
    """Return the state of a backend; what is missing counts as not operational, 0 or nothing."""
    waiting = document.get("lengthQueue") or 0
    return StatusRecord(
        name=name,
        version=_text(document, "backend_version") or "0.0.0",
        operational=bool(document.get("state", False)),
        pending_jobs=max(0, _whole(waiting, "lengthQueue")),
        message=_text(document, "status") or "",
    )


def limit_record(document: Mapping[str, Any]) -> LimitRecord:
    """Return how many jobs a user may have unfinished."""
    maximum = _whole(document["maximumJobs"], "maximumJobs")
    return LimitRecord(
        maximum_jobs=None if maximum == _NO_LIMIT else maximum,
        running_jobs=_whole(document["runningJobs"], "runningJobs"),
        extra=_extra(document, {"maximumJobs", "runningJobs"}),
    )


def reservation_record(
    document: Mapping[str, Any], backend_name: str | None = None
) -> ReservationRecord:
    """Return a booked slot, of the named backend where the document does not name it."""
    start, end = _time(document, "initialDate"), _time(document, "endDate")
    if start is None or end is None:
        raise KeyError("initialDate, endDate")
    place = _object(document, "hubInfo")
    return ReservationRecord(
        backend_name=_text(document, "backendName") or backend_name,
        start=start,
        end=end,
        created=_time(document, "creationDate"),
        mode=_text(document, "mode"),
        reservation_id=_text(document, "id"),
        hub=_text(_object(place, "hub"), "name"),
        group=_text(_object(place, "group"), "name"),
        project=_text(_object(place, "project"), "name"),
    )


def document_or_none(document: Any, what: str) -> Document | None:
    """Return a free document, ``None`` for the empty one that means "there is none".

    Raises:
        TypeError: something else than a JSON object or null.
    """
    if document is not None and not isinstance(document, Mapping):
        raise TypeError(f"{what} is {type(document).__name__}")
    return document or None


def instance_records(hubs: Iterable[Mapping[str, Any]]) -> list[InstanceRecord]:
    """Return all hub/group/project triples, the default first.

    Document order, with every project that says ``isDefault`` moved to the front as it comes, so
    that the last of several wins. The first one is the default.
    """
    ordered: list[InstanceId] = []
    for hub in hubs:
        for group_name, group in _object(hub, "groups").items():
            for project_name, project in _object(group, "projects").items():
                parts = hub["name"], group_name, project_name
                if not all(isinstance(part, str) and _NAME.fullmatch(part) for part in parts):
                    raise ValueError("a hub, group or project has no name that can be one")
                instance = InstanceId("/".join(parts), *parts)
                ordered.insert(0 if project.get("isDefault") else len(ordered), instance)
    return [InstanceRecord(id=instance, is_default=not n) for n, instance in enumerate(ordered)]


def snake_case(name: str) -> str:
    """Return a wire name as a Python name: ``summaryData`` becomes ``summary_data``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"\W", "_", spaced).lower()


def _extra(document: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    return {snake_case(key): value for key, value in document.items() if key not in known}


def _text(document: Mapping[str, Any], key: str) -> str | None:
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{key} is {type(value).__name__} instead of text")
    return value


def _time(document: Mapping[str, Any], key: str) -> datetime | None:
    text = _text(document, key)
    return None if text is None else parse_time(text)


def _times(steps: Any) -> dict[str, datetime]:
    if not isinstance(steps, Mapping):
        raise TypeError("timePerStep is not an object")
    return {str(step): parse_time(text) for step, text in steps.items()}


def _object(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{key} is {type(value).__name__} instead of an object")
    return value


def _list(value: Any, key: str) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{key} is {type(value).__name__} instead of a list")
    return value


def _whole(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise TypeError(f"{key} is {value!r} instead of a whole number")
    return int(value)


def _job_error(value: Any) -> JobErrorRecord | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return JobErrorRecord(message=str(value))
    code = value.get("code")
    return JobErrorRecord(str(value.get("message") or ""), code, advice_for(code))


def _queue(value: Any) -> QueueRecord | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise TypeError(f"infoQueue is {type(value).__name__} instead of an object")
    known = {
        "position",
        "status",
        "estimatedStartTime",
        "estimatedCompleteTime",
        "hubPriority",
        "groupPriority",
        "projectPriority",
    }
    position = value.get("position")
    return QueueRecord(
        position=None if position is None else _whole(position, "position"),
        status=_text(value, "status"),
        estimated_start=_time(value, "estimatedStartTime"),
        estimated_complete=_time(value, "estimatedCompleteTime"),
        hub_priority=value.get("hubPriority"),
        group_priority=value.get("groupPriority"),
        project_priority=value.get("projectPriority"),
        extra=_extra(value, known),
    )


def _client(value: Any) -> dict[str, str] | None:
    """Return names to versions; both are comma lists where a client named its parts."""
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return None
    names = value["name"].split(",")
    versions = str(value.get("version") or "").split(",")
    if len(names) != len(versions):
        return {value["name"]: str(value.get("version") or "")}
    return dict(zip(names, versions, strict=True))
