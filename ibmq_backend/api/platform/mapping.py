"""From what the service writes to records: pure functions and one total table.

They take JSON objects as the generated models give them back (``model.to_dict()``), of any version
since 2024, are content with missing fields, and raise ``ApiProtocolError``, ``ValueError``,
``TypeError`` or ``KeyError`` for what cannot be understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from ibmq_backend.api.platform.hints import advice_for
from ibmq_backend.api.platform.labels import split_name
from ibmq_backend.exceptions import ApiProtocolError
from ibmq_backend.records import JobErrorRecord, JobRecord, JobSummary, StatusRecord
from ibmq_backend.units import parse_time

STATUSES: Final[dict[str, str]] = {
    "queued": "QUEUED",
    "running": "RUNNING",
    "completed": "DONE",
    "cancelled": "CANCELLED",
    "canceled": "CANCELLED",
    "cancelled - ran too long": "ERROR",
    "failed": "ERROR",
}
"""Status word of the service, in lower case, to the name of a ``JobStatus`` member."""

RAN_TOO_LONG: Final = 1305
RAN_TOO_LONG_STATUS: Final = "Cancelled - Ran too long"
FINAL: Final = frozenset({"DONE", "CANCELLED", "ERROR"})

_STEPS: Final = (("created", "QUEUED"), ("running", "RUNNING"), ("finished", "COMPLETED"))
_MAPPED: Final = frozenset(
    {"id", "status", "state", "created", "backend", "tags", "program", "params", "remote_storage"}
)


@frozen
class Metrics:
    """What the service measured of a job.

    Attributes:
        steps: state to the time it was entered.
        seconds: time charged on the device, ``None`` while it is not known.
        client: names to versions of the program that submitted it.
        extra: every other key of the reply.
    """

    steps: Mapping[str, datetime]
    seconds: float | None
    client: Mapping[str, str]
    extra: Mapping[str, Any]

    @property
    def finished(self) -> datetime | None:
        """When the job ended."""
        return self.steps.get("COMPLETED")


def job_record(document: Mapping[str, Any]) -> JobRecord:
    """Return the record of a job, from its document with or without ``params``."""
    job_id = _required_text(document, "id")
    state = document.get("state") or {}
    code = _code(state)
    word = _status_word(document, state, code)
    status = STATUSES.get(word.lower())
    if status is None:
        raise ApiProtocolError(
            f"Job {job_id} has the status {word!r}, which this version does not know."
        )
    tags = document.get("tags")
    name, others = split_name(str(tag) for tag in tags or ())
    return JobRecord(
        job_id=job_id,
        status=status,
        service_status=word,
        created=parse_time(_required_text(document, "created")),
        kind=program_of(document) or "unknown",
        backend_name=_text(document, "backend"),
        name=name,
        tags=others,
        error=_job_error(state, code, word) if status == "ERROR" else None,
        extra={key: value for key, value in document.items() if key not in _MAPPED},
    )


def with_metrics(record: JobRecord, metrics: Metrics) -> JobRecord:
    """Return the record of a job completed by what was measured of it."""
    return evolve(
        record,
        time_per_step=metrics.steps,
        client=metrics.client,
        extra={**record.extra, **metrics.extra},
    )


def job_summary(record: JobRecord) -> JobSummary:
    """Return id and creation time of a job."""
    assert record.created is not None
    return JobSummary(record.job_id, record.created)


def program_of(document: Mapping[str, Any]) -> str | None:
    """Return the id of the program that a job runs."""
    program = document.get("program")
    found = program.get("id") if isinstance(program, Mapping) else program
    return found if isinstance(found, str) else None


def metrics_of(document: Mapping[str, Any]) -> Metrics:
    """Return what was measured, in the form of 2025 or of 2026."""
    times = document.get("timestamps") or {}
    steps = {
        step: parse_time(times[key]) for key, step in _STEPS if isinstance(times.get(key), str)
    }
    usage = document.get("usage") or {}
    seconds = usage.get("qpu_charge_time_seconds", usage.get("quantum_seconds"))
    if seconds is None:
        seconds = usage.get("seconds")
    if usage.get("status") == "pending" or isinstance(seconds, bool):
        seconds = None
    caller = document.get("caller")
    return Metrics(
        steps=steps,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        client=_client(caller) if isinstance(caller, str) else {},
        extra={
            key: value for key, value in document.items() if key not in ("timestamps", "caller")
        },
    )


def backend_names(devices: Iterable[Any]) -> list[tuple[str, bool]]:
    """Return names of the listed backends, and whether each is a simulator.

    Versions before 2025 list names only.
    """
    found = []
    for device in devices:
        entry = {"name": device} if isinstance(device, str) else device
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str) and entry["name"]:
            found.append((entry["name"], bool(entry.get("is_simulator", False))))
    return found


def status_record(document: Mapping[str, Any], name: str) -> StatusRecord:
    """Return the state of a backend; what is missing counts as not operational, 0 or nothing."""
    waiting = document.get("length_queue") or 0
    if isinstance(waiting, bool) or not isinstance(waiting, int | float):
        raise TypeError(f"length_queue is {waiting!r} instead of a number")
    return StatusRecord(
        name=name,
        version=_text(document, "backend_version") or "0.0.0",
        operational=bool(document.get("state", False)),
        pending_jobs=max(0, int(waiting)),
        message=_text(document, "status") or "",
    )


def _status_word(document: Mapping[str, Any], state: Mapping[str, Any], code: Any) -> str:
    word = document.get("status") or state.get("status")
    if not isinstance(word, str):
        raise KeyError("status")
    is_cancelled = STATUSES.get(word.lower()) == "CANCELLED"
    return RAN_TOO_LONG_STATUS if is_cancelled and code == RAN_TOO_LONG else word


def _code(state: Mapping[str, Any]) -> int | str | None:
    code = state.get("reason_code", state.get("reasonCode"))
    if isinstance(code, str) and code.isdigit():
        return int(code)
    return code if isinstance(code, int | str) and not isinstance(code, bool) else None


def _job_error(state: Mapping[str, Any], code: int | str | None, word: str) -> JobErrorRecord:
    reason = " ".join(str(state.get("reason") or "").split())
    advice = " ".join(str(state.get("reason_solution") or "").split())
    if code == RAN_TOO_LONG:
        reason = f"The job ran longer than allowed and was cut. {reason}".strip()
    if not reason and not advice and code is None:
        return JobErrorRecord(message="")
    text = reason or f"The service ended the job as {word}"
    if advice and advice.rstrip(".") not in text:
        text = f"{text.rstrip('.')}. {advice}"
    return JobErrorRecord(text, code, hint=None if advice else advice_for(code))


def _client(caller: str) -> dict[str, str]:
    """Return ``name-version`` taken apart, any other text under ``caller``."""
    match = re.fullmatch(r"(?P<name>.+)-(?P<version>\d[\w.]*)", caller)
    return {match["name"]: match["version"]} if match else {"caller": caller}


def _text(document: Mapping[str, Any], key: str) -> str | None:
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{key} is {type(value).__name__} instead of text")
    return value


def _required_text(document: Mapping[str, Any], key: str) -> str:
    value = _text(document, key)
    if not value:
        raise KeyError(key)
    return value
