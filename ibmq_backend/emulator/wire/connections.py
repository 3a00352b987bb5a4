"""Limits on the number of connections of a server and on slow clients."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import h11
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_log: Final = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 1000
MAX_BACKLOG: Final = 256
"""Connections that the system may accept before the server does."""

HEAD_SECONDS: Final = 20.0
"""Time limit for the head of a request, and for the rest of a rejected body."""

MAX_HEADS_BYTES: Final = 64_000_000
"""Total size of incomplete request heads, over all connections."""

MAX_CHUNKS: Final = 40_000
"""Per body. Parsing a chunk costs more than its bytes."""

MAX_HEAD_LINES: Final = 200
"""Per request. Parsing a line costs more than its bytes."""

STALL_SECONDS: Final = 60.0
"""Time after which the connection of a client that does not read its reply is closed."""

_TRUST: Final = "ibmq.trust"
_ABORT: Final = "ibmq.abort"
STOPPING: Final = "ibmq.stopping"
"""Key of the event that is set when the server begins to stop."""

_RESERVED_DESCRIPTORS: Final = 64
"""For the database, the worker processes and the bodies on disk."""

_MIN_CONNECTIONS: Final = 8
_LOG_EVERY_SECONDS: Final = 60.0
_OUT_OF_DESCRIPTORS: Final = "socket.accept() out of system resource"
_DESCRIPTORS: Final = Path("/proc/self/fd")
_CHUNK: Final = re.compile(rb"\r\n[0-9a-fA-F]+[ \t]*(?:;[^\r\n]*)?\r\n")
_HEAD_END: Final = b"\r\n\r\n"


def _plain_reply(status: str, text: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        f"Retry-After: 1\r\nContent-Length: {len(text)}\r\n\r\n{text}"
    ).encode()


_BUSY: Final = _plain_reply("503 Service Unavailable", "The server is busy, try again.")
_TOO_MANY_LINES: Final = _plain_reply(
    "431 Request Header Fields Too Large", f"A head has at most {MAX_HEAD_LINES} lines."
)


def connection_limits() -> tuple[int, int]:
    """Return how many connections this process can serve, and the size of the listen backlog."""
    try:
        import resource
    except ImportError:  # Windows
        return MAX_CONNECTIONS, MAX_BACKLOG
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS, MAX_BACKLOG
    used = sum(1 for _ in _DESCRIPTORS.iterdir()) if _DESCRIPTORS.exists() else 0
    free = max(most - used - _RESERVED_DESCRIPTORS, 2 * _MIN_CONNECTIONS)
    backlog = min(MAX_BACKLOG, free // 2)
    return min(MAX_CONNECTIONS, free - backlog), backlog


@dataclass(eq=False)
class Connections:
    """The connections of one server.

    Attributes:
        limit: maximum number of connections.
        open: open connections, and some that have just been closed.
        heads_bytes: total size of incomplete request heads.
    """

    limit: int = MAX_CONNECTIONS
    open: set[BoundedProtocol] = field(default_factory=set)
    heads_bytes: int = 0


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 protocol that closes slow connections.

    When the limit of connections is reached, the oldest connection is closed that is idle or whose
    client has not sent a valid token or signature. Without such a connection, the new one gets
    status 503. Every server derives a class with its connections.
    """

    connections_of_server: Connections
    head_seconds = HEAD_SECONDS
    stall_seconds = STALL_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for the connection and start the timer for its first request."""
        keys = {_ABORT: transport.abort, _TRUST: self._trust}
        self.app_state = {**self.app_state, **keys}
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._idle_since = self.loop.time()
        self._head_bytes = self._head_lines = self._chunks = 0
        self._head_tail = b""
        self._trusted = self._upgraded = False
        if not self._make_room():
            self._reject(_BUSY)
            return
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Read received bytes and start or stop the timer."""
        if self.conn.their_state is h11.IDLE:
            self._count_head(len(data))
            self._head_lines += self._new_head_lines(data)
            if self._head_lines > MAX_HEAD_LINES:
                self._reject(_TOO_MANY_LINES)
                return
        super().data_received(data)
        if self._upgraded:
            return  # the websocket protocol reads now
        if self._is_chunked():
            self._chunks += len(_CHUNK.findall(data))
            if self._chunks > MAX_CHUNKS:
                self.transport.abort()
        if not self.is_idle or self.conn.their_state is h11.MUST_CLOSE:
            self._cancel_timer()
            self._count_head(-self._head_bytes)
            self._head_lines, self._head_tail = 0, b""
        elif self.connections_of_server.heads_bytes > MAX_HEADS_BYTES:
            self._reject(_BUSY)
        elif self._timer is None:
            self._start_timer()

    def pause_writing(self) -> None:
        """Stop sending, and close the connection if the client does not read for a while."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Continue sending."""
        super().resume_writing()
        self._cancel_stall()

    def on_response_complete(self) -> None:
        """Become idle, or continue with the next request if it has been received."""
        self._idle_since = self.loop.time()
        self._trusted = False
        if self._is_chunked() and self.conn.their_state is h11.SEND_BODY:
            self.transport.close()  # the remaining chunks would cost more than their bytes
        self._chunks = 0
        waiting, _ = self.conn.trailing_data
        self._head_lines = self._new_head_lines(waiting)
        if self._head_lines > MAX_HEAD_LINES:
            self._reject(_TOO_MANY_LINES)
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over to the websocket protocol."""
        self._upgraded = True
        self._cancel_timer()
        self._count_head(-self._head_bytes)
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers and forget the connection."""
        self._cancel_timer()
        self._cancel_stall()
        self._count_head(-self._head_bytes)
        self.connections_of_server.open.discard(self)
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether the connection has no unanswered request."""
        return self.cycle is None or self.cycle.response_complete

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        self.connections_of_server.heads_bytes += size

    def _new_head_lines(self, data: bytes) -> int:
        """Return how many lines of the head the data contains, without those of the body."""
        seen = self._head_tail + data
        before, self._head_tail = self._head_tail.count(b"\n"), seen[-len(_HEAD_END) + 1 :]
        return seen.partition(_HEAD_END)[0].count(b"\n") - before

    def _is_chunked(self) -> bool:
        return any(name == b"transfer-encoding" for name, _ in self.headers or ())

    def _trust(self) -> None:
        self._trusted = True

    def _may_be_closed(self) -> bool:
        return not self._trusted or (self.is_idle and not self._upgraded)

    def _make_room(self) -> bool:
        """Add this connection, closing another one if necessary; return whether that worked."""
        connections, limit = self.connections_of_server.open, self.connections_of_server.limit
        if len(connections) >= limit:
            connections -= {one for one in connections if one.transport.is_closing()}
        if len(connections) >= limit:
            closable = [one for one in connections if one._may_be_closed()]
            if not closable:
                return False
            oldest = min(closable, key=lambda one: one._idle_since)
            connections.discard(oldest)
            oldest.transport.close()
        connections.add(self)
        return True

    def _reject(self, reply: bytes) -> None:
        self.transport.write(reply)
        self.transport.close()

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cancel_stall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def trust(scope: Scope) -> None:
    """Keep the connection of an authorized request open until the request is answered."""
    scope.get("state", {}).get(_TRUST, lambda: None)()


def abort(scope: Scope) -> None:
    """Close the connection of a request immediately."""
    scope.get("state", {}).get(_ABORT, lambda: None)()


def stopping_of(scope: Scope) -> asyncio.Event:
    """Return the event that is set when the server of a request begins to stop."""
    event: asyncio.Event = scope.get("state", {}).get(STOPPING) or asyncio.Event()
    return event


def quiet_accept_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Log failures of an event loop to accept connections at most once a minute."""
    last_logged = -_LOG_EVERY_SECONDS

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal last_logged
        if not str(context.get("message", "")).startswith(_OUT_OF_DESCRIPTORS):
            loop.default_exception_handler(context)
        elif loop.time() - last_logged >= _LOG_EVERY_SECONDS:
            last_logged = loop.time()
            _log.warning("cannot accept connections: %s", context.get("exception"))

    loop.set_exception_handler(handle)
