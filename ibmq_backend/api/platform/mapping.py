"""Converts replies of the service, of any version since 2024, to records.

The functions accept models of the bindings with missing fields and with values of other types than
the annotations say. They raise ``ValueError``, ``TypeError`` or ``KeyError`` for replies that they
cannot convert.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen
from ibmq_api_platform.models import (
    BackendList,
    BackendStatus,
    CreatedJob,
    Device,
    Job,
    JobMetrics,
    JobState,
    JobTimestamps,
    JobUsage,
    Session,
    Usage,
    UsagePeriod,
)
from ibmq_api_platform.types import Unset

from ibmq_backend._http.errors import UNREADABLE
from ibmq_backend._secrets.redact import get_logger, is_clean
from ibmq_backend.api.plain_json import unmapped
from ibmq_backend.api.platform.hints import hint_for_code
from ibmq_backend.notices import notify_once
from ibmq_backend.records import (
    JobErrorRecord,
    JobRecord,
    JobSummary,
    SessionRecord,
    StatusRecord,
    UsageRecord,
)
from ibmq_backend.units import parse_time

_logger = get_logger(__name__)

STATUSES: Final[dict[str, str]] = {
    "queued": "QUEUED",
    "running": "RUNNING",
    "completed": "DONE",
    "cancelled": "CANCELLED",
    "canceled": "CANCELLED",
    "cancelled - ran too long": "ERROR",
    "failed": "ERROR",
}
"""Status of the service, in lower case, to the name of a ``JobStatus`` member."""

RAN_TOO_LONG: Final = 1305
RAN_TOO_LONG_STATUS: Final = "Cancelled - Ran too long"
FINAL: Final = frozenset({"DONE", "CANCELLED", "ERROR"})

NAME_PREFIX: Final = "ibmq_name_"
"""Prefix of the tag that stores the job name, since the service has no names."""

_UNKNOWN_WORD: Final = (
    "Job {} has the state {!r}, which this version does not know. It keeps its last known state "
    "and counts as unfinished until the service says when it ended."
)
MAX_WORD_CHARACTERS: Final = 64
"""A longer state is no new one: something else replied, perhaps with the request."""

_GAPS: Final = {"state": {"status": ""}}
"""What an entry of a list may lack."""

_MAPPED: Final = frozenset(
    {"id", "status", "state", "created", "backend", "tags", "program", "params", "remote_storage"}
)
_MAPPED_METRICS: Final = frozenset({"timestamps", "caller"})


@frozen
class Metrics:
    """The metrics of a job.

    Attributes:
        steps: the times at which the job entered each state.
        seconds: the charged time on the device; ``None`` if not yet known.
        client: the versions, by name, of the program that submitted the job.
        extra: all other fields of the reply.
    """

    steps: Mapping[str, datetime]
    seconds: float | None
    client: Mapping[str, str]
    extra: Mapping[str, Any]

    @property
    def finished(self) -> datetime | None:
        """The time at which the job ended."""
        return self.steps.get("COMPLETED")


def job_record(job: Job) -> JobRecord:
    """Return the record of a job from a reply with or without ``params``."""
    job_id = _required_text(job.id, "id")
    code = _code(job.state)
    word = _status_word(job, code)
    status = STATUSES.get(word.lower())
    if status is None:
        if len(word) > MAX_WORD_CHARACTERS or not is_clean(word):
            raise ValueError("the state of the job is no word")
        notify_once(f"state {word}", _UNKNOWN_WORD.format(job_id, word))
    tags: list[str] = job.tags or []  # not Sequence, since text is one
    name, others = split_name(tag for tag in tags if isinstance(tag, str))
    return JobRecord(
        job_id=job_id,
        status=status or "INITIALIZING",
        service_status=word,
        has_known_status=status is not None,
        created=_time(job.created),
        kind=program_of(job) or "unknown",
        backend_name=_text(job.backend),
        name=name,
        tags=others,
        error=_job_error(job.state, code, word) if status in ("ERROR", None) else None,
        extra={"status": word, **unmapped(job, _MAPPED)},
    )


def listed_jobs(entries: Iterable[object]) -> list[JobRecord | None]:
    """Return the records of a list of jobs; ``None`` for an entry that cannot be read.

    The bindings keep an entry that is not in the described form as it came. The log has one line
    about such entries.
    """
    records: list[JobRecord | None] = []
    failures = []
    for entry in entries:
        try:
            records.append(_listed_job(entry))
        except UNREADABLE as error:
            records.append(None)
            failures.append(error)
    if failures:
        _logger.warning(
            "%d of %d entries in the list of jobs cannot be read and are left out; the first: %r",
            len(failures),
            len(records),
            failures[0],
        )
    return records


def _listed_job(entry: object) -> JobRecord:
    if isinstance(entry, Mapping):
        entry = Job.from_dict({**_GAPS, **entry})
    if not isinstance(entry, Job):
        raise TypeError(f"{type(entry).__name__} instead of a job")
    return job_record(entry)


def created_id(job: CreatedJob) -> str:
    """Return the id of a created job."""
    return _required_text(job.id, "id")


def split_name(tags: Iterable[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the job name that is stored in the tags, and the other tags."""
    name: str | None = None
    others = []
    for tag in tags:
        if tag.startswith(NAME_PREFIX) and name is None:
            name = tag.removeprefix(NAME_PREFIX)
        else:
            others.append(tag)
    return name, tuple(others)


