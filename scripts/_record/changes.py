"""What is different between two recordings of the same test, told so that people can judge it.

Dates, ids, traces, how long something took and what was measured differ every time and tell
nothing; which version of our client asked is in the index.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

from ibmq_backend.testing import cassette_files
from ibmq_backend.testing.differences import body_differences
from ibmq_backend.testing.exchanges import Exchange

_OUR_VERSION: Final = "x-qx-client-application"
_VOLATILE_HEADERS: Final = frozenset({_OUR_VERSION, "uber-trace-id"})
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
_MOST: Final = 12
_SHARED: Final = 3


@dataclass(frozen=True)
class Change:
    """What has become of one cassette.

    Attributes:
        path: below the folder of the cassettes.
        kind: ``new``, ``gone``, ``changed``, or ``same`` apart from dates and ids.
        lines: what is different, a text for each exchange.
    """

    path: str
    kind: str
    lines: tuple[str, ...] = ()


def changes(old: Path, new: Path) -> list[Change]:
    """What is different between two folders of cassettes, by path; equal files are left out."""
    before, after = _texts(old), _texts(new)
    found = []
    for path in sorted(before.keys() | after.keys()):
        if path not in before:
            count = len(cassette_files.read(new / path).exchanges)
            found.append(Change(path, "new", (f"{count} exchanges",)))
        elif path not in after:
            found.append(Change(path, "gone"))
        elif before[path] != after[path]:
            pair = [cassette_files.read(folder / path).exchanges for folder in (old, new)]
            lines = tuple(differences(*pair))
            found.append(Change(path, "changed" if lines else "same", lines))
    return found


def report(found: Sequence[Change], unchanged: int) -> str:
    """All changes as text: first those that many cassettes share, then each cassette's own."""
    places: dict[str, list[str]] = defaultdict(list)
    for change in found:
        if change.kind == "changed":
            for line in dict.fromkeys(map(_unnumbered, change.lines)):
                places[line].append(change.path)
    shared = {line for line, paths in places.items() if len(paths) >= _SHARED}
    lines = []
    for line in sorted(shared):
        paths = places[line]
        lines += [f"in {len(paths)} cassettes, {paths[0]} for one:", *_indented([line])]
    for change in found:
        own = [line for line in change.lines if _unnumbered(line) not in shared]
        if change.kind == "same" or (change.kind == "changed" and not own):
            continue
        lines += [f"{change.kind:8} {change.path}", *_indented(own[:_MOST])]
        if len(own) > _MOST:
            lines += _indented([f"and {len(own) - _MOST} more"])
    like = sum(change.kind == "same" for change in found)
    return "\n".join([*lines, f"{unchanged + like} cassettes say what they said before."])


def _unnumbered(line: str) -> str:
    return re.sub(r"^([-+~]) #\d+", r"\1", line)


def _indented(texts: Sequence[str]) -> list[str]:
    return [f"    {line}" for text in texts for line in text.splitlines()]


def differences(old: Sequence[Exchange], new: Sequence[Exchange]) -> Iterator[str]:
    """What is different between two recordings, one text for each exchange."""
    keys = [[_key(exchange) for exchange in exchanges] for exchanges in (old, new)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            for place in range(b - a):
                yield from _within(c + place + 1, old[a + place], new[c + place])
        else:
            yield from (f"- #{place + 1} {_shown(old[place])}" for place in range(a, b))
            yield from (f"+ #{place + 1} {_shown(new[place])}" for place in range(c, d))


def _within(number: int, old: Exchange, new: Exchange) -> Iterator[str]:
    found = []
    if old.times != new.times:
        found.append(f"times: recorded {old.times}, now {new.times}")
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
    """A body without what is different every time."""
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
    for pattern, stand_in in _VOLATILE_TEXTS:
        text = pattern.sub(stand_in, text)
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
