"""Replies with a success status that do not hold what the operation promises.

The page of a proxy or a captive portal, an empty body, half a document: asking again may bring the
true reply. A document that is complete but of another form than described is not one of them.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any, Final

import httpx

from ibmq_backend._http.operations import Content

_HTML_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html)", re.IGNORECASE)
_WITHOUT_BODY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT})
_JSON_ENDS: Final = {b"{": b"}", b"[": b"]"}
_EDGE_BYTES: Final = 64  # white space around a document that is looked through


class ReceivedResponse(httpx.Response):
    """A reply whose body is in memory; its JSON document is parsed once for check and reader."""

    _parsed: tuple[Any] | None = None

    def parse(self) -> None:
        """Parse the document ahead of the next call of :meth:`json`.

        Raises:
            ValueError: it is not JSON, or not decodable, or holds a number that is too long.
            RecursionError: it is nested too deep.
        """
        self._parsed = (super().json(),)

    def json(self, **options: Any) -> Any:
        """Return the document; the caller may change it."""
        parsed, self._parsed = self._parsed, None
        return super().json(**options) if parsed is None or options else parsed[0]


def is_html(body: bytes) -> bool:
    """Return whether a body begins as an HTML page does."""
    return _HTML_START.match(body) is not None


def is_malformed(response: httpx.Response, promised: Content) -> bool:
    """Return whether a successful reply does not hold what was promised.

    Args:
        response: read to its end.
        promised: what the operation replies with.
    """
    body = response.content
    if not response.is_success or response.status_code in _WITHOUT_BODY:
        return False
    if is_html(body):
        return True
    if promised is Content.NOTHING:
        return False
    if promised is Content.TEXT:
        first, last = body[:_EDGE_BYTES].lstrip()[:1], body[-_EDGE_BYTES:].rstrip()[-1:]
        return not last or (first in _JSON_ENDS and last != _JSON_ENDS[first])
    try:
        if isinstance(response, ReceivedResponse):
            response.parse()
        else:
            json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return True
    except (ValueError, RecursionError):
        return False  # complete, but beyond what the reader takes
    return False
