"""Builds HTTP clients: with a token for the API, without one for object storage."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Mapping

import httpx

from ibmq_backend._http.bounded_network import BoundedTransport
from ibmq_backend._http.errors import raise_for_error_status, remember_response
from ibmq_backend._http.operations import FindOperation
from ibmq_backend._http.proxies import VIA_PROXY, ProxyAddress
from ibmq_backend._http.retry_transport import COMPRESSIONS, RetryTransport
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend._secrets.redact import guard_foreign_loggers
from ibmq_backend.exceptions import ApiNotSupported

_TRANSPORTS_OF_PARENT: list[httpx.HTTPTransport | None] = []
"""Transports of the parent process, kept to avoid warnings about open sockets."""


class DirectTransport(httpx.BaseTransport):
    """Opens connections when they are first needed, and loads certificates only for TLS."""

    def __init__(self, settings: NetworkSettings, proxy: ProxyAddress | None = None) -> None:
        self._settings = settings
        self._timeouts = settings.timeout().as_dict()
        self._proxy = proxy
        self._start()

    def _start(self) -> None:
        """Start without connections."""
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._plain: httpx.HTTPTransport | None = None
        self._encrypted: httpx.HTTPTransport | None = None

    def _open(self, *, encrypted: bool) -> httpx.HTTPTransport:
        context = self._settings.ssl_context() if encrypted else None
        return BoundedTransport(context, self._httpx_proxy())

    def _httpx_proxy(self) -> httpx.Proxy | None:
        if self._proxy is None:
            return None
        url = self._proxy.url()
        if url.scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
            raise ApiNotSupported(
                f"{self._proxy.setting} names a SOCKS proxy, which needs another package: "
                "pip install socksio."
            )
        context = self._settings.ssl_context() if url.scheme == "https" else None
        return httpx.Proxy(url, ssl_context=context)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request once; a forked process opens its own connections.

        Timeouts that the request does not have are taken from the settings.

        Raises:
            IBMQAccountValueError: the proxy or the certificates of the settings cannot be used.
            ApiNotSupported: the proxy needs a package that is not installed.
        """
        if self._process != os.getpid():
            # Not closed: the parent process still uses them.
            _TRANSPORTS_OF_PARENT.extend((self._plain, self._encrypted))
            self._start()
        with self._lock:
            if request.url.scheme == "https":
                transport = self._encrypted = self._encrypted or self._open(encrypted=True)
            else:
                transport = self._plain = self._plain or self._open(encrypted=False)
        stated = request.extensions.get("timeout", {})
        timeout = {
            hop: default if stated.get(hop) is None else stated[hop]
            for hop, default in self._timeouts.items()
        }
        request.extensions = {**request.extensions, "timeout": timeout}
        if self._proxy is not None:
            request.extensions = {**request.extensions, VIA_PROXY: self._proxy.setting}
        return transport.handle_request(request)

    def close(self) -> None:
        """Close all connections except those of the parent process."""
        if self._process != os.getpid():
            return
        for transport in {self._plain, self._encrypted} - {None}:
            if transport is not None:
                transport.close()


def build_client(
    settings: NetworkSettings,
    *,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    auth: httpx.Auth | None = None,
    operation_of: FindOperation,
    leaf: httpx.BaseTransport | None = None,
    expected: bool = True,
    timing: Timing | None = None,
) -> httpx.Client:
    """Return a client with these settings that raises ``ApiStatusError`` from status 400 on.

    Redirects are not followed, since a token must not be sent to an unknown host.

    Args:
        settings: timeouts, proxies, certificates and retries.
        base_url: prefix of relative URLs.
        headers: headers of all requests.
        auth: adds the token; ``None`` for object storage.
        operation_of: returns the operation of a request, which determines retries.
        leaf: transport to use instead of network connections.
        expected: True if the service is known to exist; otherwise few attempts are made until it
            has answered.
        timing: clock and sleep function; by default those of this machine.
    """
    guard_foreign_loggers()

    def wrapped(inner: httpx.BaseTransport) -> httpx.BaseTransport:
        time = timing or Timing()
        return RetryTransport(
            inner,
            settings,
            operation_of,
            clock=time.clock,
            sleep=time.sleep,
            expected=expected,
        )

    mounts: dict[str, httpx.BaseTransport | None] = {}
    if leaf is None:
        mounts = {
            pattern: None if proxy is None else wrapped(DirectTransport(settings, proxy))
            for pattern, proxy in settings.proxy_routes().items()
        }
    return httpx.Client(
        base_url=base_url,
        headers={"Accept-Encoding": ", ".join(COMPRESSIONS), **(headers or {})},
        auth=auth,
        timeout=settings.timeout(),
        transport=wrapped(leaf or DirectTransport(settings)),
        mounts=mounts,
        follow_redirects=False,
        trust_env=False,  # the settings have already read it
        event_hooks={"response": [remember_response, raise_for_error_status]},
    )
