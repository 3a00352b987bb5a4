"""Watches what is sent, wherever it goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx

from ibmq_backend.testing.exchanges import Exchange, exchange_of

__all__ = ["Exchange", "exchange_of", "watched_traffic"]


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
