"""The filter language of the job lists: LoopBack 2 filters over JSON documents.

A filter is a JSON object with the optional keys ``where``, ``order``, ``limit``, ``skip`` and
``fields``. Conditions in ``where``:

* equality, ``inq``, ``nin``, ``neq``, ``gt``, ``gte``, ``lt``, ``lte``, ``between``, ``regexp``
  (with ``options``, or as ``/pattern/flags``), ``like``, ``nlike``, ``ilike``, ``nilike``,
  ``exists``; several operators on one field must all hold;
* ``and``, ``or``, ``nor`` with lists of conditions;
* dotted paths into objects and lists (``hubInfo.hub.name``).

A list matches when one of its elements matches. Dates are compared as instants, whatever their
time zone and notation. A missing field matches only ``neq``, ``nin``, ``nlike``, ``nilike``,
``exists: false`` and equality with null. ``like`` with a ``%`` is an SQL pattern for the whole
text, otherwise an unanchored regular expression.
:mod:`ibmq_backend.emulator.classic.filters.regex` describes the regular expressions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, Final

from ibmq_backend.emulator.classic.errors import ServiceError, wrong_data
from ibmq_backend.emulator.classic.filters.regex import Pattern, PatternError, SearchBudget
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment

Document = Mapping[str, Any]
Condition = Callable[[Document], bool]

_MAX_DEPTH: Final = 20
_ORDERED_KINDS: Final = (bool, (int, float), str, tuple)


@dataclass(frozen=True)
class Filter:
    """A parsed filter.

    Attributes:
        matches: returns whether a document matches ``where``.
        order: pairs of a path and whether it sorts in descending order.
        limit: the largest number of items to return; None for no limit.
        skip: how many matching items to leave out first.
        fields: reduces an item to the requested fields.
        where: the conditions as they were sent.
    """

    matches: Condition
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    skip: int = 0
    fields: Callable[[dict[str, Any]], dict[str, Any]] = lambda document: document
    where: Any = None


def parse_filter(text: str | None) -> Filter:
    """Parse the query parameter ``filter``.

    Args:
        text: the filter as JSON; None or an empty string matches everything.

    Raises:
        ServiceError: 400/2400, the text is not JSON or not a filter.
    """
    if not text:
        return Filter(matches=lambda _document: True)
    try:
        content = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise _invalid("it is not valid JSON") from error
    if not isinstance(content, dict):
        raise _invalid("it must be a JSON object")
    where = content.get("where")
    return Filter(
        matches=compile_where(where),
        order=_order(content.get("order")),
        limit=_count(content, "limit"),
        skip=_count(content, "skip") or _count(content, "offset") or 0,
        fields=_fields(content.get("fields")),
        where=where,
    )


def compile_where(where: Any) -> Condition:
    """Compile a ``where`` object into a predicate for documents.

    Raises:
        ServiceError: 400/2400, the object is not a condition.
    """
    return _compile(where, _MAX_DEPTH, SearchBudget())


def sort_documents(
    documents: Iterable[dict[str, Any]], order: Sequence[tuple[str, bool]]
) -> list[dict[str, Any]]:
    """Sort documents by several paths; a document without the field sorts before all others."""
    ordered = list(documents)
    for path, descending in reversed(order):

        def compare(left: Document, right: Document, path: str = path) -> int:
            return _order_of(_first(left, path), _first(right, path))

        ordered.sort(key=cmp_to_key(compare), reverse=descending)
    return ordered


def _invalid(reason: str) -> ServiceError:
    return wrong_data(f"The filter is not valid: {reason}.")


def _reject_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _compile(where: Any, depth: int, budget: SearchBudget) -> Condition:
    if where is None:
        return lambda _document: True
    if not isinstance(where, dict):
        raise _invalid("'where' must be an object")
    if depth == 0:
        raise _invalid("'where' is nested too deeply")
    conditions = [_term(str(key), expected, depth, budget) for key, expected in where.items()]
    return lambda document: all(condition(document) for condition in conditions)


def _term(key: str, expected: Any, depth: int, budget: SearchBudget) -> Condition:
    if key in ("and", "or", "nor"):
        if not isinstance(expected, list):
            raise _invalid(f"'{key}' needs a list")
        parts = [_compile(part, depth - 1, budget) for part in expected]
        if key == "and":
            return lambda document: all(part(document) for part in parts)
        if key == "or":
            return lambda document: any(part(document) for part in parts)
        return lambda document: not any(part(document) for part in parts)
    if not isinstance(expected, dict):
        return _on_field(key, lambda value: _equal(value, expected), missing=expected is None)
    options = expected.get("options", "")
    tests = [
        _operator(key, str(name), operand, options, budget)
        for name, operand in expected.items()
        if name != "options"
    ]
    if not tests:
        raise _invalid(f"there is no operator for '{key}'")
    return lambda document: all(test(document) for test in tests)


def _operator(path: str, name: str, operand: Any, options: Any, budget: SearchBudget) -> Condition:
    match name:
        case "inq" | "nin":
            choices = _list_operand(name, operand)
            inside = _on_field(
                path,
                lambda value: any(_equal(value, choice) for choice in choices),
                missing=None in choices,
            )
            return inside if name == "inq" else lambda document: not inside(document)
        case "eq" | "neq":
            same = _on_field(path, lambda value: _equal(value, operand), missing=operand is None)
            return same if name == "eq" else lambda document: not same(document)
        case "gt":
            return _on_field(path, lambda value: _compare(value, operand) in (1,))
        case "gte":
            return _on_field(path, lambda value: _compare(value, operand) in (0, 1))
        case "lt":
            return _on_field(path, lambda value: _compare(value, operand) in (-1,))
        case "lte":
            return _on_field(path, lambda value: _compare(value, operand) in (-1, 0))
        case "between":
            bounds = _list_operand(name, operand)
            if len(bounds) != 2:
                raise _invalid("'between' needs two values")
            low, high = bounds
            return _on_field(
                path,
                lambda value: _compare(value, low) in (0, 1) and _compare(value, high) in (-1, 0),
            )
        case "exists":
            expected = bool(operand)
            return lambda document: (next(_values(document, path), None) is not None) == expected
        case "regexp":
            pattern = _regular_expression(operand, options, budget)
            return _on_field(path, lambda value: _searches(pattern, value))
        case "like" | "nlike" | "ilike" | "nilike":
            flags = f"{options if isinstance(options, str) else ''}{'i' * ('il' in name)}"
            pattern = _like_pattern(operand, flags, budget)
            found = _on_field(path, lambda value: _searches(pattern, value))
            return found if name in ("like", "ilike") else lambda document: not found(document)
    raise _invalid(f"unknown operator '{name}' for '{path}'")


def _on_field(path: str, test: Callable[[Any], bool], *, missing: bool = False) -> Condition:
    def condition(document: Document) -> bool:
        found = False
        for value in _values(document, path):
            found = True
            if test(value):
                return True
            if isinstance(value, list) and any(test(element) for element in value):
                return True
        return missing and not found

    return condition


def _values(document: Any, path: str) -> Iterator[Any]:
    """Return all values at a dotted path, which goes through every element of a list."""
    if isinstance(document, Mapping):
        if path in document:
            if document[path] is not None:
                yield document[path]
            return
        head, _, rest = path.partition(".")
        if rest and head in document:
            yield from _values(document[head], rest)
    elif isinstance(document, list):
        for element in document:
            yield from _values(element, path)


def _first(document: Document, path: str) -> Any:
    return next(_values(document, path), None)


def _comparable(value: Any) -> Any:
    """Return a date as microseconds, so that equal instants compare equal; else the value."""
    if isinstance(value, str):
        moment = parse_moment(value)
        if moment is not None:
            return ("date", milliseconds(moment) * 1000 + moment.microsecond % 1000)
    return value


def _equal(value: Any, expected: Any) -> bool:
    if isinstance(value, bool) != isinstance(expected, bool):
        return False
    left, right = _comparable(value), _comparable(expected)
    return bool(left == right)


def _compare(value: Any, expected: Any) -> int | None:
    """Return -1, 0 or 1; None for values that cannot be ordered."""
    left, right = _comparable(value), _comparable(expected)
    kind = _kind(left)
    if kind is None or kind is not _kind(right):
        return None
    return int(left > right) - int(left < right)


def _kind(value: Any) -> Any:
    return next((kind for kind in _ORDERED_KINDS if isinstance(value, kind)), None)


def _order_of(left: Any, right: Any) -> int:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    compared = _compare(left, right)
    if compared is None:
        kinds = (type(left).__name__, type(right).__name__)
        return (kinds[0] > kinds[1]) - (kinds[0] < kinds[1])
    return compared


def _list_operand(name: str, operand: Any) -> list[Any]:
    if not isinstance(operand, list):
        raise _invalid(f"'{name}' needs a list")
    return operand


def _searches(pattern: Pattern, value: Any) -> bool:
    try:
        return isinstance(value, str) and pattern.matches(value)
    except PatternError as error:
        raise _invalid(str(error)) from error


def _regular_expression(source: Any, options: Any, budget: SearchBudget) -> Pattern:
    if not isinstance(source, str) or not isinstance(options, str):
        raise _invalid("'regexp' needs a string")
    if source.startswith("/") and source.count("/") > 1:
        inner, _, letters = source[1:].rpartition("/")
        if letters.isalpha() or not letters:
            source, options = inner, options + letters
    return _compile_pattern(source, options, budget)


def _like_pattern(source: Any, options: str, budget: SearchBudget) -> Pattern:
    if not isinstance(source, str):
        raise _invalid("'like' needs a string")
    if "%" not in source:
        return _compile_pattern(source, options, budget)
    wildcards = {"%": ".*", "_": "."}
    body = "".join(wildcards.get(letter) or re.escape(letter) for letter in source)
    return _compile_pattern(f"^(?:{body})$", options + "s", budget)


def _compile_pattern(source: str, options: str, budget: SearchBudget) -> Pattern:
    try:
        return Pattern(source, options, budget)
    except PatternError as error:
        raise _invalid(str(error)) from error


def _order(order: Any) -> tuple[tuple[str, bool], ...]:
    if order is None:
        return ()
    parsed = []
    for item in order if isinstance(order, list) else [order]:
        match = (
            re.fullmatch(r"\s*(\S+)(?:\s+(ASC|DESC))?\s*", item, re.IGNORECASE)
            if (isinstance(item, str))
            else None
        )
        if match is None:
            raise _invalid("'order' must be 'FIELD ASC' or 'FIELD DESC', or a list of these")
        parsed.append((match.group(1), (match.group(2) or "").upper() == "DESC"))
    return tuple(parsed)


def _count(content: Mapping[str, Any], key: str) -> int | None:
    value = content.get(key)
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _invalid(f"'{key}' must be a whole number of at least 0")
    return value


def _fields(fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    if not fields and fields in (None, {}, []):
        return lambda document: document
    if isinstance(fields, str):
        fields = [fields]
    if isinstance(fields, list) and all(isinstance(name, str) for name in fields):
        fields = dict.fromkeys(fields, True)
    if not isinstance(fields, dict):
        raise _invalid("'fields' must be an object or a list of names")
    kept = {name for name, selected in fields.items() if selected}
    dropped = {name for name, selected in fields.items() if not selected}
    if kept:
        return lambda document: {key: document[key] for key in document if key in kept}
    return lambda document: {key: document[key] for key in document if key not in dropped}