def with_metrics(record: JobRecord, metrics: Metrics) -> JobRecord:
    """Return the record of a job with its metrics."""
    return evolve(
        record,
        time_per_step=metrics.steps,
        client=metrics.client,
        extra={**record.extra, **metrics.extra},
    )


def job_summary(record: JobRecord) -> JobSummary:
    """Return the id and creation time of a job."""
    return JobSummary(record.job_id, record.created)


def program_of(job: Job) -> str | None:
    """Return the id of the program that a job runs."""
    program: str | None = None if isinstance(job.program, Unset) else job.program.id
    return program if isinstance(program, str) else None


def session_of(job: Job) -> str | None:
    """Return the session id of a job, ``None`` if it has no session."""
    session: str | Unset | None = job.session_id
    return session if isinstance(session, str) and session else None


def session_record(session: Session) -> SessionRecord:
    """Return the record of a session."""
    accepting, seconds = session.accepting_jobs, session.max_ttl
    return SessionRecord(
        session_id=_required_text(session.id, "id"),
        mode=_required_text(session.mode, "mode"),
        backend_name=_text(session.backend_name),
        state=_text(session.state),
        accepting_jobs=accepting if isinstance(accepting, bool) else None,
        max_seconds=seconds if isinstance(seconds, int) else None,
    )


def usage_record(usage: Usage) -> UsageRecord:
    """Return the record of the time used by an instance."""
    period = usage.usage_period
    if not isinstance(period, UsagePeriod):
        period = UsagePeriod()
    limit: Any = usage.usage_limit_seconds
    if not isinstance(limit, int | float):
        limit = usage.usage_allocation_seconds
    return UsageRecord(
        consumed_seconds=float(usage.usage_consumed_seconds),
        limit_seconds=float(limit) if isinstance(limit, int | float) else None,
        start=_time(period.start_time),
        end=_time(period.end_time),
        limit_reached=usage.usage_limit_reached is True,
    )


def metrics_of(metrics: JobMetrics) -> Metrics:
    """Return the metrics from a reply of the API versions of 2025 or 2026."""
    times = metrics.timestamps or JobTimestamps()
    entered: dict[str, str | Unset | None] = {
        "QUEUED": times.created,
        "RUNNING": times.running,
        "COMPLETED": times.finished,
    }
    return Metrics(
        steps={step: at for step, when in entered.items() if (at := _time(when)) is not None},
        seconds=_seconds(metrics.usage or JobUsage()),
        client=_client(metrics.caller),
        extra=unmapped(metrics, _MAPPED_METRICS),
    )


