"""Count the requests of a program by operation, and how often JSON is parsed."""

from __future__ import annotations

import functools
import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
import websockets.sync.client
from ibmq_api_classic.operations import OPERATIONS
from websockets.sync.client import ClientConnection

from ibmq_backend.api.daemon_threads import LateRequests

STREAM = "jobStatusStream"


class CountedRequests:
    """Counts the requests and opened status streams of all clients in this process.

    Late requests are sent at once, so that they are counted for the call that causes them.

    Attributes:
        seen: number of requests and streams, by operation.
        documents: number of JSON documents received in replies and by streams.
        parses: number of parses of JSON in the thread that created this object, which is that of
            the client; a service in this process has threads of its own.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: Counter[str] = Counter()
        self.documents = 0
        self.parses = 0
        self._thread = threading.get_ident()
        send = httpx.HTTPTransport.handle_request
        open_stream = websockets.sync.client.connect

        def counting(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            self.seen[operation_of(request)] += 1
            reply = send(transport, request)
            self.documents += "json" in reply.headers.get("Content-Type", "")
            return reply

        @functools.wraps(open_stream)
        def counting_streams(*args, **kwargs):
            self.seen[STREAM] += 1
            return open_stream(*args, **kwargs)

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", counting)
        monkeypatch.setattr(LateRequests, "send", LateRequests.send_now)
        monkeypatch.setattr(websockets.sync.client, "connect", counting_streams)
        receive = ClientConnection.recv

        def counting_frames(*args: Any, **kwargs: Any) -> Any:
            frame = receive(*args, **kwargs)
            self.documents += 1
            return frame

        monkeypatch.setattr(ClientConnection, "recv", counting_frames)
        monkeypatch.setattr(orjson, "loads", self._counting_parses(orjson.loads))
        decode = self._counting_parses(json.JSONDecoder.decode)
        monkeypatch.setattr(json.JSONDecoder, "decode", decode)

    def _counting_parses(self, parse: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **kwargs: Any) -> Any:
            self.parses += threading.get_ident() == self._thread
            return parse(*args, **kwargs)

        return counting

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
