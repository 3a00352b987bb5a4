"""Proxy settings: from the account, or else from the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Final
from urllib.request import getproxies

import httpx
from attrs import field, frozen

from ibmq_backend._http.urls import parse_url
from ibmq_backend._secrets.redact import HIDDEN, register_secret
from ibmq_backend.exceptions import ApiNotSupported, IBMQAccountValueError

VIA_PROXY: Final = "ibmq_backend.via_proxy"
"""Request extension: name of the setting with the proxy of the request."""

_PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
_ROUTED_SCHEMES: Final = ("http", "https", "all")
_LOOPBACK_PATTERNS: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@frozen
class ProxyAddress:
    """The URL of a proxy in a setting.

    Attributes:
        setting: name of the setting, for errors.
        text: URL, possibly without ``http://`` and possibly with a password.
    """

    setting: str
    text: str = field(repr=lambda _: HIDDEN)

    def url(self) -> httpx.URL:
        """Return the URL.

        Raises:
            IBMQAccountValueError: the text is not the URL of a proxy.
        """
        try:
            url = parse_url(self.text if "://" in self.text else f"http://{self.text}")
            if url.scheme not in _PROXY_SCHEMES:
                raise ValueError(f"its scheme is not one of {', '.join(_PROXY_SCHEMES)}")
        except ValueError as error:
            raise IBMQAccountValueError(
                f"{self.setting} is not the URL of a proxy: {error}. "
                "Write it as 'http://host:port', or leave it out."
            ) from None
        if url.password:
            register_secret(url.password)
        return url


Routes = Mapping[str, ProxyAddress | None]
"""Proxy of each URL pattern in the form of httpx's ``mounts``; ``None`` to connect directly."""


def check_proxies(proxies: Mapping[str, Any] | None) -> None:
    """Check that proxies have the documented form and valid URLs.

    Raises:
        IBMQAccountValueError: an entry is wrong; the message names it.
        ApiNotSupported: NTLM credentials for the proxy are given.
    """
    if proxies is None:
        return
    if not isinstance(proxies, Mapping) or not isinstance(proxies.get("urls", {}), Mapping):
        raise IBMQAccountValueError(
            "proxies must have the form {'urls': {'https': 'http://host:port'}}, with one URL for "
            "each scheme."
        )
    if proxies.get("username_ntlm") or proxies.get("password_ntlm"):
        raise ApiNotSupported(
            "proxies asks for NTLM authentication ('username_ntlm', 'password_ntlm'), which is not "
            "supported. Run a local NTLM-capable proxy such as cntlm or px and set its URL in "
            "'urls'."
        )
    unknown = set(proxies) - {"urls", "username_ntlm", "password_ntlm"}
    if unknown:
        raise IBMQAccountValueError(
            f"proxies has {len(unknown)} unknown keys. Use 'urls', as in "
            "{'urls': {'https': 'http://host:port'}}."
        )
    for key, address in proxies.get("urls", {}).items():
        if not isinstance(key, str) or not isinstance(address, str):
            raise IBMQAccountValueError("Keys and values of proxies['urls'] must be text.")
    for proxy in routes_of(proxies).values():
        if proxy is not None:
            proxy.url()


def routes_of(proxies: Mapping[str, Any]) -> Routes:
    """Return the routes of proxies in the documented form; unknown schemes are left out.

    Raises:
        IBMQAccountValueError: a key contains an invalid host.
    """
    return {
        _pattern(key): ProxyAddress(f"proxies['urls'][{key.partition('://')[0]!r}]", address)
        for key, address in proxies.get("urls", {}).items()
        if key.partition(":")[0] in _ROUTED_SCHEMES
    }


def _pattern(key: str) -> str:
    if key in _ROUTED_SCHEMES:
        return f"{key}://"
    if key.partition("://")[1:] == ("://", ""):
        return key
    try:
        parse_url(key)
    except ValueError as error:
        raise IBMQAccountValueError(
            f"proxies['urls'] has an invalid key: {error}. Use 'http', 'https' or 'all', alone or "
            "with a host as in 'https://host'."
        ) from None
    return key


def environment_routes() -> Routes:
    """Return the routes of ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``.

    URLs are checked when they are used. Entries of ``NO_PROXY`` that are not valid hosts are
    ignored.
    """
    known = getproxies()
    exceptions = [host.strip() for host in known.get("no", "").split(",") if host.strip()]
    if "*" in exceptions:
        return {}
    routes: dict[str, ProxyAddress | None] = {
        f"{scheme}://": ProxyAddress(
            f"The environment variable {scheme.upper()}_PROXY", known[scheme]
        )
        for scheme in _ROUTED_SCHEMES
        if known.get(scheme)
    }
    if routes:
        routes.update((pattern, None) for host in exceptions if (pattern := _bypass_pattern(host)))
        routes.update(dict.fromkeys(_LOOPBACK_PATTERNS))
    return routes


def _bypass_pattern(host: str) -> str | None:
    if "://" in host:
        pattern = host
    else:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            pattern = f"all://{host}" if host.lower() == "localhost" else f"all://*{host}"
        else:
            pattern = f"all://[{host}]" if address.version == 6 else f"all://{host}"
    try:
        parse_url(pattern)
    except ValueError:
        return None
    return pattern
