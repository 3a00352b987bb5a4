"""Send the client's requests to the emulator, and record them.

The client is unmodified and asks the hosts of the service by name. A hook in ``requests``, the
library below it, sends every request to the emulator and keeps the ``Host`` header, by which the
emulator knows the region.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests

HOSTS = {
    "iam.cloud.ibm.com",
    "api.global-search-tagging.cloud.ibm.com",
    "globalcatalog.cloud.ibm.com",
    "quantum.cloud.ibm.com",
    "eu-de.quantum.cloud.ibm.com",
}


class Exchange(NamedTuple):
    """A request and the status of its reply."""

    method: str
    host: str
    path: str
    status: int
    headers: dict[str, str]


@dataclass
class Seen:
    """The exchanges of a ``with watched()`` block, in order."""

    exchanges: list[Exchange] = field(default_factory=list)

    def count(self, method: str, ending: str) -> int:
        """Return the number of requests of a method to paths with an ending."""
        return sum(one.method == method and one.path.endswith(ending) for one in self.exchanges)


_watching: list[Seen] = []


@contextmanager
def watched() -> Iterator[Seen]:
    """Record the client's requests inside the ``with`` block."""
    seen = Seen()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


@contextmanager
def redirected(root: str) -> Iterator[None]:
    """Send all requests of this process to the emulator at ``root``."""
    send, emulator = requests.Session.send, urlsplit(root)

    def send_to_emulator(self: Any, request: Any, **options: Any) -> Any:
        url = urlsplit(request.url)
        if url.hostname not in HOSTS:
            raise requests.ConnectionError(f"{url.hostname} is not a host of the service")
        request.headers["Host"] = url.netloc
        request.url = urlunsplit((emulator.scheme, emulator.netloc, url.path, url.query, ""))
        reply = send(self, request, **options)
        headers = dict(request.headers)
        exchange = Exchange(request.method, url.hostname, url.path, reply.status_code, headers)
        for seen in _watching:
            seen.exchanges.append(exchange)
        return reply

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", send_to_emulator)
        yield
