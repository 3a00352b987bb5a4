"""The HTTP server of a service: uvicorn with our limits."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.faults.connections import PORT_KEY, FaultProtocol, FaultyPort
from ibmq_backend.emulator.http.log_guard import guard_logs
from ibmq_backend.emulator.wire.connections import (
    STOPPING,
    BoundedProtocol,
    Connections,
    connection_limits,
    quiet_accept_errors,
)

# Longer than clients keep idle connections: otherwise a request that must not be repeated could
# meet a closed connection.
_KEEP_ALIVE_SECONDS: Final = 75
_SHUTDOWN_SECONDS: Final = 2
_MAX_FRAME_BYTES: Final = 65_536


def _drop(record: logging.LogRecord) -> bool:
    """Let no record pass; a logging filter."""
    del record
    return False


def _describe(error: OSError, config: uvicorn.Config) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {config.port} of {config.host} is in use; choose another with --port, or 0 for "
            "any free one"
        )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return (
            f"{config.host} is not an address of this machine; use --host 127.0.0.1 for programs "
            "on this machine, or --host 0.0.0.0 for other machines too"
        )
    if error.errno == errno.EACCES:
        return (
            f"this user may not listen on port {config.port}; choose a port of 1024 or above with "
            "--port"
        )
    reason = os.strerror(error.errno or 0)
    return f"cannot listen on {config.host}:{config.port}: {reason}"


class Server(uvicorn.Server):
    """HTTP server that reports its port.

    Args:
        application: the application to serve.
        host: address to listen on.
        port: port to listen on; 0 for any free one.
        on_listening: called with the port in the server's thread.
        faulty: whether the application injects faults, which control connections.
        tls: PEM files of the certificate chain and its key; None for plain HTTP.
        own_process: whether the process runs only this server; other programs may fork, and a
            fork of a process with uvloop crashes.
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
        own_process: bool = False,
    ) -> None:
        guard_logs()
        connections, backlog = connection_limits()
        protocol = type(
            "Protocol",
            (FaultProtocol if faulty else BoundedProtocol,),
            {"connections_of_server": Connections(connections)},
        )
        certificate, key = tls or (None, None)
        # "websockets-sansio": the older implementation uses deprecated parts of "websockets".
        super().__init__(
            uvicorn.Config(
                application,
                host=host,
                port=port,
                ssl_certfile=certificate,
                ssl_keyfile=key,
                # Otherwise a client could choose the address for which its wrong logins count.
                proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
                loop="auto" if own_process else "asyncio",
                http=protocol,
                backlog=backlog,
                ws="websockets-sansio",
                ws_max_size=_MAX_FRAME_BYTES,
                lifespan="off",
                log_config=None,
                # Its lines would contain presigned URLs.
                access_log=False,
                server_header=False,
                date_header=not faulty,  # faults can change the clock
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        self._on_listening = on_listening
        self._port = FaultyPort(self) if faulty else None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port and report it.

        Raises:
            EmulatorError: the port cannot be opened.
        """
        quiet_accept_errors(asyncio.get_running_loop())
        self.lifespan.state[STOPPING] = asyncio.Event()
        if self.config.ssl is not None:
            # A client with a thread that reads and one that writes, as for the status stream, could
            # read a session ticket while it sends its request. OpenSSL does not allow that: now and
            # then the request is lost, and the client waits in vain.
            self.config.ssl.num_tickets = 0
        if self._port is not None:
            self.lifespan.state[PORT_KEY] = self._port
        logger = logging.getLogger("uvicorn.error")
        logger.addFilter(_drop)  # uvicorn logs the error before it exits
        try:
            await super().startup(sockets)
        except SystemExit as end:
            if isinstance(end.__context__, OSError):
                raise EmulatorError(_describe(end.__context__, self.config)) from end.__context__
            raise
        finally:
            logger.removeFilter(_drop)
        if self.started:
            self._on_listening(int(self.servers[0].sockets[0].getsockname()[1]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the server; a port that a fault has closed is not opened again."""
        self.lifespan.state[STOPPING].set()  # endless replies end now
        if self._port is not None:
            await self._port.stop()
        # With TLS an idle client may never confirm the end of its connection.
        asyncio.get_running_loop().call_later(_SHUTDOWN_SECONDS / 2, self._abort_closing)
        await super().shutdown(sockets)

    def _abort_closing(self) -> None:
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and transport.is_closing():
                transport.abort()
