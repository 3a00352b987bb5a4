"""The documented arguments of ``jobs()``, checked and put into one query."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from attrs import evolve, frozen
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend.api.plain_json import plain_json
from ibmq_backend.exceptions import ApiInputError, IBMQBackendValueError
from ibmq_backend.job.tags import check_tags
from ibmq_backend.records import JobQuery
from ibmq_backend.units import to_utc

StatusArgument: TypeAlias = JobStatus | str | Iterable[JobStatus | str] | None


@frozen
class JobSelection:
    """Which jobs to list.

    Attributes:
        query: conditions that the jobs meet.
        limit: maximum number of jobs; ``None`` lists all.
        skip: number of jobs to skip.
    """

    query: JobQuery
    limit: int | None
    skip: int

    def on_backend(self, name: str | None) -> JobSelection:
        """Return the same selection on one backend only; ``None`` selects all backends.

        Raises:
            TypeError: the name is not text.
        """
        _check_text("backend_name", name)
        return evolve(self, query=evolve(self.query, backend_name=name))


def select_jobs(
    limit: int | None = 10,
    skip: int = 0,
    status: StatusArgument = None,
    job_name: str | None = None,
    start_datetime: datetime | None = None,
    end_datetime: datetime | None = None,
    job_tags: Iterable[str] | None = None,
    job_tags_operator: str = "OR",
    experiment_id: str | None = None,
    descending: bool = True,
    db_filter: Mapping[str, Any] | None = None,
) -> JobSelection:
    """Return the selection that the documented arguments of ``jobs()`` describe.

    Args:
        limit: maximum number of jobs; ``None`` or 0 lists all.
        skip: number of jobs to skip.
        status: a ``JobStatus``, its name, or a list of them.
        job_name: regular expression that matches anywhere in the name.
        start_datetime: earliest time of creation; local time if it has no time zone.
        end_datetime: latest time of creation; local time if it has no time zone.
        job_tags: list of tags.
        job_tags_operator: ``OR`` for jobs with any of the tags, ``AND`` for jobs with all of them.
        experiment_id: the label given to ``run``.
        descending: whether the newest job comes first.
        db_filter: more conditions in the filter language of the service (LoopBack ``where``).

    Raises:
        IBMQBackendValueError: a status, tag, operator, limit or value of the filter is not valid,
            or the end is before the start.
        TypeError: a time is neither a datetime nor text, a text has another type, or the filter is
            not a mapping.
        ValueError: a text is not an ISO 8601 time.
    """
    most, first = check_window(limit, skip)
    joined_by = str(job_tags_operator).upper()
    if joined_by not in ("AND", "OR"):
        raise IBMQBackendValueError(
            f"job_tags_operator must be 'AND' or 'OR', not {job_tags_operator!r}."
        )
    _check_text("job_name", job_name)
    _check_text("experiment_id", experiment_id)
    if db_filter is not None and not isinstance(db_filter, Mapping):
        raise TypeError(f"db_filter must be a mapping of conditions, not {db_filter!r}.")
    _check_conditions(db_filter or {})
    try:
        re.compile(job_name or "")
    except re.error as error:
        raise IBMQBackendValueError(
            f"job_name is not a regular expression: {job_name!r} ({error})."
        ) from error
    start = None if start_datetime is None else _instant("start_datetime", start_datetime)
    end = None if end_datetime is None else _instant("end_datetime", end_datetime)
    check_order(start, end)
    query = JobQuery(
        statuses=_statuses(status),
        name_pattern=job_name or None,
        created_from=start,
        created_to=end,
        tags=check_tags(job_tags),
        all_tags=joined_by == "AND",
        experiment_id=experiment_id,
        descending=bool(descending),
        where=_plain_filter(db_filter) if db_filter else None,
    )
    return JobSelection(query, most, first)


def _plain_filter(conditions: Mapping[str, Any]) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = plain_json(conditions, "db_filter", finite=True)
    except ApiInputError as error:
        raise IBMQBackendValueError(error.message) from None
    return plain


def _check_text(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {value!r}.")


def _check_conditions(conditions: Mapping[str, Any]) -> None:
    """Reject conditions that are not fields; the service checks the operators."""
    for name, condition in conditions.items():
        if not isinstance(name, str) or name.startswith("$"):
            raise IBMQBackendValueError(
                f"db_filter: {name!r} is not a field of a job. Write conditions as "
                "{'field': {'operator': value}}, in the filter language of LoopBack."
            )
        if name in ("and", "or"):
            if not isinstance(condition, list) or not all(
                isinstance(each, Mapping) for each in condition
            ):
                raise IBMQBackendValueError(
                    f"db_filter: {name!r} needs a list of conditions, not {condition!r}."
                )
            for each in condition:
                _check_conditions(each)


def check_order(start: datetime | None, end: datetime | None) -> None:
    """Check that the end is not before the start.

    Raises:
        IBMQBackendValueError: the end is before the start.
    """
    if start and end and end < start:
        raise IBMQBackendValueError(f"end_datetime ({end}) is before start_datetime ({start}).")


def check_window(limit: int | None, skip: int) -> tuple[int | None, int]:
    """Return how many jobs to list (``None`` for all) and how many to skip.

    Raises:
        IBMQBackendValueError: an argument is not a whole number, or negative.
    """
    most = None if limit is None else _whole_number("limit", limit)
    return most or None, 0 if skip is None else _whole_number("skip", skip)


def _whole_number(name: str, value: object) -> int:
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise IBMQBackendValueError(f"{name} must be a whole number, not {value!r}.")
    if number < 0:
        raise IBMQBackendValueError(f"{name} must not be negative; it is {value}.")
    return number


def _instant(name: str, value: datetime | str) -> datetime:
    try:
        return to_utc(value)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _statuses(status: StatusArgument) -> tuple[str, ...]:
    if status is None:
        return ()
    if isinstance(status, JobStatus | str) or not isinstance(status, Iterable):
        return (_status_name(status),)
    return tuple(dict.fromkeys(_status_name(item) for item in status))


def _status_name(status: object) -> str:
    if isinstance(status, JobStatus):
        return str(status.name)
    if isinstance(status, str) and status.upper() in JobStatus.__members__:
        return status.upper()
    known = ", ".join(JobStatus.__members__)
    raise IBMQBackendValueError(f"{status!r} is not a job status. Use one of {known}.")
