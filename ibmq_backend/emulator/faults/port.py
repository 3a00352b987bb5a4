"""A listening port that can be closed for a while, so that connections are really refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable
from typing import Final

import uvicorn

_log: Final = logging.getLogger(__name__)

PORT_KEY: Final = "ibmq.port"
"""Where the state of a request has the port of its server."""

OnRelease = Callable[[Callable[[], None]], Callable[[], None]]
"""Registers what the next release calls; gives what forgets it."""


class Release:
    """Waits for the next release, from the moment it is made.

    Args:
        on_release: Registers what the release calls; gives what forgets it.
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
        server: The server.
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
            seconds: For how long.
            on_release: Registers what a release calls, which opens the port; gives what forgets
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


def _bound(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    end = socket.socket(family)
    if os.name == "posix":
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    end.bind(address)
    return end
