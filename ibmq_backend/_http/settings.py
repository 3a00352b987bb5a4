"""Network settings for all requests: login, API and object storage."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Any, Final

import httpx
from attrs import Attribute, field, frozen

from ibmq_backend._http.certificates import ssl_context
from ibmq_backend._http.operations import Operation
from ibmq_backend._http.proxies import Routes, check_proxies, environment_routes, routes_of
from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._secrets.redact import redact
from ibmq_backend.exceptions import IBMQAccountValueError

MAX_SECONDS: Final = 2_000_000.0
"""Longest time limit: a little less than the longest wait of the operating system."""


def _check_seconds(_settings: object, attribute: Attribute[float], value: object) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0.0 < value <= MAX_SECONDS
    ):
        raise IBMQAccountValueError(
            f"{attribute.name} must be a number of seconds above 0 and up to {MAX_SECONDS:.0f}, "
            f"not {value!r}."
        )


def _check_proxies(_settings: object, _field: object, value: Mapping[str, Any] | None) -> None:
    check_proxies(value)


def _shown(value: object) -> str:
    return redact(repr(value))


def _verify_of(value: bool | str | os.PathLike[str]) -> bool | str:
    if isinstance(value, bool):
        return value
    try:
        return os.fsdecode(value)
    except TypeError:
        raise IBMQAccountValueError(
            "verify must be True, False, or the path of a file or folder with certificates, not "
            f"{type(value).__name__}."
        ) from None


def _check_verify(_settings: object, _field: object, value: bool | str) -> None:
    if isinstance(value, str):
        ssl_context(value, trust_env=False)


def _seconds(default: float) -> Any:
    return field(default=default, validator=_check_seconds)


@frozen
class NetworkSettings:
    """Settings of the connections to a service; they apply to all hosts of a client.

    The environment is read only if ``trust_env`` is true, and only for proxies (``HTTP_PROXY``,
    ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``; never for addresses of this machine) and
    certificates (``SSL_CERT_FILE``, ``SSL_CERT_DIR``).

    Attributes:
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next bytes of a reply.
        write_timeout: seconds to wait until the next bytes of a request are accepted.
        pool_timeout: seconds to wait for a free connection of the pool.
        document_seconds: total seconds for one attempt, from connecting to the last byte of the
            reply.
        transfer_seconds: total seconds for an attempt that transfers the circuits or the result of
            a job; the default allows 100 MB at half a megabit per second.
        proxies: proxies in the documented form ``{"urls": {scheme: URL}}``. Schemes are ``http``,
            ``https`` and ``all``, alone or with a host as in ``https://host``. They apply to all
            hosts including this machine, and replace the proxies of the environment.
        verify: False to accept any certificate, or the path of a file or folder with the
            certificates to trust.
        trust_env: read proxies and certificates from the environment.
        allow_plain_http: allow tokens on unencrypted connections to other machines.
        retry: limits of retries.

    Raises:
        IBMQAccountValueError: a value cannot be used; the message names the setting.
        ApiNotSupported: NTLM credentials for the proxy are given.
    """

    connect_timeout: float = _seconds(10.0)
    read_timeout: float = _seconds(60.0)
    write_timeout: float = _seconds(60.0)
    pool_timeout: float = _seconds(30.0)
    document_seconds: float = _seconds(120.0)
    transfer_seconds: float = _seconds(1800.0)
    proxies: Mapping[str, Any] | None = field(default=None, validator=_check_proxies, repr=_shown)
    verify: bool | str = field(default=True, converter=_verify_of, validator=_check_verify)
    trust_env: bool = True
    allow_plain_http: bool = False
    retry: RetryPolicy = field(factory=RetryPolicy)

    def timeout(self) -> httpx.Timeout:
        """Return the four timeouts, all of which are set."""
        return httpx.Timeout(
            connect=self.connect_timeout,
            read=self.read_timeout,
            write=self.write_timeout,
            pool=self.pool_timeout,
        )

    def seconds_for(self, operation: Operation) -> float:
        """Return the total seconds for one attempt of an operation."""
        return self.transfer_seconds if operation.is_transfer else self.document_seconds

    def ssl_context(self) -> ssl.SSLContext:
        """Return the TLS context for these settings.

        Raises:
            IBMQAccountValueError: the certificates cannot be read; the message names the setting.
        """
        return ssl_context(self.verify, self.trust_env)

    def proxy_routes(self) -> Routes:
        """Return the proxy of each URL pattern."""
        if (self.proxies or {}).get("urls"):
            return routes_of(self.proxies or {})
        return environment_routes() if self.trust_env else {}
