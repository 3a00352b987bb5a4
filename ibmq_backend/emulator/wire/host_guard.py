"""Host and origin checks against DNS rebinding.

A web page cannot read the replies of another site, but it can have its own name resolve to
127.0.0.1 (DNS rebinding). The browser then sends that name as ``Host``, and the page's address as
``Origin``; neither is ever that of a program that uses the service.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Final

from starlette.requests import HTTPConnection

_SHOWN: Final = 200


class HostGuard:
    """Refuses requests that were sent to another name, or by the page of another site.

    IP addresses, ``localhost`` and its subdomains are always accepted as the host: a page cannot
    take one of them as its own name.

    Args:
        names: further names under which the server is reached; ``*.example.org`` stands for all
            names below ``example.org``.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in names)

    def refusal(self, connection: HTTPConnection) -> str | None:
        """Return why a request is refused; None when it is accepted."""
        authority = connection.headers.get("host", "")
        origins = connection.headers.getlist("origin")
        host = _host_of(authority)
        if authority and not self._accepts(host):
            return (
                f"This server is not called {host[:_SHOWN]!r}. "
                f"Start it with --allowed-host {host[:_SHOWN]!r} if it is."
            )
        own = {f"http://{authority}".lower(), f"https://{authority}".lower()}
        for origin in origins:
            if not authority or origin.lower() not in own:
                return f"Requests from pages of {origin[:_SHOWN]!r} are not accepted."
        return None

    def _accepts(self, host: str) -> bool:
        if host == "localhost" or host.endswith(".localhost") or host in self._names:
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            parents = host.split(".")[1:]
            return any(
                f"*.{'.'.join(parents[start:])}" in self._names for start in range(len(parents))
            )
        return True


def names_of_machine() -> frozenset[str]:
    """Return the names that this machine has in its network."""
    return frozenset({socket.gethostname(), socket.getfqdn()})


def _host_of(authority: str) -> str:
    """Return the host of ``host:port``, in lower case and without the brackets of IPv6."""
    address, bracket, rest = authority.removeprefix("[").partition("]")
    if bracket and authority.startswith("[") and (not rest or rest.startswith(":")):
        return address.lower()
    return authority.partition(":")[0].lower().rstrip(".")
