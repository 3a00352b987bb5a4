"""JSON documents with large parts that are passed on without being parsed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class RawJson:
    """A JSON value as UTF-8 text, read in pieces on demand.

    Attributes:
        pieces: returns an iterator over the bytes from the beginning, on each call.
        size: number of bytes.
    """

    pieces: Callable[[], Iterator[bytes]]
    size: int


def raw_bytes(content: bytes) -> RawJson:
    """Return JSON text in memory as a raw value."""
    return RawJson(lambda: iter((content,)), len(content))


def compact_json(document: Any) -> bytes:
    """Return JSON in UTF-8 without spaces; in ASCII if it contains unpaired surrogates."""
    try:
        return orjson.dumps(document)
    except TypeError:  # unpaired surrogates, or integers of more than 64 bits
        return _compact_json(document)


def _compact_json(document: Any) -> bytes:
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":")).encode()


def json_pieces(document: Any) -> Iterator[bytes]:
    """Write a document as :func:`json.dumps` does, without spaces.

    Args:
        document: JSON values; any value in it may be a :class:`RawJson`.
    """
    marker = secrets.token_hex(16)  # no text of the document can contain it
    parts: list[RawJson] = []

    def mark(value: Any) -> str:
        if not isinstance(value, RawJson):
            raise TypeError(f"{type(value).__name__} is not JSON")
        parts.append(value)
        return marker

    written = json.dumps(document, separators=(",", ":"), default=mark).split(f'"{marker}"')
    yield written[0].encode()
    for part, text in zip(parts, written[1:], strict=True):
        yield from part.pieces()
        yield text.encode()


def json_size(document: Any) -> int:
    """Return the number of bytes of :func:`json_pieces`, without reading the raw parts."""
    total = 0

    def mark(value: Any) -> int:
        nonlocal total
        total += value.size - 1
        return 0

    return len(json.dumps(document, separators=(",", ":"), default=mark)) + total


def raw_json(document: Any) -> RawJson:
    """Return a document, which may contain raw parts, as one raw value."""
    return RawJson(lambda: json_pieces(document), json_size(document))
