"""Conditions of a filter that the database can check, so that fewer jobs are read.

Every job that matches the filter meets them; the filter is applied to the jobs that meet them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ibmq_backend.emulator.core.clock import milliseconds, parse_moment
from ibmq_backend.emulator.store.job_scan import Selection

_EXACT: Final = frozenset(("backend.name", "status"))
_MAX_CHOICES: Final = 20


def select_for(where: Any) -> Selection:
    """Return the conditions that every job that matches a ``where`` must meet."""
    parts = list(_required(where))
    created = [part["creationDate"] for part in parts if isinstance(part.get("creationDate"), dict)]
    between = [one["between"] for one in created if _is_pair(one.get("between"))]
    earliest = _moments([one.get("gte"), one.get("gt")] for one in created)
    earliest += _moments([low] for low, _ in between)
    latest = _moments([one.get("lte"), one.get("lt")] for one in created)
    latest += _moments([high] for _, high in between)
    return Selection(
        earliest=max(earliest, default=None),
        latest=min(latest, default=None),
        backend_names=_first(parts, "backend.name"),
        statuses=_first(parts, "status"),
        tags=_first(parts, "tags"),
    )


def is_exact(where: Any) -> bool:
    """Return whether the conditions of :func:`select_for` are those of ``where``, and no more."""
    return where is None or (
        isinstance(where, dict)
        and where.keys() <= _EXACT
        and all(_texts(expected) is not None for expected in where.values())
    )


def _required(where: Any) -> Iterator[dict[str, Any]]:
    if isinstance(where, dict):
        yield where
        for part in where["and"] if isinstance(where.get("and"), list) else ():
            yield from _required(part)


def _first(parts: Iterable[dict[str, Any]], field: str) -> tuple[str, ...] | None:
    found = (_texts(part.get(field)) for part in parts)
    return next((texts for texts in found if texts is not None), None)


def _texts(expected: Any) -> tuple[str, ...] | None:
    """Return the texts of which one must be equal; None if the condition is another one.

    Filters compare dates as instants, so their texts may differ.
    """
    choices: Any = [expected]
    if isinstance(expected, dict) and expected.keys() == {"inq"}:
        choices = expected["inq"]
    if not isinstance(choices, list) or not 0 < len(choices) <= _MAX_CHOICES:
        return None
    if not all(isinstance(one, str) and parse_moment(one) is None for one in choices):
        return None
    return tuple(choices)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _moments(groups: Iterable[list[Any]]) -> list[int]:
    texts = (text for group in groups for text in group if isinstance(text, str))
    moments = (parse_moment(text) for text in texts)
    return [milliseconds(moment) for moment in moments if moment is not None]
