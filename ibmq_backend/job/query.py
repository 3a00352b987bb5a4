"""Which jobs to list: from the documented arguments of ``jobs()`` to one query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from attrs import evolve, frozen
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.job.tags import check_tags
from ibmq_backend.records import JobQuery
from ibmq_backend.units import to_utc

StatusArgument: TypeAlias = JobStatus | str | Iterable[JobStatus | str] | None


@frozen
class JobSelection:
    """Which jobs to list.

    Attributes:
        query: the conditions.
        limit: at most so many; ``None`` = all.
        skip: leave out the first ones.
    """

    query: JobQuery
    limit: int | None
    skip: int

    def on_backend(self, name: str | None) -> JobSelection:
        """Return those on one backend only; ``None`` = on any.

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
    """Return what the documented arguments of ``jobs()`` select.

    Args:
        limit: at most so many; ``None`` or 0 = all.
        skip: leave out the first ones.
        status: a ``JobStatus``, its name, or a list of them.
        job_name: regular expression found anywhere in the name.
        start_datetime: created then or later; local time if it has no zone.
        end_datetime: created then or earlier; local time if it has no zone.
        job_tags: list of text.
        job_tags_operator: ``OR`` any of the tags, ``AND`` all of them.
        experiment_id: the label given to ``run``.
        descending: newest first.
        db_filter: further conditions in the service's language (LoopBack ``where``).

    Raises:
        IBMQBackendValueError: unknown status, tags or operator; an end before the start; a limit
            that is not a whole number.
        TypeError: a time that is neither a datetime nor text, a filter that is not a mapping.
        ValueError: text that is not an ISO-8601 time.
    """
    most, first = check_window(limit, skip)
    operator = str(job_tags_operator).upper()
    if operator not in ("AND", "OR"):
        raise IBMQBackendValueError(
            f"job_tags_operator must be 'AND' or 'OR', not {job_tags_operator!r}."
        )
    _check_text("job_name", job_name)
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
        all_tags=operator == "AND",
        experiment_id=experiment_id,
        descending=bool(descending),
        where=dict(db_filter) if db_filter else None,
    )
    return JobSelection(query, most, first)


def _check_text(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {value!r}.")


def _check_conditions(conditions: Mapping[str, Any]) -> None:
    """Reject unknown filters with an error that names them; operators are for the service."""
    for name, condition in conditions.items():
        if not isinstance(name, str) or name.startswith("$"):
            raise IBMQBackendValueError(
                f"db_filter: {name!r} is neither a field nor a condition of LoopBack, the "
                "service's filter language."
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
    """Raise ``IBMQBackendValueError`` for a window that ends before it starts."""
    if start and end and end < start:
        raise IBMQBackendValueError(f"end_datetime ({end}) is before start_datetime ({start}).")


def check_window(limit: int | None, skip: int) -> tuple[int | None, int]:
    """Return how many jobs to list (``None`` = all) and how many to leave out.

    Raises:
        IBMQBackendValueError: not whole numbers, or negative.
    """
    for name, value in (("limit", limit), ("skip", skip)):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            raise IBMQBackendValueError(f"{name} must be a whole number, not {value!r}.")
        if value < 0:
            raise IBMQBackendValueError(f"{name} must not be negative; it is {value}.")
    return (limit or None), (skip or 0)


def _instant(name: str, value: datetime | str) -> datetime:
    try:
        return to_utc(value)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


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
    raise IBMQBackendValueError(f"{status!r} is not a job status. Known: {known}.")