def listed_backends(listed: BackendList) -> list[tuple[str, bool, int | None]]:
    """Return the name of each listed backend, whether it is a simulator, and its qubits.

    API versions before 2025 list names only.
    """
    found = []
    for device in listed.devices:
        name: str = device.name if isinstance(device, Device) else device
        simulator: bool | Unset = isinstance(device, Device) and device.is_simulator
        if isinstance(name, str) and name:
            qubits = device.qubits if isinstance(device, Device) else None
            found.append((name, bool(simulator), qubits if isinstance(qubits, int) else None))
    return found


def status_record(status: BackendStatus, name: str) -> StatusRecord:
    """Return the state of a backend; missing fields become false, 0 or an empty text."""
    waiting: float = status.length_queue or 0
    if isinstance(waiting, bool) or not isinstance(waiting, int | float):
        raise TypeError(f"length_queue is {waiting!r} instead of a number")
    operational: bool | Unset = status.state
    return StatusRecord(
        name=name,
        version=_text(status.backend_version) or "0.0.0",
        operational=bool(operational),
        pending_jobs=max(0, int(waiting)),
        message=_text(status.status) or "",
    )


def _status_word(job: Job, code: int | str | None) -> str:
    word: str = job.status or job.state.status
    if not isinstance(word, str):
        word = ""
    is_cancelled = STATUSES.get(word.lower()) == "CANCELLED"
    return RAN_TOO_LONG_STATUS if is_cancelled and code == RAN_TOO_LONG else word


def _code(state: JobState) -> int | str | None:
    code: int | str | Unset | None = state.reason_code
    if isinstance(code, Unset):
        code = state.reasonCode
    if isinstance(code, str) and code.isdigit():
        return int(code)
    return code if isinstance(code, int | str) and not isinstance(code, bool) else None


def _job_error(state: JobState, code: int | str | None, word: str) -> JobErrorRecord:
    reason, solution = _one_line(state.reason), _one_line(state.reason_solution)
    if code == RAN_TOO_LONG:
        reason = f"The job ran longer than allowed and was cancelled. {reason}".strip()
    if not reason and not solution and code is None:
        return JobErrorRecord(message="")
    text = reason or f"The service ended the job with the status {word}"
    if solution and solution.rstrip(".") not in text:
        text = f"{text.rstrip('.')}. {solution}"
    return JobErrorRecord(text, code, hint=None if solution else hint_for_code(code))


def _seconds(usage: JobUsage) -> float | None:
    seconds: float | Unset | None = usage.qpu_charge_time_seconds
    if isinstance(seconds, Unset):
        seconds = usage.quantum_seconds
    if seconds is None or isinstance(seconds, Unset):
        seconds = usage.seconds
    if usage.status == "pending" or isinstance(seconds, bool):
        return None
    return float(seconds) if isinstance(seconds, int | float) else None


def _client(caller: str | Unset | None) -> dict[str, str]:
    """Split ``name-version``; return any other text under ``caller``."""
    if not isinstance(caller, str):
        return {}
    match = re.fullmatch(r"(?P<name>.+)-(?P<version>\d[\w.]*)", caller)
    return {match["name"]: match["version"]} if match else {"caller": caller}


def _one_line(value: str | Unset | None) -> str:
    return " ".join(str(value or "").split())


def _time(value: str | Unset | None) -> datetime | None:
    """Return a time, ``None`` if there is none or it cannot be read."""
    try:
        return parse_time(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: str | Unset | None) -> str | None:
    return value if isinstance(value, str) else None


def _required_text(value: str | Unset | None, name: str) -> str:
    found = _text(value)
    if not found:
        raise KeyError(name)
    return found
