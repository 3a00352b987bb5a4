"""Connections that can be broken, and ports that can be closed, on purpose.

An ASGI application can neither reset a connection nor send less than it announced. The server of a
service with faults therefore puts a handle of the connection into the state of every request.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from starlette.types import Receive, Scope
from uvicorn.config import Config
from uvicorn.server import ServerState

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.wire.connections import BoundedProtocol

_log: Final = logging.getLogger(__name__)

_STATE_KEY: Final = "ibmq.connection"
_LINGER_FORM: Final = "hh" if sys.platform == "win32" else "ii"
_DRAIN_SECONDS: Final = 0.005

PORT_KEY: Final = "ibmq.port"
"""Key of the server's port in the state of a request."""

OnRelease = Callable[[Callable[[], None]], Callable[[], None]]
"""Registers a callback for the next release and returns a function that unregisters it."""


class Release:
    """The first release after the creation of this object.

    Args:
        on_release: registers a callback for the release.
    """

    def __init__(self, on_release: OnRelease) -> None:
        self._loop = asyncio.get_running_loop()
        self._released = asyncio.Event()
        self.forget = on_release(self._set)

    async def wait(self) -> None:
        """Wait until the release."""
        await self._released.wait()

    def _set(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            self._loop.call_soon_threadsafe(self._released.set)


class FaultyPort:
    """The port of a server.

    Args:
        server: the server.
    """

    def __init__(self, server: uvicorn.Server) -> None:
        self._server = server
        self._closed: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether the port is closed now."""
        return self._closed is not None and not self._closed.done()

    def close_for(self, seconds: float, on_release: OnRelease) -> None:
        """Stop listening, end all connections as a stopping server does, and listen again later.

        Does nothing if the port is closed already.

        Args:
            seconds: how long the port stays closed.
            on_release: registers a callback for the release, which opens the port early.
        """
        if self.closed:
            return
        addresses = []
        for listener in self._server.servers:
            addresses += [(end.family, end.getsockname()) for end in listener.sockets]
            listener.close()
        # Bound without a listener, so that no other process takes the port meanwhile.
        ends = [_bound(family, address) for family, address in addresses]
        for connection in list(self._server.server_state.connections):
            connection.shutdown()
        self._closed = asyncio.create_task(self._reopen(ends, seconds, Release(on_release)))

    async def stop(self) -> None:
        """Keep the port closed, because the server stops."""
        if self._closed is not None:
            self._closed.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._closed

    async def _reopen(self, ends: list[socket.socket], seconds: float, release: Release) -> None:
        loop = asyncio.get_running_loop()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(release.wait(), seconds)
        except asyncio.CancelledError:
            for end in ends:
                end.close()
            raise
        finally:
            release.forget()
        backlog = self._server.config.backlog
        try:
            self._server.servers = [
                await loop.create_server(self._protocol, sock=end, backlog=backlog) for end in ends
            ]
        except OSError:
            _log.exception("cannot listen again")
            self._server.should_exit = True

    def _protocol(self) -> asyncio.Protocol:
        server = self._server
        made: asyncio.Protocol = server.config.http_protocol_class(
            config=server.config,  # type: ignore[call-arg]
            server_state=server.server_state,
            app_state=server.lifespan.state,
        )
        return made


class Connection:
    """One connection of a client.

    Args:
        transport: transport of the connection.
        port: server port that accepted it.

    Attributes:
        stopping: set when the server stops.
    """

    def __init__(self, transport: asyncio.Transport, port: FaultyPort) -> None:
        self._transport = transport
        self._port = port
        self.stopping = asyncio.Event()

    def write(self, content: bytes) -> None:
        """Send bytes directly, without the HTTP protocol."""
        self._transport.write(content)

    async def drain(self) -> None:
        """Wait until everything written has been passed to the operating system."""
        while self._transport.get_write_buffer_size() and not self._transport.is_closing():
            await asyncio.sleep(_DRAIN_SECONDS)

    def reset(self) -> None:
        """Reset the connection instead of closing it."""
        end = self._transport.get_extra_info("socket")
        if end is not None and not self._transport.is_closing():
            linger = struct.pack(_LINGER_FORM, 1, 0)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    def close(self) -> None:
        """Close the connection after everything written has been sent."""
        self._transport.close()

    def end(self, how: str) -> None:
        """Reset or close the connection.

        Args:
            how: ``reset`` or ``close``.
        """
        if how == "reset":
            self.reset()
        else:
            self.close()

    def refuse(self, how: str | None, seconds: float | None, on_release: OnRelease) -> None:
        """End the connection and close the port for a while.

        Args:
            how: ``reset`` or ``close``; default: ``close``.
            seconds: how long the port stays closed; None or 0 leaves it open.
            on_release: registers a callback for the release, which opens the port early.
        """
        # The client sees the end only after this turn of the loop, when the port is closed.
        self.end(how or "close")
        if seconds:
            self._port.close_for(seconds, on_release)


class FaultProtocol(BoundedProtocol):
    """HTTP protocol that gives each request access to its connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, dict(app_state), _loop)
        self._connection: Connection | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the handle of the connection into the state of its requests."""
        port: FaultyPort = self.app_state[PORT_KEY]
        self._connection = self.app_state[_STATE_KEY] = Connection(transport, port)
        super().connection_made(transport)
        if port.closed:  # accepted just before the port was closed
            self._connection.reset()

    def shutdown(self) -> None:
        """End everything that is held back, because the server stops."""
        if self._connection is not None:
            self._connection.stopping.set()
        super().shutdown()


def connection_of(scope: Scope) -> Connection:
    """Return the connection of a request.

    Raises:
        EmulatorError: the server does not use :class:`FaultProtocol`.
    """
    connection = scope.get("state", {}).get(_STATE_KEY)
    if not isinstance(connection, Connection):
        raise EmulatorError("faults need a server that was started with them")
    return connection


async def until_gone(receive: Receive) -> None:
    """Read and discard everything the client sends until it disconnects."""
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass


class Hold:
    """A delay that ends early on a release; no thread is blocked.

    Args:
        connection: connection of the request; a stopping server ends the delay.
        on_release: registers a callback for the release.
    """

    def __init__(self, connection: Connection, on_release: OnRelease) -> None:
        self._connection = connection
        self._release = Release(on_release)

    async def wait(self, seconds: float | None, receive: Receive) -> bool:
        """Wait until the time is over.

        Args:
            seconds: length of the delay; None waits until the client disconnects.
            receive: receives the messages of the client.

        Returns:
            True when the time is over or was released; False when the client has disconnected or
            the server stops.
        """
        released = asyncio.create_task(self._release.wait())
        ends = [
            asyncio.create_task(until_gone(receive)),
            asyncio.create_task(self._connection.stopping.wait()),
            released,
        ]
        try:
            done, _ = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.forget()
            for one in ends:
                one.cancel()
        return not done or done == {released}

    def forget(self) -> None:
        """Ignore later releases."""
        self._release.forget()


def _bound(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    end = socket.socket(family)
    if os.name == "posix":
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    end.bind(address)
    return end
