"""What is different between a request and the recorded one that is nearest to it, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from ibmq_backend.testing.exchanges import Question
from ibmq_backend.testing.variables import parts

_MOST: Final = 8
_LONGEST: Final = 80
_ALIKE: Final = 0.6  # of two paths, from 0 to 1
_NOTHING: Final = object()


def nearest(question: Question, recorded: Sequence[Question]) -> int | None:
    """The place of the recorded request that is most like another; ``None`` when there are none."""
    ranks = [(_rank(question, each), -place) for place, each in enumerate(recorded)]
    return -max(ranks)[1] if ranks else None


def differences(recorded: Question, sent: Question) -> list[str]:
    """What is different, one line each: method, address, query, body by JSON path."""
    found = list(_differences(recorded, sent))
    if len(found) > _MOST:
        found[_MOST:] = [f"and {len(found) - _MOST} more"]
    return found


def body_differences(recorded: bytes, sent: bytes) -> Iterator[str]:
    """What is different in two bodies."""
    yield from _in_values("", _body(recorded), _body(sent))


def _differences(recorded: Question, sent: Question) -> Iterator[str]:
    if recorded.method != sent.method:
        yield f"method: recorded {recorded.method}, now {sent.method}"
    one, other = urlsplit(recorded.url), urlsplit(sent.url)
    if not _same(_address(recorded.url), _address(sent.url)):
        yield f"address: recorded {_address(recorded.url)}, now {_address(sent.url)}"
    asked, asks = _query(one.query), _query(other.query)
    for name in sorted(asked.keys() | asks.keys()):
        yield from _in_values(f"query {name}", asked.get(name, _NOTHING), asks.get(name, _NOTHING))
    for line in body_differences(recorded.body, sent.body):
        yield f"body {line}"


def _in_values(where: str, recorded: Any, sent: Any) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for name in [*recorded, *(name for name in sent if name not in recorded)]:
            yield from _in_values(
                f"{where}/{name}", recorded.get(name, _NOTHING), sent.get(name, _NOTHING)
            )
    elif isinstance(recorded, list) and isinstance(sent, list) and len(recorded) == len(sent):
        for index, pair in enumerate(zip(recorded, sent, strict=True)):
            yield from _in_values(f"{where}/{index}", *pair)
    elif not _same(recorded, sent):
        place = where or "as a whole"
        if sent is _NOTHING:
            yield f"{place}: recorded {_shown(recorded)}, now left out"
        elif recorded is _NOTHING:
            yield f"{place}: new, {_shown(sent)}"
        else:
            yield f"{place}: recorded {_around(recorded, sent)}, now {_around(sent, recorded)}"


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        fixed, variables = parts(one)
        other_fixed, other_variables = parts(other)
        kinds = [kind for kind, _ in variables]
        return fixed == other_fixed and kinds == [kind for kind, _ in other_variables]
    return type(one) is type(other) and bool(one == other)


def _around(value: Any, other: Any) -> str:
    """A value, of long texts only what lies around the first difference."""
    text, base = _text(value), _text(other)
    if len(text) <= _LONGEST:
        return text
    start = next(
        (place for place, pair in enumerate(zip(text, base, strict=False)) if pair[0] != pair[1]),
        min(len(text), len(base)),
    )
    begin = max(0, start - _LONGEST // 4)
    cut = text[begin : begin + _LONGEST]
    return f"{'…' if begin else ''}{cut}{'…' if begin + _LONGEST < len(text) else ''}"


def _shown(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _text(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    return json.dumps(value, ensure_ascii=False)


def _body(body: bytes) -> Any:
    if not body:
        return _NOTHING
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        pass
    fields = parse_qsl(text, keep_blank_values=True)
    return dict(fields) if fields else text


def _query(query: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}


def _address(url: str) -> str:
    return url.partition("?")[0]


def _rank(question: Question, recorded: Question) -> tuple[bool, float, int]:
    same_method = question.method == recorded.method
    paths = (urlsplit(question.url).path, urlsplit(recorded.url).path)
    by_path = 1.0 if paths[0] == paths[1] else SequenceMatcher(None, *paths).ratio()
    unlike = sum(1 for _ in _differences(recorded, question))
    return same_method and by_path > _ALIKE, by_path, -unlike
