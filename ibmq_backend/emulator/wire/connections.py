"""Limits on the number of connections of a server and on slow clients."""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from httptools import HttpParserUpgrade, HttpRequestParser
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_log: Final = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 1000
MAX_BACKLOG: Final = 256
"""Connections that the system may accept before the server does."""

HEAD_SECONDS: Final = 20.0
"""Time limit for the head of a request, and for the rest of a rejected body."""

MAX_HEAD_BYTES: Final = 1_000_000
"""Per request. A filter may have 65 536 characters, each of which takes up to twelve in a URL."""

MAX_HEAD_PIECES: Final = 4000
"""In which a head may arrive. Each costs a copy of those before it."""

MAX_HEADS_BYTES: Final = 64_000_000
"""Total size of incomplete request heads, over all connections."""

MAX_CHUNKS: Final = 40_000
"""Per body. Parsing a chunk costs more than its bytes."""

MAX_HEAD_LINES: Final = 200
"""Per request. Parsing a line costs more than its bytes."""

MAX_WAITING_REQUESTS: Final = 16
"""That a client sends before it has read the reply to the first one."""

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


def _plain_reply(status: str, text: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        f"Retry-After: 1\r\nContent-Length: {len(text)}\r\n\r\n{text}"
    ).encode()


_BUSY: Final = _plain_reply("503 Service Unavailable", "The server is busy, try again.")
_INVALID: Final = _plain_reply("400 Bad Request", "Invalid HTTP request received.")
_TOO_LARGE: Final = _plain_reply(
    "431 Request Header Fields Too Large",
    f"A head has at most {MAX_HEAD_LINES} lines and {MAX_HEAD_BYTES} bytes.",
)
_TOO_MANY_REQUESTS: Final = _plain_reply("429 Too Many Requests", "Read the replies first.")


class _Refused(Exception):
    """Ends the parsing of what a client has sent; the argument is the reply."""


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


class BoundedProtocol(HttpToolsProtocol):
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
        self._head_bytes = self._head_pieces = self._head_lines = self._chunks = 0
        self._events = 0
        self._refusal: bytes | None = None
        self._answered: RequestResponseCycle | None = None
        self._trusted = self._upgraded = False
        if not self._make_room():
            self._reject(_BUSY)
            return
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Read received bytes and start or stop the timer."""
        if self._refusal is not None:
            return
        events, self._received = self._events, data
        super().data_received(data)
        if self._upgraded or self.transport.is_closing():
            return  # the websocket protocol reads now, or nobody
        if self._events != events:
            self._forget_head()
        else:  # part of a head, or of what is between the chunks of a body
            self._head_pieces += 1
            self._count_head(len(data))
        if self._head_bytes > MAX_HEAD_BYTES or self._head_pieces > MAX_HEAD_PIECES:
            self._reject(_TOO_LARGE)
        elif not self.is_idle:
            self._cancel_timer()
        elif self.connections_of_server.heads_bytes > MAX_HEADS_BYTES:
            self._reject(_BUSY)
        elif self._timer is None:
            self._start_timer()

    def on_message_begin(self) -> None:
        """Begin to count the lines of a head and the chunks of its body."""
        self._head_lines = self._chunks = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a line of a head, but none that follows the body."""
        self._head_lines += 1
        if self._head_lines > MAX_HEAD_LINES:
            raise _Refused(_TOO_LARGE)
        if "method" not in self.scope:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer a request, or keep it until the earlier ones have been answered."""
        self._events += 1
        if len(self.pipeline) >= MAX_WAITING_REQUESTS:
            raise _Refused(_TOO_MANY_REQUESTS)
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            raise _Refused(_INVALID)
        if not self.is_idle and self.parser.should_upgrade() and self._should_upgrade():
            raise _Refused(_INVALID)  # the websocket would overtake the earlier replies
        sent, (raw_path, _, query) = self.url, self.url.partition(b"?")
        path = unquote(raw_path.decode("ascii"))
        self.url = b"/"  # httptools reads at most 65535 bytes
        super().on_headers_complete()
        self.url = sent
        self.scope["path"], self.scope["raw_path"] = path, raw_path
        self.scope["query_string"] = query

    def on_chunk_header(self) -> None:
        """Count a chunk."""
        self._chunks += 1
        if self._chunks > MAX_CHUNKS:
            self.transport.abort()
            raise _Refused(_INVALID)

    def on_body(self, body: bytes) -> None:
        """Keep a part of a body."""
        self._events += 1
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a body."""
        self._events += 1
        super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Read the body of a request whose upgrade is ignored; the parser ends before it."""
        ended, framing = sys.exception(), (b"content-length", b"transfer-encoding")
        lines = [b": ".join(one) for one in self.headers if one[0] in framing]
        if not isinstance(ended, HttpParserUpgrade) or not lines:
            return
        self.cycle.keep_alive = False  # this parser cannot read another request
        self.cycle.more_body = True
        self.cycle.message_event.clear()
        self.parser = HttpRequestParser(_BodyCallbacks(self))
        self.parser.feed_data(b"\r\n".join((b"POST / HTTP/1.1", *lines, b"\r\n")))
        self.data_received(self._received[ended.args[0] :])

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Reject what cannot be parsed or was refused."""
        error: BaseException | None = sys.exception()
        while error is not None and not isinstance(error, _Refused):
            error = error.__context__
        self._reject(_INVALID if error is None else error.args[0])

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
        if self.is_idle and self.cycle.more_body and self._is_chunked():
            self.transport.close()  # the remaining chunks would cost more than their bytes
        super().on_response_complete()
        if self._refusal is not None:
            self._reject(self._refusal)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to the websocket protocol."""
        self._upgraded = True
        self._cancel_timer()
        self._forget_head()
        super().handle_websocket_upgrade()
        protocol: Any = self.transport.get_protocol()
        if not protocol.handshake_initiated:  # it reads no body and shorter heads, and says nothing
            self.transport.write(_INVALID)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers and forget the connection and its requests."""
        for cycle in (self._answered, *(one for one, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        self._cancel_timer()
        self._cancel_stall()
        self._forget_head()
        self.connections_of_server.open.discard(self)
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle  # "cycle" is the latest request, which may have to wait
        super()._start_asgi_task(cycle, app)

    @property
    def is_idle(self) -> bool:
        """Whether the connection has no unanswered request."""
        return self.cycle is None or self.cycle.response_complete

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        self.connections_of_server.heads_bytes += size

    def _forget_head(self) -> None:
        self._count_head(-self._head_bytes)
        self._head_pieces = 0

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
        """Send a reply and close the connection, after the earlier requests were answered."""
        self._refusal = reply
        if not self.is_idle:
            if not self.cycle.more_body:
                return
            self.cycle.disconnected = True  # its body is what is rejected
            self.cycle.message_event.set()
        if self.is_idle or not (self.pipeline or self.cycle.response_started):
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


class _BodyCallbacks:
    """Callbacks of a parser for a body whose head has been parsed by another one."""

    def __init__(self, protocol: BoundedProtocol) -> None:
        self.on_chunk_header = protocol.on_chunk_header
        self.on_body = protocol.on_body
        self.on_message_complete = protocol.on_message_complete


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
