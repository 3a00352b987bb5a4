"""Bounds on the connections of a server: how many, and how long one may send nothing of use."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_log: Final = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 1000
MAX_BACKLOG: Final = 256
"""Connections that the system may accept before the server looks at them."""

HEAD_SECONDS: Final = 20.0
"""Until the head of a request must be complete, and what is left of a refused body must end."""

MAX_HEADS_BYTES: Final = 64_000_000
"""What has been received of the heads of requests that are not complete, on all connections."""

MAX_HEAD_LINES: Final = 200
"""Each costs the reader of HTTP more than its bytes do."""

_OWN_DESCRIPTORS: Final = 64
"""Kept for the database, the simulator processes and the bodies on disk."""

_FEWEST: Final = 8
_LOG_EVERY_SECONDS: Final = 60.0
_OUT_OF_DESCRIPTORS: Final = "socket.accept() out of system resource"
_DESCRIPTORS: Final = Path("/proc/self/fd")
_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 30\r\n\r\nThe server is busy, try again."
)


_TOO_MANY_LINES: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 29\r\n\r\nThe head has too many fields."
)
_HEAD_END: Final = b"\r\n\r\n"


def connection_limits() -> tuple[int, int]:
    """Return how many connections this process can serve, and the backlog that goes with it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MAX_CONNECTIONS, MAX_BACKLOG
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS, MAX_BACKLOG
    used = sum(1 for _ in _DESCRIPTORS.iterdir()) if _DESCRIPTORS.exists() else 0
    free = max(most - used - _OWN_DESCRIPTORS, 2 * _FEWEST)
    backlog = min(MAX_BACKLOG, free // 2)
    return min(MAX_CONNECTIONS, free - backlog), backlog


class BoundedProtocol(H11Protocol):
    """HTTP over a connection that is closed when it keeps the server waiting.

    Above the limit of connections the one that has been idle for longest is closed; where all
    are busy, the new one gets status 503. A server derives a class of its own.

    Attributes:
        max_connections: The limit.
        heads_bytes: What has been received of incomplete heads on all connections.
    """

    max_connections = MAX_CONNECTIONS
    head_seconds = HEAD_SECONDS
    heads_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for the connection, and wait for its first request."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._idle_since = self.loop.time()
        self._head_bytes = self._head_lines = 0
        self._head_tail = b""
        if len(self.connections) > self.max_connections and not self._make_room():
            transport.write(_BUSY)
            transport.close()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read what has come, and wait for what is missing."""
        if self.conn.their_state is h11.IDLE:
            self._count_head(len(data))
            self._head_lines += self._new_head_lines(data)
            if self._head_lines > MAX_HEAD_LINES:
                self.transport.write(_TOO_MANY_LINES)
                self.transport.close()
                return
        super().data_received(data)
        if self.conn.their_state is h11.DONE and self.conn.trailing_data[0] and not self.is_idle:
            # Further requests that do not wait for the reply would not be counted.
            self.cycle.keep_alive = False
        if type(self).heads_bytes > MAX_HEADS_BYTES:
            self.transport.close()
        if not self.is_idle or self.conn.their_state is h11.MUST_CLOSE:
            self._stop_waiting()
            self._count_head(-self._head_bytes)
            self._head_lines, self._head_tail = 0, b""
        elif self._timer is None:
            self._wait()

    def on_response_complete(self) -> None:
        """Begin to be idle."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over."""
        self._stop_waiting()
        self._count_head(-self._head_bytes)
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        self._count_head(-self._head_bytes)
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        type(self).heads_bytes += size

    def _new_head_lines(self, data: bytes) -> int:
        """Return how many lines of a head have come; what follows the head is its body."""
        seen = self._head_tail + data
        before, self._head_tail = self._head_tail.count(b"\n"), seen[-len(_HEAD_END) + 1 :]
        return seen.partition(_HEAD_END)[0].count(b"\n") - before

    def _make_room(self) -> bool:
        idle = [
            other
            for other in self.connections
            if isinstance(other, BoundedProtocol) and other is not self and other.is_idle
        ]
        if not idle:
            return False
        oldest = min(idle, key=lambda other: other._idle_since)
        self.connections.discard(oldest)
        oldest.transport.close()
        return True

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def quiet_accept_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Have a loop that runs out of descriptors say so in one line a minute."""
    said = -_LOG_EVERY_SECONDS

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal said
        if not str(context.get("message", "")).startswith(_OUT_OF_DESCRIPTORS):
            loop.default_exception_handler(context)
        elif loop.time() - said >= _LOG_EVERY_SECONDS:
            said = loop.time()
            _log.warning("no connection can be accepted: %s", context.get("exception"))

    loop.set_exception_handler(handle)
