"""Requests with their replies, from connections and from cassettes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import httpx
from vcr.request import Request


@dataclass(frozen=True)
class Exchange:
    """One request with its reply.

    Attributes:
        method: HTTP method in capitals.
        url: URL with its query.
        headers: headers of the request, with names in lower case.
        body: body of the request, not compressed.
        status: HTTP status of the reply.
        reply_headers: headers of the reply, with names in lower case.
        reply_body: body of the reply, not compressed.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    reply_headers: Mapping[str, str]
    reply_body: bytes


def exchange_of(request: httpx.Request, response: httpx.Response) -> Exchange:
    """Return the exchange of a request and a response of ``httpx`` that have been read."""
    return Exchange(
        method=request.method,
        url=str(request.url),
        headers=dict(request.headers),
        body=request.content,
        status=response.status_code,
        reply_headers=dict(response.headers),
        reply_body=response.content,
    )


def recorded_exchange(request: Request, response: Mapping[str, Any]) -> Exchange:
    """Return the exchange of an interaction of vcrpy."""
    return Exchange(
        method=request.method,
        url=request.uri,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body or b"",
        status=response["status"]["code"],
        reply_headers={n.lower(): ", ".join(values) for n, values in response["headers"].items()},
        reply_body=response["body"]["string"],
    )


@contextmanager
def watched_traffic() -> Iterator[list[Exchange]]:
    """Collect every exchange of ``httpx`` over a connection; each retry is an exchange."""
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
