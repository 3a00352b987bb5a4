"""Large JSON documents, read and written piece by piece.

``json.loads`` lets nothing else of the process run until it is done, which for an upload of 100 MB
takes a second or two. Here no piece is larger than a quarter of a megabyte, long texts apart, and
between two pieces the other requests get their turn. What is read and refused is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

SMALL: Final = 1 << 20
"""Up to this many bytes a document is read at once."""

MOST_VALUES: Final = 20_000_000
"""More values are an attempt on the memory of this machine: each takes 60 bytes and more."""

MOST_VALUES_IN_SERVER: Final = 2_000_000
"""The same where the server itself reads a document."""

_CHUNK: Final = 1 << 18
_DECODER: Final = json.JSONDecoder()
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_ENDS_VALUE: Final = frozenset(" \t\n\r,]}")
_LARGER: Final = object()
_PIECE_DEPTH: Final = 3


class TooManyValues(ValueError):
    """A document holds more values than the server reads."""


def loads(content: bytes) -> Any:
    """Read a document as :func:`json.loads` does.

    Raises:
        ValueError: it is not JSON, or holds more than :data:`MOST_VALUES_IN_SERVER` values.
        RecursionError: it is nested too deeply.
    """
    if len(content) <= SMALL:
        return json.loads(content)
    if holds_too_much(content, MOST_VALUES_IN_SERVER):
        raise TooManyValues(f"the document holds more than {MOST_VALUES_IN_SERVER} values")
    return _Reader(content.decode(json.detect_encoding(content), "surrogatepass")).document()


def holds_too_much(content: bytes, most: int = MOST_VALUES) -> bool:
    """Whether a document holds more values than ``most``, by the marks between them."""
    return sum(content.count(mark) for mark in (b",", b"[", b"{")) > most


def dumps(document: Any) -> bytes:
    """Write a document as :func:`json.dumps` does, without blanks."""
    return b"".join(piece.encode() for piece in _pieces(document, _PIECE_DEPTH))


def one_line(content: bytes) -> bytes:
    """A valid document without line ends, in UTF-8.

    Args:
        content: what :func:`loads` has read.
    """
    encoding = json.detect_encoding(content)
    if encoding != "utf-8":
        content = content.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    # Within texts they are escaped, so these are blanks.
    return content.replace(b"\n", b" ").replace(b"\r", b" ")


class _Reader:
    """Reads one document; small values at once, others member by member."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._base = 0
        self._chunk = ""
        self._next_run = 0

    def document(self) -> Any:
        value = self._value()
        self._peek()
        if self._at < len(self._text):
            raise json.JSONDecodeError("Extra data", self._text, self._at)
        return value

    def _value(self) -> Any:
        letter = self._peek()
        value = self._small()
        if value is not _LARGER:
            return value
        if letter == "[":
            return list(self._items())
        if letter == "{":
            return dict(self._members())
        value, self._at = _DECODER.raw_decode(self._text, self._at)
        return value

    def _small(self) -> Any:
        """The value here if it ends within a piece; a first try uses what is left of the last."""
        if self._base < self._at < self._base + len(self._chunk):
            value = self._within_chunk()
            if value is not _LARGER:
                return value
        self._base, self._chunk = self._at, self._text[self._at : self._at + _CHUNK]
        return self._within_chunk()

    def _within_chunk(self) -> Any:
        try:
            value, end = _DECODER.raw_decode(self._chunk, self._at - self._base)
        except json.JSONDecodeError:
            return _LARGER
        whole = self._base + end == len(self._text)
        if not whole and (end == len(self._chunk) or self._chunk[end] not in _ENDS_VALUE):
            return _LARGER  # a number may go on
        self._at = self._base + end
        return value

    def _items(self) -> Iterator[Any]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            if self._at >= self._next_run:
                yield from self._run()
            yield self._value()
            if self._ends("]"):
                return

    def _run(self) -> list[Any]:
        """Many items at once, up to a comma that a piece of this array can be cut at."""
        piece = self._text[self._at : self._at + _CHUNK]
        for mark in ("},", "],", ","):
            cut = piece.rfind(mark) + len(mark) - 1
            if cut < len(mark):
                continue
            try:
                items, end = _DECODER.raw_decode(f"[{piece[:cut]}]")
            except json.JSONDecodeError:
                continue  # the comma belongs to an inner value
            if end == cut + 2:
                self._at += cut + 1
                return list(items)
        self._next_run = self._at + _CHUNK  # one by one until then
        return []

    def _members(self) -> Iterator[tuple[str, Any]]:
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                raise json.JSONDecodeError("Expecting property name", self._text, self._at)
            name = self._value()
            if self._peek() != ":":
                raise json.JSONDecodeError("Expecting ':' delimiter", self._text, self._at)
            self._at += 1
            yield name, self._value()
            if self._ends("}"):
                return

    def _ends(self, bracket: str) -> bool:
        letter = self._peek()
        if letter not in (bracket, ","):
            raise json.JSONDecodeError("Expecting ',' delimiter", self._text, self._at)
        self._at += 1
        return letter == bracket

    def _peek(self) -> str:
        found = _BLANK.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return self._text[self._at : self._at + 1]


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if depth and isinstance(value, list):
        yield "["
        for number, item in enumerate(value):
            yield "," if number else ""
            yield from _pieces(item, depth - 1)
        yield "]"
    elif depth and isinstance(value, dict):
        yield "{"
        for number, (name, item) in enumerate(value.items()):
            yield f"{',' if number else ''}{json.dumps(name)}:"
            yield from _pieces(item, depth - 1)
        yield "}"
    else:
        yield json.dumps(value, separators=(",", ":"))
