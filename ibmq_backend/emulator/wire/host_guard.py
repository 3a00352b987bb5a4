"""Host and origin checks against DNS rebinding.

A web page cannot read the replies of another site, but it can have its own name resolve to
127.0.0.1 (DNS rebinding). The browser then sends that name as ``Host`` and the address of the page
as ``Origin``; clients of the service never send either.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Final

from starlette.requests import HTTPConnection

_MAX_SHOWN: Final = 200


class HostGuard:
    """Check of the headers ``Host`` and ``Origin``.

    IP addresses, ``localhost`` and its subdomains are always accepted as the host, since a web page
    cannot have one of these names.

    Args:
        names: further host names of the server; ``*.example.org`` matches all subdomains of
            ``example.org``.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in names)
        self._last_accepted = ""

    def find_error(self, connection: HTTPConnection) -> str | None:
        """Return why a request is rejected; None when it is accepted."""
        authority = connection.headers.get("host", "")
        if authority and authority != self._last_accepted:
            host = _host_of(authority)
            if not self._accepts(host):
                return (
                    f"The host name {host[:_MAX_SHOWN]!r} is not accepted. "
                    f"To accept it, start the server with --allowed-host {host[:_MAX_SHOWN]!r}."
                )
            self._last_accepted = authority  # most requests name the same host
        origins = connection.headers.getlist("origin")
        own = {f"http://{authority}".lower(), f"https://{authority}".lower()}
        for origin in origins:
            if not authority or origin.lower() not in own:
                return f"Requests from web pages of {origin[:_MAX_SHOWN]!r} are not accepted."
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


def get_machine_names() -> frozenset[str]:
    """Return the network names of this machine."""
    return frozenset({socket.gethostname(), socket.getfqdn()})


def _host_of(authority: str) -> str:
    """Return the host of ``host:port``, in lower case and without the brackets of IPv6."""
    address, bracket, rest = authority.removeprefix("[").partition("]")
    if bracket and authority.startswith("[") and (not rest or rest.startswith(":")):
        return address.lower()
    return authority.partition(":")[0].lower().rstrip(".")
