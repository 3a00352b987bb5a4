"""Network connections that apply the caller's deadline to every wait.

A read timeout only limits the time between two bytes, so a slow trickle of bytes never exceeds it.
It does not limit name resolution, and a connect timeout starts again for each address of a host.
Here each wait is limited to the time left of :mod:`ibmq_backend.deadline`.
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

_MAX_CONNECTIONS: Final = 100  # this and the next two are defaults of httpx
_MAX_IDLE_CONNECTIONS: Final = 20
_MAX_IDLE_SECONDS: Final = 5.0
_BYTES_PER_WRITE: Final = 65536  # the deadline is checked after each write
_MIN_TIMEOUT_SECONDS: Final = 0.001  # 0 would mean "do not block"


class BoundedTransport(httpx.HTTPTransport):
    """A transport of httpx whose connections are opened by :class:`BoundedNetwork`.

    Args:
        context: TLS context; ``None`` for a transport without TLS connections.
        proxy: proxy server; ``None`` for direct connections.
    """

    # httpx passes no network backend to its pool, so ``_pool`` is set here, and ``__init__`` of the
    # base class is not called. Its ``handle_request`` is kept, since vcrpy patches that.

    def __init__(self, context: ssl.SSLContext | None, proxy: httpx.Proxy | None) -> None:
        options: dict[str, Any] = {
            "ssl_context": context,
            "max_connections": _MAX_CONNECTIONS,
            "max_keepalive_connections": _MAX_IDLE_CONNECTIONS,
            "keepalive_expiry": _MAX_IDLE_SECONDS,
            "network_backend": BoundedNetwork(),
        }
        if proxy is None:
            self._pool = httpcore.ConnectionPool(**options)
            return
        options.update(proxy_url=str(proxy.url), proxy_auth=proxy.raw_auth)
        if proxy.url.scheme.startswith("socks"):
            self._pool = httpcore.SOCKSProxy(**options)
        else:
            self._pool = httpcore.HTTPProxy(proxy_ssl_context=proxy.ssl_context, **options)


def open_socket(url: httpx.URL, timeout: float) -> socket.socket:
    """Return a blocking socket connected to the host of a URL, without TLS.

    Args:
        url: URL with the scheme http, https, ws or wss.
        timeout: seconds for name resolution and all addresses; limited by the caller's deadline.

    Raises:
        OSError: the connection failed or took too long.
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
    """Opens TCP connections with one timeout for name resolution and all addresses."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection to the first address of a host that answers.

        Raises:
            httpcore.ConnectTimeout: the connection took too long.
            httpcore.ConnectError: the host does not exist or accepts no connections.
        """
        bounded = _limit_timeout(timeout, httpcore.ConnectTimeout)
        end = None if bounded is None else time.monotonic() + bounded
        addresses = _resolve(host, port, bounded)
        failure: Exception | None = None
        for number, address in enumerate(addresses):
            share = None
            if end is not None:  # each remaining address gets an equal share of the time left
                share = max(
                    (end - time.monotonic()) / (len(addresses) - number), _MIN_TIMEOUT_SECONDS
                )
            try:
                stream = super().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
            except OverflowError:
                raise httpcore.ConnectError(f"There is no port {port}.") from None
            else:
                return BoundedStream(stream)
        if failure is None:
            raise httpcore.ConnectError(f"{host} has no address")
        try:
            raise failure
        finally:
            failure.__context__ = failure.__cause__  # which httpcore removes


class BoundedStream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the caller's deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes, empty at the end.

        Raises:
            httpcore.ReadTimeout: no bytes arrived in time.
        """
        return self._stream.read(max_bytes, _limit_timeout(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes.

        Raises:
            httpcore.WriteTimeout: the bytes could not be written in time.
        """
        for start in range(0, len(buffer), _BYTES_PER_WRITE):
            piece = buffer[start : start + _BYTES_PER_WRITE]
            self._stream.write(piece, _limit_timeout(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS.

        Raises:
            httpcore.ConnectTimeout: the handshake took too long.
            httpcore.ConnectError: the handshake failed.
        """
        try:
            bounded = _limit_timeout(timeout, httpcore.ConnectTimeout)
        except httpcore.ConnectTimeout:
            self.close()  # as httpcore does when a handshake fails
            raise
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, bounded)
        except ValueError as error:  # including UnicodeError
            raise httpcore.ConnectError(f"The host name cannot be used: {error}") from error
        return BoundedStream(stream)

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the connection, by its name in httpcore."""
        return self._stream.get_extra_info(info)


class BoundedSocket(ssl.SSLSocket):
    """A TLS connection whose reads end at the caller's deadline.

    For one read, a TLS connection through an ``https`` proxy may read several times from this
    socket.
    """

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return the next bytes, empty at the end.

        Raises:
            TimeoutError: no bytes arrived in time.
        """
        self.settimeout(_limit_timeout(self.gettimeout(), TimeoutError))
        return super().recv(buflen, flags)


def _limit_timeout(timeout: float | None, over: type[Exception]) -> float | None:
    """Return a timeout that ends no later than the caller's deadline; raise ``over`` after it."""
    left = time_left()
    if left is None:
        return timeout
    if left == 0.0:
        raise over("The deadline has passed.")
    longest = max(left, _MIN_TIMEOUT_SECONDS)
    return longest if timeout is None else min(timeout, longest)


def _resolve(host: str, port: int, timeout: float | None) -> list[str]:
    """Return the addresses of a host; in a thread, since the system's resolver has no timeout."""
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

    thread = threading.Thread(target=ask, name="ibmq-resolve", daemon=True)
    thread.start()
    thread.join(timeout)
    if not answer:
        raise httpcore.ConnectTimeout(f"The name {host} was not resolved in time.")
    if isinstance(answer[0], list):
        return answer[0]
    failure = httpcore.ConnectError(str(answer[0]))
    try:
        raise failure
    finally:
        failure.__context__ = answer[0]  # httpcore would remove a cause
