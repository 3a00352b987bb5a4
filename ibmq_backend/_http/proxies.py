"""Which proxy leads to which host: from the settings of an account, else from the environment."""

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
"""Request extension: the setting that names the proxy through which the request goes."""

_PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
_ROUTED_SCHEMES: Final = ("http", "https", "all")
_LOOPBACK_PATTERNS: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@frozen
class ProxyAddress:
    """The address of a proxy as a setting has it.

    Attributes:
        setting: name of the setting, for errors.
        text: the address; ``http://`` may be missing. It may hold a password.
    """

    setting: str
    text: str = field(repr=lambda _: HIDDEN)

    def url(self) -> httpx.URL:
        """Return the address.

        Raises:
            IBMQAccountValueError: it is not the address of a proxy.
        """
        try:
            url = parse_url(self.text if "://" in self.text else f"http://{self.text}")
            if url.scheme not in _PROXY_SCHEMES:
                raise ValueError(f"it begins with none of {', '.join(_PROXY_SCHEMES)}")
        except ValueError as error:
            raise IBMQAccountValueError(
                f"{self.setting} is not the address of a proxy: {error}. "
                "Write it as 'http://host:port', or leave it out."
            ) from None
        if url.password:
            register_secret(url.password)
        return url


Routes = Mapping[str, ProxyAddress | None]
"""URL patterns as httpx takes them for ``mounts`` to the proxy; ``None`` = straight to the host."""


def check_proxies(proxies: Mapping[str, Any] | None) -> None:
    """Accept the documented form with usable addresses and nothing else.

    Raises:
        IBMQAccountValueError: names the entry that is wrong.
        ApiNotSupported: NTLM credentials for the proxy.
    """
    if proxies is None:
        return
    if not isinstance(proxies, Mapping) or not isinstance(proxies.get("urls", {}), Mapping):
        raise IBMQAccountValueError(
            "proxies has to be of the form {'urls': {'https': 'http://host:port'}}, one address "
            "per scheme."
        )
    if proxies.get("username_ntlm") or proxies.get("password_ntlm"):
        raise ApiNotSupported(
            "proxies asks for NTLM authentication ('username_ntlm', 'password_ntlm'), which is not "
            "supported. Run a local NTLM-capable proxy such as cntlm or px and give its address in "
            "'urls'."
        )
    unknown = set(proxies) - {"urls", "username_ntlm", "password_ntlm"}
    if unknown:
        raise IBMQAccountValueError(
            f"proxies has {len(unknown)} unknown keys: it takes 'urls', as in "
            "{'urls': {'https': 'http://host:port'}}."
        )
    for key, address in proxies.get("urls", {}).items():
        if not isinstance(key, str) or not isinstance(address, str):
            raise IBMQAccountValueError("proxies['urls'] has to map text to text.")
    for proxy in routes_of(proxies).values():
        if proxy is not None:
            proxy.url()


def routes_of(proxies: Mapping[str, Any]) -> Routes:
    """Return the routes of proxies in the documented form; other schemes are left out.

    Raises:
        IBMQAccountValueError: a key names a host that cannot be one.
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
            f"proxies['urls'] has a key that cannot be used: {error}. Keys are 'http', 'https' "
            "and 'all', alone or with a host as in 'https://host'."
        ) from None
    return key


def environment_routes() -> Routes:
    """Return the routes of ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``.

    Addresses are checked when they are used. Entries of ``NO_PROXY`` that name no host match
    none, as everywhere.
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
