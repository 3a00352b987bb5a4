"""The HTTP server under the service: uvicorn, set up the same way wherever it runs."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from ibmq_backend.emulator.faults.connections import PORT_KEY, FaultProtocol, FaultyPort
from ibmq_backend.emulator.http.log_guard import guard_logs
from ibmq_backend.emulator.wire.connections import (
    BoundedProtocol,
    Connections,
    connection_limits,
    quiet_accept_errors,
)

# Clients keep connections for a while; the server must not be the first to drop one, or a
# request that must not be repeated meets a closed connection.
_KEEP_ALIVE_SECONDS: Final = 75
_SHUTDOWN_SECONDS: Final = 2
_LARGEST_FRAME: Final = 65_536
# Filters of 65 536 characters are described, of which each may take twelve in an address.
_LARGEST_HEAD: Final = 1_000_000


class Server(uvicorn.Server):
    """A server that tells when it listens.

    Args:
        application: what to serve.
        host: the address to listen on.
        port: the port; 0 for any free one.
        on_listening: called with the real port, in the server's thread.
        faulty: whether the application lets faults happen, which takes hold of connections.
        tls: the PEM files of the certificate chain and of its key; None for plain HTTP.
    """

    def __init__(
        self,
        application: ASGIApp,
        host: str,
        port: int,
        on_listening: Callable[[int], None],
        *,
        faulty: bool = False,
        tls: tuple[Path, Path] | None = None,
    ) -> None:
        guard_logs()
        connections, backlog = connection_limits()
        protocol = type(
            "Protocol",
            (FaultProtocol if faulty else BoundedProtocol,),
            {"connections_of_server": Connections(connections)},
        )
        certificate, key = tls or (None, None)
        # Not the older implementation, which stands on a deprecated part of "websockets".
        super().__init__(
            uvicorn.Config(
                application,
                host=host,
                port=port,
                ssl_certfile=certificate,
                ssl_keyfile=key,
                # A client could otherwise choose the address that its wrong logins count for.
                proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
                http=protocol,
                backlog=backlog,
                h11_max_incomplete_event_size=_LARGEST_HEAD,
                ws="websockets-sansio",
                ws_max_size=_LARGEST_FRAME,
                lifespan="off",
                log_config=None,
                # Addresses of the object storage are secrets and would be in every line.
                access_log=False,
                server_header=False,
                date_header=not faulty,  # the faults may move the clock
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        self._on_listening = on_listening
        self._port = FaultyPort(self) if faulty else None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port and report it."""
        quiet_accept_errors(asyncio.get_running_loop())
        if self._port is not None:
            self.lifespan.state[PORT_KEY] = self._port
        await super().startup(sockets)
        if self.started:
            self._on_listening(int(self.servers[0].sockets[0].getsockname()[1]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; a port that a fault has closed stays so."""
        if self._port is not None:
            await self._port.stop()
        # With TLS an idle client may never answer that it has seen the end of its connection.
        asyncio.get_running_loop().call_later(_SHUTDOWN_SECONDS / 2, self._abort_closing)
        await super().shutdown(sockets)

    def _abort_closing(self) -> None:
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and transport.is_closing():
                transport.abort()
