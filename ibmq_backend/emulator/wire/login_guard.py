"""Rate limit for wrong logins from a client address, against guessing of API tokens.

The reply to a wrong login is delayed by 0.1 s. After the third wrong login of an address the delay
doubles each time, up to 5 s. While four replies to an address are delayed, its further logins are
rejected without checking the token, so that parallel guessing has no advantage.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar, TypeVarTuple, Unpack

import anyio

from ibmq_backend.emulator.core.errors import TooManyLogins, WrongLogin

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")
_log: Final = logging.getLogger(__name__)

FIRST_DELAY_SECONDS: Final = 0.1
MAX_DELAY_SECONDS: Final = 5.0
UNDOUBLED_FAILURES: Final = 3
"""Wrong logins with the first delay; each further one doubles it."""

MAX_DELAYED_REPLIES: Final = 4
FORGET_SECONDS: Final = 600.0
MAX_ADDRESSES: Final = 1000
_IPV6_PREFIX_BITS: Final = 64


@dataclass
class _Client:
    failures: int = 0
    last: float = 0.0
    delayed_until: list[float] = field(default_factory=list)


class LoginGuard:
    """Thread-safe counter of wrong logins.

    Args:
        clock: returns the seconds of a monotonic clock.
        sleep: waits the given number of seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    def check_login(
        self,
        address: str | None,
        function: Callable[[Unpack[_Arguments]], _T],
        *arguments: *_Arguments,
    ) -> _T:
        """Call a function that checks a token.

        Args:
            address: IP address of the client.
            function: raises :class:`WrongLogin` for a wrong token.
            *arguments: arguments of the function.

        Raises:
            TooManyLogins: the client has to wait; the function was not called.
            WrongLogin: raised by the function; the delay of the reply is set.
        """
        network = _network(address)
        self._admit(network)
        try:
            return function(*arguments)
        except WrongLogin as wrong:
            wrong.delay_seconds = self._count(network)
            raise

    async def delay_reply(self, wrong: WrongLogin) -> None:
        """Wait for the delay of the reply to a wrong login."""
        await self._sleep(wrong.delay_seconds)

    def _admit(self, network: str) -> None:
        with self._lock:
            client, now = self._clients.get(network), self._clock()
            if client is None:
                return
            client.delayed_until = [until for until in client.delayed_until if until > now]
            if len(client.delayed_until) >= MAX_DELAYED_REPLIES:
                raise TooManyLogins(max(1, math.ceil(min(client.delayed_until) - now)))

    def _count(self, network: str) -> float:
        with self._lock:
            now = self._clock()
            client = self._clients.setdefault(network, _Client())
            if now - client.last > FORGET_SECONDS:
                client.failures = 0
            client.failures += 1
            client.last = now
            doublings = min(max(0, client.failures - UNDOUBLED_FAILURES), 16)
            delay = min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * (1 << doublings))
            client.delayed_until.append(now + delay)
            self._clients.move_to_end(network)
            while len(self._clients) > MAX_ADDRESSES:
                self._clients.popitem(last=False)
            failures = client.failures
        # A power of two, to limit the size of the log; the first ones may be typing errors.
        if failures > UNDOUBLED_FAILURES and failures & (failures - 1) == 0:
            _log.warning("%d wrong logins from %s", failures, network)
        return delay


def _network(address: str | None) -> str:
    """Return the address of a client; for IPv6 its /64 network, which a client can have."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "an unknown address"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if parsed.is_loopback:
        return str(parsed)
    network = ipaddress.ip_network((parsed.packed, _IPV6_PREFIX_BITS), strict=False)
    return str(network)
