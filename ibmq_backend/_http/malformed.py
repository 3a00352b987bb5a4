"""Detection of malformed replies: a success status without the expected content.

Examples are the page of a proxy or a captive portal, an empty body or half a document; another
attempt may return the real reply. A complete document with unexpected fields is not malformed here.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any, Final

import httpx

from ibmq_backend._http.json_text import read_json
from ibmq_backend._http.operations import Content

_HTML_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html)", re.IGNORECASE)
_WITHOUT_BODY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT})
_JSON_ENDS: Final = {b"{": b"}", b"[": b"]"}
_MAX_EDGE_BYTES: Final = 64  # white space skipped at both ends of a document


class ReceivedResponse(httpx.Response):
    """A reply with its body in memory, whose JSON document is parsed only once."""

    _parsed: tuple[Any] | None = None

    def parse(self) -> None:
        """Parse the document for the next call of :meth:`json`.

        Raises:
            ValueError: the body is not JSON, cannot be decoded, or contains a number that is too
                long.
            RecursionError: the document is nested too deeply.
        """
        self._parsed = (read_json(self.content),)

    def json(self, **options: Any) -> Any:
        """Return the document, which the caller may change."""
        parsed, self._parsed = self._parsed, None
        if options:
            return super().json(**options)
        return read_json(self.content) if parsed is None else parsed[0]

    @property
    def stream(self) -> httpx.SyncByteStream | httpx.AsyncByteStream:
        """The body."""
        return self._body

    @stream.setter
    def stream(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        """Keep a body that can be read."""
        # The client wraps it in an object that refers back to the reply: a cycle, which would
        # keep a large body in memory until the garbage is collected.
        if not hasattr(self, "_body"):
            self._body = stream


def is_html(body: bytes) -> bool:
    """Return whether a body begins like an HTML page."""
    return _HTML_START.match(body) is not None


def is_malformed(response: httpx.Response, promised: Content) -> bool:
    """Return whether a complete, successful reply does not have the expected content."""
    body = response.content
    if not response.is_success or response.status_code in _WITHOUT_BODY:
        return False
    if is_html(body):
        return True
    if promised is Content.NOTHING:
        return False
    if promised is Content.TEXT:
        first, last = body[:_MAX_EDGE_BYTES].lstrip()[:1], body[-_MAX_EDGE_BYTES:].rstrip()[-1:]
        return not last or (first in _JSON_ENDS and last != _JSON_ENDS[first])
    try:
        if isinstance(response, ReceivedResponse):
            response.parse()
        else:
            read_json(body)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return True
    except (ValueError, RecursionError):
        return False  # complete, but too large for the parser
    return False
