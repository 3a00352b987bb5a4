"""Record what the client sends and receives.

The client is unmodified; the hooks are in the libraries below it, ``requests`` and
``websocket-client``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import websocket


@dataclass
class Seen:
    """The traffic of a ``with watched()`` block.

    Attributes:
        requests: method, path and status of every HTTP request, in order.
        bodies: the last JSON reply, by path.
        sockets: the URL of every websocket.
        frames: every JSON message received through a websocket.
        complaints: the warnings and errors that the client logged.
    """

    requests: list[tuple[str, str, int]] = field(default_factory=list)
    bodies: dict[str, Any] = field(default_factory=dict)
    sockets: list[str] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def count(self, method: str, ending: str) -> int:
        """Return the number of requests of a method to paths with an ending."""
        return sum(one[0] == method and one[1].endswith(ending) for one in self.requests)

    def statuses(self) -> list[str]:
        """Return the job statuses received through a websocket."""
        return [one["data"]["status"] for one in self.frames if one["type"] == "job-status"]


class _Complaints(logging.Handler):
    def __init__(self, seen: Seen) -> None:
        super().__init__(logging.WARNING)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.complaints.append(record.getMessage())


@contextmanager
def watched() -> Iterator[Seen]:
    """Record the client's traffic inside the ``with`` block."""
    seen = Seen()
    send = requests.Session.send
    run = websocket.WebSocketApp.run_forever
    receive = websocket.WebSocket.recv_data_frame

    def watched_send(self: Any, request: Any, **options: Any) -> Any:
        reply = send(self, request, **options)
        path = urlsplit(request.url).path
        seen.requests.append((request.method, path, reply.status_code))
        if "json" in reply.headers.get("Content-Type", ""):
            seen.bodies[path] = reply.json()
        return reply

    def watched_run(self: Any, *arguments: Any, **options: Any) -> Any:
        seen.sockets.append(self.url)
        return run(self, *arguments, **options)

    def watched_receive(self: Any, *arguments: Any, **options: Any) -> Any:
        code, frame = receive(self, *arguments, **options)
        if code in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
            seen.frames.append(json.loads(frame.data))
        return code, frame

    complaints, logger = _Complaints(seen), logging.getLogger("qiskit.providers.ibmq")
    logger.addHandler(complaints)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(requests.Session, "send", watched_send)
            patch.setattr(websocket.WebSocketApp, "run_forever", watched_run)
            patch.setattr(websocket.WebSocket, "recv_data_frame", watched_receive)
            yield seen
    finally:
        logger.removeHandler(complaints)
