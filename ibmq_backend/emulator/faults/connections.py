"""Connections that can be broken, and ports that can be closed, on purpose.

An ASGI application can neither reset a connection nor send less than it promised. So the server
of a service with faults puts a handle of the connection into the state of every request.
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
"""Where the state of a request has the port of its server."""

OnRelease = Callable[[Callable[[], None]], Callable[[], None]]
"""Registers what the next release calls; gives what forgets it."""


class Release:
    """Waits for the next release, from the moment it is made.

    Args:
        on_release: registers what the release calls; gives what forgets it.
    """

    def __init__(self, on_release: OnRelease) -> None:
        self._loop = asyncio.get_running_loop()
        self._released = asyncio.Event()
        self.forget = on_release(self._set)

    async def wait(self) -> None:
        """Return when it has come."""
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
        """Whether nobody listens now."""
        return self._closed is not None and not self._closed.done()

    def close_for(self, seconds: float, on_release: OnRelease) -> None:
        """Stop to listen, end all connections as a stopping server does, and listen again later.

        Does nothing while the port is closed.

        Args:
            seconds: for how long.
            on_release: registers what a release calls, which opens the port; gives what forgets
                it.
        """
        if self.closed:
            return
        addresses = []
        for listener in self._server.servers:
            addresses += [(end.family, end.getsockname()) for end in listener.sockets]
            listener.close()
        # Bound, so that nobody else gets the port meanwhile, but without a listener.
        ends = [_bound(family, address) for family, address in addresses]
        for connection in list(self._server.server_state.connections):
            connection.shutdown()
        self._closed = asyncio.create_task(self._reopen(ends, seconds, Release(on_release)))

    async def stop(self) -> None:
        """Open the port no more: the server stops."""
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
        transport: what it is written to.
        port: where it came in.

    Attributes:
        stopping: set when the server stops.
    """

    def __init__(self, transport: asyncio.Transport, port: FaultyPort) -> None:
        self._transport = transport
        self._port = port
        self.stopping = asyncio.Event()

    def write(self, content: bytes) -> None:
        """Send bytes past the protocol."""
        self._transport.write(content)

    async def drain(self) -> None:
        """Wait until what was written has been handed to the operating system."""
        while self._transport.get_write_buffer_size() and not self._transport.is_closing():
            await asyncio.sleep(_DRAIN_SECONDS)

    def reset(self) -> None:
        """End the connection with a reset instead of an orderly end."""
        end = self._transport.get_extra_info("socket")
        if end is not None and not self._transport.is_closing():
            linger = struct.pack(_LINGER_FORM, 1, 0)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    def close(self) -> None:
        """End the connection in order, after what was written."""
        self._transport.close()

    def end(self, how: str) -> None:
        """``reset`` or ``close``."""
        if how == "reset":
            self.reset()
        else:
            self.close()

    def refuse(self, how: str | None, seconds: float | None, on_release: OnRelease) -> None:
        """End the connection, and let nobody listen for a while.

        Args:
            how: ``reset`` or ``close``; default: ``close``.
            seconds: for how long; None or 0 leaves the port open.
            on_release: registers what a release calls; gives what forgets it.
        """
        # The client learns of the end only after this turn of the loop: the port is closed then.
        self.end(how or "close")
        if seconds:
            self._port.close_for(seconds, on_release)


class FaultProtocol(BoundedProtocol):
    """HTTP of a service with faults: requests can reach their connection."""

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
        """Keep the handle of the connection where every request finds it."""
        port: FaultyPort = self.app_state[PORT_KEY]
        self._connection = self.app_state[_STATE_KEY] = Connection(transport, port)
        super().connection_made(transport)
        if port.closed:  # it came in just before
            self._connection.reset()

    def shutdown(self) -> None:
        """Let nothing be held back any more: the server stops."""
        if self._connection is not None:
            self._connection.stopping.set()
        super().shutdown()


def connection_of(scope: Scope) -> Connection:
    """Return the connection of a request.

    Raises:
        EmulatorError: the server does not run with :class:`FaultProtocol`.
    """
    connection = scope.get("state", {}).get(_STATE_KEY)
    if not isinstance(connection, Connection):
        raise EmulatorError("faults need a server that was started with them")
    return connection


async def until_gone(receive: Receive) -> None:
    """Read and drop what the client sends, until it leaves."""
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass


class Hold:
    """Something that is held back for a while; no thread waits.

    It can be released from the moment it is made.

    Args:
        connection: tells when the server stops.
        on_release: registers what a release calls; gives what forgets it.
    """

    def __init__(self, connection: Connection, on_release: OnRelease) -> None:
        self._connection = connection
        self._release = Release(on_release)

    async def wait(self, seconds: float | None, receive: Receive) -> bool:
        """Do nothing until the time is over.

        Args:
            seconds: for how long; None for as long as the client stays.
            receive: tells when the client leaves.

        Returns:
            Whether the time is over; else the client has left or the server stops.
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
        """Be released no more."""
        self._release.forget()


def _bound(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    end = socket.socket(family)
    if os.name == "posix":
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    end.bind(address)
    return end
