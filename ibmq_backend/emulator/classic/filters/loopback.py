"""The filter language of the job lists: LoopBack 2 filters over JSON documents.

A filter is a JSON object with the optional keys ``where``, ``order``, ``limit``, ``skip`` and
``fields``. Conditions in ``where``:

* equality, ``inq``, ``nin``, ``neq``, ``gt``, ``gte``, ``lt``, ``lte``, ``between``, ``regexp``
  (with ``options``, or as ``/pattern/flags``), ``like``, ``nlike``, ``ilike``, ``nilike``,
  ``exists``; several operators on one field must all hold;
* ``and``, ``or``, ``nor`` with lists of conditions;
* dotted paths into objects and lists (``hubInfo.hub.name``).

A list fits when one of its elements fits. Dates are compared as instants, however they are
spelt. A missing field fits only ``neq``, ``nin``, ``nlike``, ``nilike``, ``exists: false`` and
equality with null. ``like`` with a ``%`` is a pattern of SQL over the whole text, without one an
unanchored regular expression. What regular expressions may hold is said in
:mod:`ibmq_backend.emulator.classic.filters.regex`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, Final

from ibmq_backend.emulator.classic.errors import ServiceError, wrong_data
from ibmq_backend.emulator.classic.filters.regex import Pattern, PatternError, Steps
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment

Document = Mapping[str, Any]
Condition = Callable[[Document], bool]

_MAX_DEPTH: Final = 20
_ORDERED_KINDS: Final = (bool, (int, float), str, tuple)


@dataclass(frozen=True)
class Filter:
    """A filter that has been understood.

    Attributes:
        matches: whether a document fits ``where``.
        order: pairs of path and "descending".
        limit: the most items wanted; None for no wish.
        skip: how many fitting items to leave out first.
        fields: what to keep of each item.
        earliest: no document with a ``creationDate`` before this can fit (milliseconds since
            1970); None for no bound. So the store need not read them.
        latest: the same for later ones.
    """

    matches: Condition
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    skip: int = 0
    fields: Callable[[dict[str, Any]], dict[str, Any]] = lambda document: document
    earliest: int | None = None
    latest: int | None = None


def parse_filter(text: str | None) -> Filter:
    """Read the query parameter ``filter``.

    Args:
        text: JSON text; None or empty for "everything".

    Raises:
        ServiceError: 400/2400; the text is not JSON or not a filter.
    """
    if not text:
        return Filter(matches=lambda _document: True)
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refused("it is not valid JSON") from error
    if not isinstance(content, dict):
        raise _refused("it must be a JSON object")
    where = content.get("where")
    earliest, latest = _creation_bounds(where)
    return Filter(
        matches=compile_where(where),
        order=_order(content.get("order")),
        limit=_count(content, "limit"),
        skip=_count(content, "skip") or _count(content, "offset") or 0,
        fields=_fields(content.get("fields")),
        earliest=earliest,
        latest=latest,
    )


def compile_where(where: Any) -> Condition:
    """Turn a ``where`` object into a test for documents.

    Raises:
        ServiceError: 400/2400; it is not a condition.
    """
    return _compile(where, _MAX_DEPTH, Steps())


def sort_documents(
    documents: Iterable[dict[str, Any]], order: Sequence[tuple[str, bool]]
) -> list[dict[str, Any]]:
    """Sort by paths, the first one first; documents without the field count as smallest."""
    ordered = list(documents)
    for path, descending in reversed(order):

        def compare(left: Document, right: Document, path: str = path) -> int:
            return _order_of(_first(left, path), _first(right, path))

        ordered.sort(key=cmp_to_key(compare), reverse=descending)
    return ordered


def _refused(why: str) -> ServiceError:
    return wrong_data(f"The filter is not valid: {why}.")


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _compile(where: Any, depth: int, steps: Steps) -> Condition:
    if where is None:
        return lambda _document: True
    if not isinstance(where, dict):
        raise _refused("'where' must be an object")
    if depth == 0:
        raise _refused("'where' is nested too deeply")
    conditions = [_term(str(key), wanted, depth, steps) for key, wanted in where.items()]
    return lambda document: all(condition(document) for condition in conditions)


def _term(key: str, wanted: Any, depth: int, steps: Steps) -> Condition:
    if key in ("and", "or", "nor"):
        if not isinstance(wanted, list):
            raise _refused(f"'{key}' needs a list")
        parts = [_compile(part, depth - 1, steps) for part in wanted]
        if key == "and":
            return lambda document: all(part(document) for part in parts)
        if key == "or":
            return lambda document: any(part(document) for part in parts)
        return lambda document: not any(part(document) for part in parts)
    if not isinstance(wanted, dict):
        return _on_field(key, lambda value: _equal(value, wanted), missing=wanted is None)
    options = wanted.get("options", "")
    tests = [
        _operator(key, str(name), operand, options, steps)
        for name, operand in wanted.items()
        if name != "options"
    ]
    if not tests:
        raise _refused(f"no operator for '{key}'")
    return lambda document: all(test(document) for test in tests)


def _operator(path: str, name: str, operand: Any, options: Any, steps: Steps) -> Condition:
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
                raise _refused("'between' needs two values")
            low, high = bounds
            return _on_field(
                path,
                lambda value: _compare(value, low) in (0, 1) and _compare(value, high) in (-1, 0),
            )
        case "exists":
            wanted = bool(operand)
            return lambda document: (next(_values(document, path), None) is not None) == wanted
        case "regexp":
            pattern = _regular_expression(operand, options, steps)
            return _on_field(path, lambda value: _searches(pattern, value))
        case "like" | "nlike" | "ilike" | "nilike":
            flags = f"{options if isinstance(options, str) else ''}{'i' * ('il' in name)}"
            pattern = _like_pattern(operand, flags, steps)
            fits = _on_field(path, lambda value: _searches(pattern, value))
            return fits if name in ("like", "ilike") else lambda document: not fits(document)
    raise _refused(f"unknown operator '{name}' for '{path}'")


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
    """Return all values under a dotted path; a list on the way stands for each of its elements."""
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
    """Dates as microseconds, so that one instant has one value however it is spelt."""
    if isinstance(value, str):
        moment = parse_moment(value)
        if moment is not None:
            return ("date", milliseconds(moment) * 1000 + moment.microsecond % 1000)
    return value


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) != isinstance(wanted, bool):
        return False
    left, right = _comparable(value), _comparable(wanted)
    return bool(left == right)


def _compare(value: Any, wanted: Any) -> int | None:
    """-1, 0 or 1; None for values that have no order between them."""
    left, right = _comparable(value), _comparable(wanted)
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
        raise _refused(f"'{name}' needs a list")
    return operand


def _searches(pattern: Pattern, value: Any) -> bool:
    try:
        return isinstance(value, str) and pattern.fits(value)
    except PatternError as error:
        raise _refused(str(error)) from error


def _regular_expression(source: Any, options: Any, steps: Steps) -> Pattern:
    if not isinstance(source, str) or not isinstance(options, str):
        raise _refused("'regexp' needs a text")
    if source.startswith("/") and source.count("/") > 1:
        inner, _, letters = source[1:].rpartition("/")
        if letters.isalpha() or not letters:
            source, options = inner, options + letters
    return _compile_pattern(source, options, steps)


def _like_pattern(source: Any, options: str, steps: Steps) -> Pattern:
    if not isinstance(source, str):
        raise _refused("'like' needs a text")
    if "%" not in source:
        return _compile_pattern(source, options, steps)
    wildcards = {"%": ".*", "_": "."}
    body = "".join(
        wildcards.get(letter, letter if letter.isalnum() else f"\\{letter}") for letter in source
    )
    return _compile_pattern(f"^(?:{body})$", options + "s", steps)


def _compile_pattern(source: str, options: str, steps: Steps) -> Pattern:
    try:
        return Pattern(source, options, steps)
    except PatternError as error:
        raise _refused(str(error)) from error


def _creation_bounds(where: Any) -> tuple[int | None, int | None]:
    """Bounds that every fitting document keeps; read from the parts that must all hold."""
    earliest: list[int] = []
    latest: list[int] = []

    def visit(part: Any) -> None:
        if not isinstance(part, dict):
            return
        for inner in part["and"] if isinstance(part.get("and"), list) else ():
            visit(inner)
        wanted = part.get("creationDate")
        if not isinstance(wanted, dict):
            return
        between = wanted.get("between")
        low, high = between if isinstance(between, list) and len(between) == 2 else (None, None)
        for bound in (wanted.get("gte"), wanted.get("gt"), low):
            moment = parse_moment(bound) if isinstance(bound, str) else None
            if moment is not None:
                earliest.append(milliseconds(moment))
        for bound in (wanted.get("lte"), wanted.get("lt"), high):
            moment = parse_moment(bound) if isinstance(bound, str) else None
            if moment is not None:
                latest.append(milliseconds(moment))

    visit(where)
    return (max(earliest) if earliest else None, min(latest) if latest else None)


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
            raise _refused("'order' is 'field ASC' or 'field DESC', or a list of these")
        parsed.append((match.group(1), (match.group(2) or "").upper() == "DESC"))
    return tuple(parsed)


def _count(content: Mapping[str, Any], key: str) -> int | None:
    value = content.get(key)
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _refused(f"'{key}' must be a number that is not negative")
    return value


def _fields(fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    if not fields and fields in (None, {}, []):
        return lambda document: document
    if isinstance(fields, str):
        fields = [fields]
    if isinstance(fields, list) and all(isinstance(name, str) for name in fields):
        fields = dict.fromkeys(fields, True)
    if not isinstance(fields, dict):
        raise _refused("'fields' must be an object or a list of names")
    kept = {name for name, wanted in fields.items() if wanted}
    dropped = {name for name, wanted in fields.items() if not wanted}
    if kept:
        return lambda document: {key: document[key] for key in document if key in kept}
    return lambda document: {key: document[key] for key in document if key not in dropped}
