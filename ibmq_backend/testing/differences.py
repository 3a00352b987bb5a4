"""The recorded request that is most similar to a request, and the differences in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from vcr.request import Request

from ibmq_backend.testing.variables import split_variables

_MAX_LINES: Final = 8
_MAX_VALUE_CHARACTERS: Final = 80
_MIN_PATH_SIMILARITY: Final = 0.6  # from 0 to 1
_MISSING: Final = object()


def nearest(request: Request, recorded: Sequence[Request]) -> int:
    """Return the index of the recorded request that is most similar.

    Raises:
        ValueError: there are no recorded requests.
    """
    return max(range(len(recorded)), key=lambda index: _similarity(request, recorded[index]))


def differences(recorded: Request, sent: Request) -> list[str]:
    """Return the differences, one line each: method, URL, query, and body by JSON path."""
    found = list(_differences(recorded, sent))
    if len(found) > _MAX_LINES:
        found[_MAX_LINES:] = [f"and {len(found) - _MAX_LINES} more"]
    return found


def body_differences(recorded: bytes | None, sent: bytes | None) -> Iterator[str]:
    """Yield the differences between two bodies."""
    yield from _compare_values("", _body(recorded), _body(sent))


def _differences(recorded: Request, sent: Request) -> Iterator[str]:
    if recorded.method != sent.method:
        yield f"method: recorded {recorded.method}, now {sent.method}"
    urls = [request.uri.partition("?")[0] for request in (recorded, sent)]
    if not _is_same(*urls):
        yield f"URL: recorded {urls[0]}, now {urls[1]}"
    before, now = _query(recorded), _query(sent)
    for name in sorted(before.keys() | now.keys()):
        yield from _compare_values(
            f"query {name}", before.get(name, _MISSING), now.get(name, _MISSING)
        )
    for line in body_differences(recorded.body, sent.body):
        yield f"body {line}"


def _compare_values(where: str, recorded: Any, sent: Any) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for name in [*recorded, *(name for name in sent if name not in recorded)]:
            yield from _compare_values(
                f"{where}/{name}", recorded.get(name, _MISSING), sent.get(name, _MISSING)
            )
    elif isinstance(recorded, list) and isinstance(sent, list) and len(recorded) == len(sent):
        for index, pair in enumerate(zip(recorded, sent, strict=True)):
            yield from _compare_values(f"{where}/{index}", *pair)
    elif not _is_same(recorded, sent):
        path = where or "as a whole"
        if sent is _MISSING:
            yield f"{path}: recorded {_shortened(recorded)}, now missing"
        elif recorded is _MISSING:
            yield f"{path}: new, {_shortened(sent)}"
        else:
            yield f"{path}: recorded {_excerpt(recorded, sent)}, now {_excerpt(sent, recorded)}"


def _is_same(one: Any, other: Any) -> bool:
    """Return whether two values are equal, apart from values that programs generate."""
    if isinstance(one, str) and isinstance(other, str):
        fixed, variables = split_variables(one)
        other_fixed, other_variables = split_variables(other)
        kinds = [kind for kind, _ in variables]
        return fixed == other_fixed and kinds == [kind for kind, _ in other_variables]
    return type(one) is type(other) and bool(one == other)


def _excerpt(value: Any, other: Any) -> str:
    """Return a value as text, cut to the surroundings of the first difference if it is long."""
    text, base = _text(value), _text(other)
    if len(text) <= _MAX_VALUE_CHARACTERS:
        return text
    start = next(
        (index for index, pair in enumerate(zip(text, base, strict=False)) if pair[0] != pair[1]),
        min(len(text), len(base)),
    )
    begin = max(0, start - _MAX_VALUE_CHARACTERS // 4)
    end = begin + _MAX_VALUE_CHARACTERS
    return f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}"


def _shortened(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= _MAX_VALUE_CHARACTERS else text[:_MAX_VALUE_CHARACTERS] + "…"


def _text(value: Any) -> str:
    if value is _MISSING:
        return "nothing"
    return json.dumps(value, ensure_ascii=False)


def _body(body: bytes | None) -> Any:
    if not body:
        return _MISSING
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        pass
    fields = parse_qsl(text, keep_blank_values=True)
    return dict(fields) if fields else text


def _query(request: Request) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in parse_qsl(urlsplit(request.uri).query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}


def _similarity(request: Request, recorded: Request) -> tuple[bool, float, int]:
    paths = (request.path, recorded.path)
    by_path = 1.0 if paths[0] == paths[1] else SequenceMatcher(None, *paths).ratio()
    is_candidate = request.method == recorded.method and by_path > _MIN_PATH_SIMILARITY
    return is_candidate, by_path, -sum(1 for _ in _differences(recorded, request))
