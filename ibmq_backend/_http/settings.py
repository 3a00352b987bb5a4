"""One set of network settings for every hop: login, API, object storage."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.request import getproxies

import httpx
from attrs import field, frozen, validators

from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend.exceptions import ApiNotSupported
from ibmq_backend.redact import redact, register_secret

_LOOPBACK_PATTERNS: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def _check_proxies(_settings: object, _field: object, value: Mapping[str, Any] | None) -> None:
    """Accept the documented form and nothing else."""
    if value is None:
        return
    if not isinstance(value, Mapping) or not isinstance(value.get("urls", {}), Mapping):
        raise ValueError(
            "Proxies are given as {'urls': {'https': 'http://host:port'}}, one address per scheme."
        )
    if value.get("username_ntlm") or value.get("password_ntlm"):
        raise ApiNotSupported(
            "NTLM proxy authentication ('username_ntlm', 'password_ntlm') is not supported. "
            "Run a local NTLM-capable proxy such as cntlm or px and give its address in 'urls'."
        )
    unknown = set(value) - {"urls", "username_ntlm", "password_ntlm"}
    if unknown:
        raise ValueError(f"Proxies have unknown keys: {', '.join(sorted(map(str, unknown)))}.")
    for scheme, address in value.get("urls", {}).items():
        if not isinstance(scheme, str) or not isinstance(address, str) or not address:
            raise ValueError("Every proxy is text: a scheme and an address.")
        if (password := httpx.URL(_with_scheme(address)).password) is not None:
            register_secret(password)


def _shown(value: object) -> str:
    return redact(repr(value))


def _verify_of(value: bool | str | os.PathLike[str]) -> bool | str:
    return value if isinstance(value, bool) else os.fspath(value)


def _check_verify(_settings: object, _field: object, value: bool | str) -> None:
    if isinstance(value, str) and not Path(value).exists():
        raise ValueError(f"verify names a certificate file or folder that is not there: {value}")


@frozen
class NetworkSettings:
    """How to reach a service. The same values hold for every host a client talks to.

    The environment is looked at only while ``trust_env`` is true and only for proxies
    (``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``; never for this machine's own
    addresses) and certificates (``SSL_CERT_FILE``, ``SSL_CERT_DIR``).

    Attributes:
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next bytes of a reply.
        write_timeout: seconds to wait until the next bytes of a request are taken.
        pool_timeout: seconds to wait for a free connection of the pool.
        proxies: ``{"urls": {scheme: address}}``, the documented form. Schemes are ``http``,
            ``https``, ``all`` or with a host, ``https://host``; they count for every host,
            this machine included, and switch the proxies of the environment off.
        verify: False accepts any certificate; text is the path of a file or folder with the
            certificates to trust.
        trust_env: see above.
        allow_plain_http: send tokens over unencrypted connections to other machines as well.
        retry: limits of retrying.

    Raises:
        ValueError: a value makes no sense.
        ApiNotSupported: NTLM credentials for the proxy.
    """

    connect_timeout: float = field(default=10.0, validator=validators.gt(0.0))
    read_timeout: float = field(default=60.0, validator=validators.gt(0.0))
    write_timeout: float = field(default=60.0, validator=validators.gt(0.0))
    pool_timeout: float = field(default=30.0, validator=validators.gt(0.0))
    proxies: Mapping[str, Any] | None = field(default=None, validator=_check_proxies, repr=_shown)
    verify: bool | str = field(
        default=True,
        converter=_verify_of,
        validator=_check_verify,
    )
    trust_env: bool = True
    allow_plain_http: bool = False
    retry: RetryPolicy = field(factory=RetryPolicy)

    def timeout(self) -> httpx.Timeout:
        """Return the four timeouts; none of them is ever missing."""
        return httpx.Timeout(
            connect=self.connect_timeout,
            read=self.read_timeout,
            write=self.write_timeout,
            pool=self.pool_timeout,
        )

    def ssl_context(self) -> ssl.SSLContext:
        """Return the TLS context for these settings; made once, since that costs 20 ms."""
        return _ssl_context(self.verify, self.trust_env)

    def proxy_routes(self) -> dict[str, str | None]:
        """Return which addresses go through which proxy.

        Returns:
            URL patterns as httpx takes them for ``mounts`` to the proxy's address; ``None`` =
            straight to the host.
        """
        urls = (self.proxies or {}).get("urls")
        if urls:
            return {
                (scheme if "://" in scheme else f"{scheme}://"): _with_scheme(address)
                for scheme, address in urls.items()
                if scheme.partition(":")[0] in ("http", "https", "all")
            }
        return _environment_routes() if self.trust_env else {}


@lru_cache(maxsize=8)
def _ssl_context(verify: bool | str, trust_env: bool) -> ssl.SSLContext:
    if isinstance(verify, bool):
        return httpx.create_ssl_context(verify=verify, trust_env=trust_env)
    if Path(verify).is_dir():
        return ssl.create_default_context(capath=verify)
    return ssl.create_default_context(cafile=verify)


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"http://{address}"


def _environment_routes() -> dict[str, str | None]:
    known = getproxies()
    exceptions = [host.strip() for host in known.get("no", "").split(",") if host.strip()]
    if "*" in exceptions:
        return {}
    routes: dict[str, str | None] = {
        f"{scheme}://": _with_scheme(known[scheme])
        for scheme in ("http", "https", "all")
        if known.get(scheme)
    }
    if routes:
        routes.update({_bypass_pattern(host): None for host in exceptions})
        routes.update(dict.fromkeys(_LOOPBACK_PATTERNS))
    return routes


def _bypass_pattern(host: str) -> str:
    if "://" in host:
        return host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"all://{host}" if host.lower() == "localhost" else f"all://*{host}"
    return f"all://[{host}]" if address.version == 6 else f"all://{host}"


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
