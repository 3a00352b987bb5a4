"""Block connections to other machines during a test."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
import pytest_socket
from pytest_socket import SocketConnectBlockedError, is_ipaddress, socket_allow_hosts

_LOCAL_NAMES: Final = ("localhost", "localhost.localdomain", "ip6-localhost")
_LOCAL_NETWORKS: Final = ("127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128")


class NetworkBlocked(RuntimeError):
    """A test tried to reach another machine; not an ``OSError``, which clients would retry."""


@contextmanager
def network_blocked(reason: str) -> Iterator[None]:
    """Raise :class:`NetworkBlocked` for connections to other machines.

    pytest-socket checks the connections. Name lookups, which need a network too, are blocked here.

    Args:
        reason: why the network is blocked, for the message.
    """

    def blocked(host: object) -> NetworkBlocked:
        return NetworkBlocked(
            f"This test may not connect to {host!r}: {reason}. Replay the traffic with the fixture "
            "ibmq_cassette, use the emulator with local_ibmq, or allow the network for this test "
            "with @pytest.mark.ibmq_network."
        )

    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode(errors="replace") if isinstance(host, bytes) else host or ""
        if name and not is_ipaddress(name) and name.lower().rstrip(".") not in _LOCAL_NAMES:
            raise blocked(name)
        return look_up(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        # Set to its current value, so that the context restores it.
        patch.setattr(socket.socket, "connect", socket.socket.connect)
        socket_allow_hosts([*_LOCAL_NAMES, *_LOCAL_NETWORKS], allow_unix_socket=True)
        checked_connect = socket.socket.connect

        def guarded_connect(self: socket.socket, address: Any) -> None:
            try:
                checked_connect(self, address)
            except (SocketConnectBlockedError, UserWarning):  # raised if warnings are errors
                raise blocked(address[0]) from None

        def guarded_connect_ex(self: socket.socket, address: Any) -> int:
            try:
                self.connect(address)
            except socket.gaierror:
                raise
            except OSError as error:
                return error.errno or errno.EAGAIN  # a timeout has no number
            return 0

        lift = pytest_socket._remove_restrictions

        def lift_and_block() -> None:
            lift()
            socket.socket.connect = guarded_connect  # type: ignore[method-assign, assignment]

        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        # Its plugin calls this after each test, before the fixtures are torn down.
        patch.setattr(pytest_socket, "_remove_restrictions", lift_and_block)
        yield
