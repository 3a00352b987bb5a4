"""Rate limit for wrong logins from a client address, against guessing of API tokens.

The reply to a wrong login is held back: for 0.1 s, after the third wrong one from an address twice
as long each time, up to 5 s. While a few replies to an address are held back, further logins from
it are refused before their token is looked at, so guessing in parallel gains nothing.
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
DOUBLED_AFTER: Final = 3
"""How many wrong logins are held back for the first delay only."""

MAX_HELD_REPLIES: Final = 4
FORGET_SECONDS: Final = 600.0
MAX_ADDRESSES: Final = 1000
_IPV6_NETWORK: Final = 64


@dataclass
class _Client:
    failures: int = 0
    last: float = 0.0
    held_until: list[float] = field(default_factory=list)


class LoginGuard:
    """Counts wrong logins; may be used from any thread.

    Args:
        clock: seconds on a clock that never goes back.
        sleep: waits so many seconds of that clock.
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

    def examine(
        self,
        address: str | None,
        function: Callable[[Unpack[_Arguments]], _T],
        *arguments: *_Arguments,
    ) -> _T:
        """Call a function that looks at a token.

        Args:
            address: IP address of the client.
            function: raises :class:`WrongLogin` for a wrong token.
            *arguments: passed to the function.

        Raises:
            TooManyLogins: function was not called.
            WrongLogin: from the function, with the delay of the reply.
        """
        network = _network(address)
        self._admit(network)
        try:
            return function(*arguments)
        except WrongLogin as wrong:
            wrong.delay_seconds = self._count(network)
            raise

    async def hold_back(self, wrong: WrongLogin) -> None:
        """Wait as long as the reply to a wrong login is held back."""
        await self._sleep(wrong.delay_seconds)

    def _admit(self, network: str) -> None:
        with self._lock:
            client, now = self._clients.get(network), self._clock()
            if client is None:
                return
            client.held_until = [until for until in client.held_until if until > now]
            if len(client.held_until) >= MAX_HELD_REPLIES:
                raise TooManyLogins(max(1, math.ceil(min(client.held_until) - now)))

    def _count(self, network: str) -> float:
        with self._lock:
            now = self._clock()
            client = self._clients.setdefault(network, _Client())
            if now - client.last > FORGET_SECONDS:
                client.failures = 0
            client.failures += 1
            client.last = now
            doublings = min(max(0, client.failures - DOUBLED_AFTER), 16)
            delay = min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * (1 << doublings))
            client.held_until.append(now + delay)
            self._clients.move_to_end(network)
            while len(self._clients) > MAX_ADDRESSES:
                self._clients.popitem(last=False)
            failures = client.failures
        if failures & (failures - 1) == 0:  # a power of two, so that guessing cannot fill the log
            _log.warning("%d wrong login%s from %s", failures, "s" * (failures > 1), network)
        return delay


def _network(address: str | None) -> str:
    """Return what one client can choose its addresses from: of IPv6, the first half."""
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
    network = ipaddress.ip_network((parsed.packed, _IPV6_NETWORK), strict=False)
    return str(network)
