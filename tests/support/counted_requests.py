"""Count the requests of a program by operation."""

from __future__ import annotations

import functools
from collections import Counter

import httpx
import pytest
import websockets.sync.client
from ibmq_api_classic.operations import OPERATIONS

from ibmq_backend.api.daemon_threads import LateRequests

STREAM = "jobStatusStream"


class CountedRequests:
    """Counts the requests and opened status streams of all clients in this process.

    Late requests are sent at once, so that they are counted for the call that causes them.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: Counter[str] = Counter()
        send = httpx.HTTPTransport.handle_request
        open_stream = websockets.sync.client.connect

        def counting(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            self.seen[operation_of(request)] += 1
            return send(transport, request)

        @functools.wraps(open_stream)
        def counting_streams(*args, **kwargs):
            self.seen[STREAM] += 1
            return open_stream(*args, **kwargs)

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", counting)
        monkeypatch.setattr(LateRequests, "send", LateRequests.send_now)
        monkeypatch.setattr(websockets.sync.client, "connect", counting_streams)

    def take(self) -> dict[str, int]:
        """Return the counts since the last call, by operation."""
        numbers = dict(self.seen)
        self.seen.clear()
        return numbers


def operation_of(request: httpx.Request) -> str:
    """Return the operation id of a request, or its method and path if no operation matches."""
    parts = request.url.path.strip("/").split("/")
    for operation in OPERATIONS:
        wanted = operation.path.strip("/").split("/")
        if operation.method == request.method and len(parts) == len(wanted):
            pairs = zip(parts, wanted, strict=True)
            if all(want.startswith("{") or want == part for part, want in pairs):
                return str(operation.operation_id)
    return f"{request.method} {request.url.path}"
