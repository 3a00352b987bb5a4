"""Builds the HTTP clients: one with a token for the API, one without for object storage."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Mapping

import httpx

from ibmq_backend._http.bounded_network import bound_waits
from ibmq_backend._http.errors import raise_for_error_status, remember_response
from ibmq_backend._http.operations import FindOperation
from ibmq_backend._http.proxies import VIA_PROXY, ProxyAddress
from ibmq_backend._http.retry_transport import PACKINGS, RetryTransport
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend._secrets.redact import guard_foreign_loggers
from ibmq_backend.exceptions import ApiNotSupported

_OF_THE_PARENT: list[httpx.HTTPTransport | None] = []
"""Connections that came along with a fork; collecting them would warn of open sockets."""


class DirectTransport(httpx.BaseTransport):
    """Opens connections when they are first needed, those with TLS when they are.

    Args:
        settings: certificates to trust.
        proxy: where the proxy is, ``None`` = straight to the host.
    """

    def __init__(self, settings: NetworkSettings, proxy: ProxyAddress | None = None) -> None:
        self._settings = settings
        self._proxy = proxy
        self._start()

    def _start(self) -> None:
        """Have no connection yet."""
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._plain: httpx.HTTPTransport | None = None
        self._encrypted: httpx.HTTPTransport | None = None

    def _open(self, *, verified: bool) -> httpx.HTTPTransport:
        verify = self._settings.ssl_context() if verified else False
        transport = httpx.HTTPTransport(verify=verify, proxy=self._httpx_proxy(), trust_env=False)
        return bound_waits(transport)

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
        """Make one attempt, in a forked process over connections of its own.

        A timeout that the request does not state is that of the settings: there is no waiting
        without one.

        Raises:
            IBMQAccountValueError: the proxy or the certificates of the settings cannot be used.
            ApiNotSupported: the proxy is of a kind that needs a package which is not installed.
        """
        if self._process != os.getpid():
            # Kept, not closed: the other process goes on talking over them.
            _OF_THE_PARENT.extend((self._plain, self._encrypted))
            self._start()
        with self._lock:
            if request.url.scheme == "https":
                transport = self._encrypted = self._encrypted or self._open(verified=True)
            else:
                transport = self._plain = self._plain or self._open(verified=False)
        stated = request.extensions.get("timeout", {})
        timeout = {
            hop: default if stated.get(hop) is None else stated[hop]
            for hop, default in self._settings.timeout().as_dict().items()
        }
        request.extensions = {**request.extensions, "timeout": timeout}
        if self._proxy is not None:
            request.extensions = {**request.extensions, VIA_PROXY: self._proxy.setting}
        return transport.handle_request(request)

    def close(self) -> None:
        """Close all connections; those of the process that this one was forked from stay."""
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

    Redirects are not followed: a token must not travel to a host nobody configured.

    Args:
        settings: timeouts, proxies, certificates, retrying.
        base_url: put before relative addresses.
        headers: sent with every request.
        auth: adds the token; none for object storage.
        operation_of: the operation of a request, which says how it may be treated.
        leaf: makes the attempts instead of a network connection.
        expected: the service is known to be there; otherwise a first connection that cannot be
            made is given up soon.
        timing: the clock and the sleep of this machine when left out.
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
        headers={"Accept-Encoding": ", ".join(PACKINGS), **(headers or {})},
        auth=auth,
        timeout=settings.timeout(),
        transport=wrapped(leaf or DirectTransport(settings)),
        mounts=mounts,
        follow_redirects=False,
        trust_env=False,  # the environment was looked at in the settings
        event_hooks={"response": [remember_response, raise_for_error_status]},
    )
