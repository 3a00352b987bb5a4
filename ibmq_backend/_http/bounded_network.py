"""Connections that keep the caller's deadline at every single wait, not only at every request.

A read timeout bounds the silence between two bytes: a reply that trickles never trips it. Nor does
it bound the look-up of a name, and a connect timeout counts anew for each address of a host. Here
every wait is cut to what is left of :mod:`ibmq_backend.deadline`.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore
import httpx

from ibmq_backend.deadline import time_left

_PIECE: Final = 65536  # bytes written between two looks at the deadline
_AT_ONCE: Final = 0.001  # a timeout of 0 would mean "do not block"


def bound_waits(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """Have a transport that was just made open all its connections here, and return it."""
    # httpcore takes another network backend as an argument, httpx does not pass it on.
    transport._pool._network_backend = BoundedNetwork()
    return transport


def open_socket(url: httpx.URL, timeout: float) -> socket.socket:
    """Return a blocking socket connected to the host of an address, not encrypted yet.

    Args:
        url: address with the scheme http, https, ws or wss.
        timeout: seconds for the look-up and all addresses; cut to the caller's deadline.

    Raises:
        OSError: no connection, or not in time.
    """
    port = url.port or (443 if url.scheme in ("https", "wss") else 80)
    try:
        stream = BoundedNetwork().connect_tcp(url.host, port, timeout)
    except httpcore.ConnectTimeout as error:
        raise TimeoutError(str(error)) from error
    except httpcore.ConnectError as error:
        raise ConnectionError(str(error)) from error
    connected: socket.socket = stream.get_extra_info("socket")
    connected.settimeout(None)
    return connected


class BoundedNetwork(httpcore.SyncBackend):
    """Opens TCP connections within a timeout that covers the look-up and all addresses."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection to the first address of a host that answers.

        Args:
            host: name or address.
            port: TCP port.
            timeout: seconds for everything; cut to the caller's deadline.
            local_address: address to come from.
            socket_options: set on the socket.

        Raises:
            httpcore.ConnectTimeout: the time is over.
            httpcore.ConnectError: no such host, or no address of it takes connections.
        """
        bounded = _cut(timeout, httpcore.ConnectTimeout)
        end = None if bounded is None else time.monotonic() + bounded
        addresses = _look_up(host, port, bounded)
        failure: Exception | None = None
        for number, address in enumerate(addresses):
            share = None
            if end is not None:  # the addresses to come get their share of what is left
                share = max((end - time.monotonic()) / (len(addresses) - number), _AT_ONCE)
            try:
                stream = super().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
            except OverflowError:
                raise httpcore.ConnectError(f"There is no port {port}.") from None
            else:
                return BoundedStream(stream)
        raise failure or httpcore.ConnectError(f"{host} has no address")


class BoundedStream(httpcore.NetworkStream):
    """A connection each of whose waits ends with the caller's time.

    Args:
        stream: the connection.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes, empty at the end.

        Raises:
            httpcore.ReadTimeout: none came in time.
        """
        return self._stream.read(max_bytes, _cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes.

        Raises:
            httpcore.WriteTimeout: they were not taken in time.
        """
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            self._stream.write(piece, _cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the same connection, encrypted.

        Raises:
            httpcore.ConnectTimeout: the handshake took too long.
            httpcore.ConnectError: it failed.
        """
        try:
            bounded = _cut(timeout, httpcore.ConnectTimeout)
        except httpcore.ConnectTimeout:
            self.close()  # as the stream itself does when a handshake fails
            raise
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, bounded)
        except ValueError as error:  # UnicodeError is one
            raise httpcore.ConnectError(f"The host name cannot be used: {error}") from error
        return BoundedStream(stream)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection under a name of httpcore's."""
        return self._stream.get_extra_info(info)


class BoundedSocket(ssl.SSLSocket):
    """A TLS connection that ends each single wait with the caller's time.

    A stream within it, as through an ``https`` proxy, waits several times for one read.
    """

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return the next bytes, empty at the end.

        Raises:
            TimeoutError: none came in time.
        """
        self.settimeout(_cut(self.gettimeout(), TimeoutError))
        return super().recv(buflen, flags)


def _cut(timeout: float | None, over: type[Exception]) -> float | None:
    """Return a timeout that ends no later than the caller's time; raises ``over`` after it."""
    left = time_left()
    if left is None:
        return timeout
    if left == 0.0:
        raise over("The time is up.")
    longest = max(left, _AT_ONCE)
    return longest if timeout is None else min(timeout, longest)


def _look_up(host: str, port: int, timeout: float | None) -> list[str]:
    """Return the addresses of a host; the system's own look-up knows no timeout."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    answer: list[list[str] | OSError | ValueError | OverflowError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError, OverflowError) as error:  # UnicodeError is a ValueError
            answer.append(error)
        else:
            answer.append(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    thread = threading.Thread(target=ask, name="ibmq-look-up", daemon=True)
    thread.start()
    thread.join(timeout)
    if not answer:
        raise httpcore.ConnectTimeout(f"The address of {host} was not found in time.")
    if isinstance(answer[0], list):
        return answer[0]
    raise httpcore.ConnectError(str(answer[0])) from answer[0]
