"""No connection leaves this machine: whoever tries is told, at once and in words."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

_NAMED: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", ""})


class NetworkBlocked(RuntimeError):
    """A test tried to reach another machine; no ``OSError``, which clients would try again."""


@contextmanager
def network_blocked(why: str) -> Iterator[None]:
    """Refuse every connection and name look-up that is not about this machine.

    Args:
        why: who said so, for the message.
    """

    def refuse(host: object) -> None:
        if not _is_here(host):
            raise NetworkBlocked(
                f"This test may not reach {host!r}: {why}. Replay the traffic with the fixture "
                "ibmq_cassette, use the emulator with local_ibmq, or let the test through with "
                "@pytest.mark.ibmq_network."
            )

    connect, connect_ex, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse(address[0])
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **options: Any) -> Any:
        refuse(host)
        return look_up(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


def _is_here(host: object) -> bool:
    if host is None:
        return True
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if name.lower().rstrip(".") in _NAMED:
        return True
    try:
        address = ipaddress.ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
