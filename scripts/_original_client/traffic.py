"""What the client sends and receives, observed in the libraries under it.

The client itself is left as it came: the hooks are in ``requests`` and ``websocket-client``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import websocket


@dataclass
class Seen:
    """What went over the wire while it was watched.

    Attributes:
        requests: Method, path and status of every HTTP request, in order.
        bodies: The body of every reply that was JSON, by path; the last one counts.
        sockets: The address of every websocket.
        frames: Every JSON message that came through a websocket.
        complaints: What the client logged as a warning or worse.
    """

    requests: list[tuple[str, str, int]] = field(default_factory=list)
    bodies: dict[str, Any] = field(default_factory=dict)
    sockets: list[str] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def count(self, method: str, ending: str) -> int:
        """How many requests of this method went to a path with this ending."""
        return sum(one[0] == method and one[1].endswith(ending) for one in self.requests)

    def statuses(self) -> list[str]:
        """The job statuses that came through a websocket."""
        return [one["data"]["status"] for one in self.frames if one["type"] == "job-status"]


class _Complaints(logging.Handler):
    def __init__(self, seen: Seen) -> None:
        super().__init__(logging.WARNING)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.complaints.append(record.getMessage())


@contextmanager
def watched() -> Iterator[Seen]:
    """Observe the client inside the ``with`` block."""
    seen = Seen()
    send = requests.Session.send
    run = websocket.WebSocketApp.run_forever
    receive = websocket.WebSocket.recv_data_frame

    def watched_send(self: Any, request: Any, **options: Any) -> Any:
        path = urlsplit(request.url).path
        try:
            reply = send(self, request, **options)
        except requests.RequestException:
            seen.requests.append((request.method, path, -1))
            raise
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

    complaints = _Complaints(seen)
    logger = logging.getLogger("qiskit.providers.ibmq")
    logger.addHandler(complaints)
    requests.Session.send = watched_send
    websocket.WebSocketApp.run_forever = watched_run
    websocket.WebSocket.recv_data_frame = watched_receive
    try:
        yield seen
    finally:
        requests.Session.send = send
        websocket.WebSocketApp.run_forever = run
        websocket.WebSocket.recv_data_frame = receive
        logger.removeHandler(complaints)
