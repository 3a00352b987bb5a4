"""Mutations of recorded replies; the same number always gives the same mutation."""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.support.changed_documents import DROPPED, Path, places, replaced

_DEPTH: Final = 4000
_VALUES: Final[tuple[Any, ...]] = (
    None, True, 7, -1, 0, 1.5, 10**40, -(2**63), 1e308, float("nan"), float("inf"),
    "", "text", "\x00", "é\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "2021-13-45T99:99:99Z", "0x", "-0x1", "[]", "a" * 5000, [], [[]], [None], [7], {}, {"new": 1},
)  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """A reply: status, headers, and the body as bytes on the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Return the reply with a body that has not been read yet, as from a connection."""
        return httpx.Response(
            self.status, headers=dict(self.headers), stream=_Body(self.body), request=request
        )


class _Body(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._content), 65536):
            yield self._content[at : at + 65536]


def _get(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def _place(document: Any, chance: random.Random) -> Path:
    return chance.choice([(), *places(document)])


DocumentMutation = Callable[[Any, random.Random], Any]


def _dropped(document: Any, chance: random.Random) -> Any:
    return replaced(document, _place(document, chance), DROPPED)


def _retyped(document: Any, chance: random.Random) -> Any:
    return replaced(document, _place(document, chance), chance.choice(_VALUES))


def _added(document: Any, chance: random.Random) -> Any:
    at = [path for path in [(), *places(document)] if isinstance(_get(document, path), dict | list)]
    if not at:
        return [document]
    path = chance.choice(at)
    holder = copy.deepcopy(_get(document, path))
    if isinstance(holder, dict):
        holder[chance.choice(["new", "", "id", "\x00", "a" * 3000])] = chance.choice(_VALUES)
    else:
        holder.insert(chance.randrange(len(holder) + 1), chance.choice(_VALUES))
    return replaced(document, path, holder)


def _wrapped(document: Any, chance: random.Random) -> Any:
    path = _place(document, chance)
    value = _get(document, path)
    return replaced(document, path, chance.choice([[value], {"value": value}, [[[value]]]]))


def _repeated(document: Any, chance: random.Random) -> Any:
    lists = [path for path in [(), *places(document)] if isinstance(_get(document, path), list)]
    if not lists:
        return [document] * 50
    path = chance.choice(lists)
    return replaced(document, path, _get(document, path) * 50)


def _swapped(document: Any, chance: random.Random) -> Any:
    one, other = _place(document, chance), _place(document, chance)
    return replaced(document, one, copy.deepcopy(_get(document, other)))


DOCUMENT_MUTATIONS: Final[dict[str, DocumentMutation]] = {
    "drop": _dropped,
    "retype": _retyped,
    "add": _added,
    "wrap": _wrapped,
    "repeat": _repeated,
    "swap": _swapped,
}
"""Mutations of the JSON document in a reply."""


def _text(document: Any) -> bytes:
    return json.dumps(document).encode()


def _deep(reply: Reply, document: Any, chance: random.Random) -> Reply:
    path = _place(document, chance)
    marked = _text(replaced(document, path, "deep-here"))
    left, right = chance.choice([("[", "]"), ('{"a":', "}")])
    nest = left * _DEPTH + "1" + right * _DEPTH
    return _with_body(reply, marked.replace(b'"deep-here"', nest.encode()))


def _huge_number(reply: Reply, document: Any, chance: random.Random) -> Reply:
    marked = _text(replaced(document, _place(document, chance), "number-here"))
    number = chance.choice(["9" * 4000, "9" * 5000, "1e400", "-1e400", "1" + "0" * 300, "NaN"])
    return _with_body(reply, marked.replace(b'"number-here"', number.encode()))


def _same_keys(reply: Reply, document: Any, chance: random.Random) -> Reply:
    if not isinstance(document, dict) or not document:
        return _with_body(reply, b'{"a": 1, "a": {"a": 2, "a": 3}}')
    key = chance.choice(list(document))
    second = json.dumps({key: chance.choice(_VALUES)})[1:-1]
    return _with_body(reply, _text(document)[:-1] + b", " + second.encode() + b"}")


def _cut(reply: Reply, _document: Any, chance: random.Random) -> Reply:
    return _with_body(reply, reply.body[: chance.randrange(len(reply.body) or 1)])


def _bytes_changed(reply: Reply, _document: Any, chance: random.Random) -> Reply:
    content = bytearray(reply.body)
    for _ in range(chance.choice([1, 3, 20]) if content else 0):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return _with_body(reply, bytes(content))


def _other_encoding(reply: Reply, document: Any, chance: random.Random) -> Reply:
    text = json.dumps(document, ensure_ascii=False)
    coding = chance.choice(["utf-16", "utf-32", "utf-8-sig", "cp037", "utf-7"])
    declared = chance.choice(["utf-8", "latin-1", "utf-16", "no-such-charset", coding])
    kind = {"content-type": f"application/json; charset={declared}"}
    return Reply(reply.status, {**reply.headers, **kind}, text.encode(coding, "replace"))


def _no_json(reply: Reply, _document: Any, chance: random.Random) -> Reply:
    bodies = [b"", b"   ", b"null", b"true", b'"text"', b"<!doctype html><title>Busy</title>",
              b"\xff\xfe\x00", b"[" * 100_000, b"NaN", b"\xef\xbb\xbf{}", b"{}{}"]  # fmt: skip
    kinds = [{}, {"content-type": "text/html"}, {"content-type": "\xe9"}]
    return Reply(reply.status, {**reply.headers, **chance.choice(kinds)}, chance.choice(bodies))


def _packed(reply: Reply, _document: Any, chance: random.Random) -> Reply:
    good = gzip.compress(reply.body, mtime=0)
    bomb = gzip.compress(b'{"a": "' + b"0" * 5_000_000 + b'"}', mtime=0)
    content, declared = chance.choice(
        [(good, "gzip"), (good[:-9], "gzip"), (reply.body, "gzip"), (good, "deflate"),
         (bomb, "gzip"), (good, "gzip, gzip"), (good, "br"), (good, "rot13"), (good, "identity")]
    )  # fmt: skip
    return Reply(reply.status, {**reply.headers, "content-encoding": declared}, content)


def _declared(reply: Reply, _document: Any, chance: random.Random) -> Reply:
    length = chance.choice(["1073741824", "9" * 30, "-1", "0", "many", ""])
    return Reply(reply.status, {**reply.headers, "content-length": length}, reply.body)


def _other_status(reply: Reply, _document: Any, chance: random.Random) -> Reply:
    status = chance.choice([100, 199, 201, 202, 204, 206, 226, 299, 304, 400, 401, 402, 403, 404,
                            405, 409, 410, 413, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504,
                            511, 520, 524, 530, 599, 999])  # fmt: skip
    return Reply(status, reply.headers, reply.body)


def _redirect(reply: Reply, _document: Any, chance: random.Random) -> Reply:
    target = chance.choice(["", "/", "//", "http://[", "https://elsewhere.invalid/x", "\x7f", "?a"])
    status = chance.choice([300, 301, 302, 303, 305, 307, 308])
    return Reply(status, {**reply.headers, "location": target}, b"")


ReplyMutation = Callable[[Reply, Any, random.Random], Reply]

REPLY_MUTATIONS: Final[dict[str, ReplyMutation]] = {
    "deep": _deep,
    "huge number": _huge_number,
    "same keys": _same_keys,
    "cut": _cut,
    "bytes": _bytes_changed,
    "encoding": _other_encoding,
    "no JSON": _no_json,
    "packed": _packed,
    "declared": _declared,
    "status": _other_status,
    "redirect": _redirect,
}
"""Mutations of a reply that the document cannot express."""


def _with_body(reply: Reply, body: bytes) -> Reply:
    return Reply(reply.status, reply.headers, body)


def mutated(reply: Reply, number: int) -> tuple[str, Reply]:
    """Return the name of a mutation and the mutated reply.

    Args:
        reply: the recorded reply.
        number: selects the mutation and its position in the reply.
    """
    chance = random.Random(f"{number} {len(reply.body)}")
    try:
        document = json.loads(reply.body)
    except ValueError:
        document = {}
    # Twice, because mutations of the document find the most.
    names = [*DOCUMENT_MUTATIONS, *DOCUMENT_MUTATIONS, *REPLY_MUTATIONS]
    name = names[number % len(names)]
    if name in REPLY_MUTATIONS:
        return name, REPLY_MUTATIONS[name](reply, document, chance)
    return name, _with_body(reply, _text(DOCUMENT_MUTATIONS[name](document, chance)))
