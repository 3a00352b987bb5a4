"""A request and its reply as plain values, wherever they were seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import httpx


@dataclass(frozen=True)
class Exchange:
    """One request with its reply.

    Attributes:
        headers: names in lower case; of repeated ones the last.
        reply_headers: as ``headers``.
        reply_body: decoded, not compressed.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    reply_headers: Mapping[str, str]
    reply_body: bytes


def exchange_of(request: httpx.Request, response: httpx.Response) -> Exchange:
    """The exchange of a request and a reply that have both been read."""
    return Exchange(
        method=request.method,
        url=str(request.url),
        headers=dict(request.headers),
        body=request.content,
        status=response.status_code,
        reply_headers=dict(response.headers),
        reply_body=response.content,
    )


@contextmanager
def watched_traffic() -> Iterator[list[Exchange]]:
    """Note every exchange that httpx makes over a connection, each physical attempt by itself."""
    seen: list[Exchange] = []
    original = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        request.read()
        response = original(self, request)
        response.read()
        seen.append(exchange_of(request, response))
        return response

    with patch.object(httpx.HTTPTransport, "handle_request", handle_request):
        yield seen
