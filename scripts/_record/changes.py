"""Compare two recordings of the same tests and report the differences for people to judge.

Values that differ every time are ignored: dates, IDs, traces, durations and measurements. So is the
version of our client, which the index has.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ibmq_backend.testing.differences import body_differences
from tests.support import cassettes
from tests.support.exchanges import Exchange

_VOLATILE_HEADERS: Final = frozenset({"uber-trace-id", "x-qx-client-application"})
_VOLATILE_FIELDS: Final = frozenset(
    {
        "counts",
        "expiration",
        "lengthQueue",
        "length_queue",
        "memory",
        "quantum_seconds",
        "samples",
        "seconds",
        "time_taken",
        "timeTaken",
    }
)
_VOLATILE_TEXTS: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "<date>"),
    (re.compile(r"\b[0-9a-f]{24}\b"), "<id>"),
    (re.compile(r"\bd[0-9a-v]{19}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\btrace-\d+\b"), "<trace>"),
)
_MAX_LINES: Final = 12
_MIN_SHARED_CASSETTES: Final = 3


@dataclass(frozen=True)
class Change:
    """The difference between two recordings of one cassette.

    Attributes:
        path: path below the folder of the cassettes.
        kind: ``new``, ``gone``, ``changed``, or ``same`` if only ignored values differ.
        lines: a text for each exchange that differs.
    """

    path: str
    kind: str
    lines: tuple[str, ...] = ()


def changes(old: Path, new: Path) -> list[Change]:
    """Return the differences between two folders by path, without those of equal files."""
    before, after = _texts(old), _texts(new)
    found = []
    for path in sorted(before.keys() | after.keys()):
        if path not in before:
            count = len(cassettes.read(new / path))
            found.append(Change(path, "new", (f"{count} exchanges",)))
        elif path not in after:
            found.append(Change(path, "gone"))
        elif before[path] != after[path]:
            pair = [cassettes.read(folder / path) for folder in (old, new)]
            lines = tuple(differences(*pair))
            found.append(Change(path, "changed" if lines else "same", lines))
    return found


def report(found: Sequence[Change], unchanged: int) -> str:
    """Return all changes as text: first those that several cassettes share, then the others."""
    places: dict[str, list[str]] = defaultdict(list)
    for change in found:
        if change.kind == "changed":
            for line in dict.fromkeys(map(_unnumbered, change.lines)):
                places[line].append(change.path)
    shared = {line for line, paths in places.items() if len(paths) >= _MIN_SHARED_CASSETTES}
    lines = []
    for line in sorted(shared):
        paths = places[line]
        lines += [f"in {len(paths)} cassettes, such as {paths[0]}:", *_indented([line])]
    for change in found:
        own = [line for line in change.lines if _unnumbered(line) not in shared]
        if change.kind == "same" or (change.kind == "changed" and not own):
            continue
        lines += [f"{change.kind:8} {change.path}", *_indented(own[:_MAX_LINES])]
        if len(own) > _MAX_LINES:
            lines += _indented([f"and {len(own) - _MAX_LINES} more"])
    same = sum(change.kind == "same" for change in found)
    return "\n".join([*lines, f"{unchanged + same} cassettes are the same as before."])


def _unnumbered(line: str) -> str:
    return re.sub(r"^([-+~]) #\d+", r"\1", line)


def _indented(texts: Sequence[str]) -> list[str]:
    return [f"    {line}" for text in texts for line in text.splitlines()]


def differences(old: Sequence[Exchange], new: Sequence[Exchange]) -> Iterator[str]:
    """Yield the differences between two recordings, one text for each exchange."""
    before, after = _counted(old), _counted(new)
    keys = [[_key(exchange) for exchange, _ in counted] for counted in (before, after)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            for offset in range(b - a):
                yield from _compare(c + offset + 1, *before[a + offset], *after[c + offset])
        else:
            yield from (f"- #{index + 1} {_shown(before[index][0])}" for index in range(a, b))
            yield from (f"+ #{index + 1} {_shown(after[index][0])}" for index in range(c, d))


def _counted(exchanges: Sequence[Exchange]) -> list[tuple[Exchange, int]]:
    """Return exchanges with the number of times that each occurs in a row, as in polling."""
    return [(exchange, len(list(group))) for exchange, group in groupby(exchanges)]


def _compare(
    number: int, old: Exchange, old_count: int, new: Exchange, new_count: int
) -> Iterator[str]:
    found = []
    if old_count != new_count:
        found.append(f"times: recorded {old_count}, now {new_count}")
    for side, before, after in (
        ("request", old.headers, new.headers),
        ("reply", old.reply_headers, new.reply_headers),
    ):
        for name in sorted((before.keys() | after.keys()) - _VOLATILE_HEADERS):
            one, other = (_plain(headers.get(name, "")) for headers in (before, after))
            if one != other:
                found.append(f"{side} header {name}: recorded {one or '-'}, now {other or '-'}")
    for side, one, other in (
        ("request", old.body, new.body),
        ("reply", old.reply_body, new.reply_body),
    ):
        found += [f"{side} {line}" for line in body_differences(_steady(one), _steady(other))]
    if found:
        yield "\n".join([f"~ #{number} {_shown(new)}", *(f"    {line}" for line in found)])


def _steady(body: bytes) -> bytes:
    """Return a body without values that differ every time."""
    text = body.decode()
    try:
        document = json.loads(text)
    except ValueError:
        return _plain(text).encode()
    return json.dumps(_without(document)).encode()


def _without(value: Any) -> Any:
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, list):
        return [_without(inner) for inner in value]
    if isinstance(value, dict):
        return {
            _plain(name): "<measured>" if name in _VOLATILE_FIELDS else _without(inner)
            for name, inner in value.items()
        }
    return value


def _plain(text: str) -> str:
    for pattern, replacement in _VOLATILE_TEXTS:
        text = pattern.sub(replacement, text)
    return text


def _key(exchange: Exchange) -> tuple[str, str, int]:
    return exchange.method, _plain(exchange.url), exchange.status


def _shown(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.url} -> {exchange.status}"


def _texts(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*.yaml")
    }
