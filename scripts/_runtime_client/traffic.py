"""What the client sends, led to the emulator and observed, in the library under it.

The client itself is left as it came and means to speak to the service: it asks the hosts of the
service by their names. The hook in ``requests`` sends every request to the emulator instead and
keeps the name of the host in its header, so that the emulator sees the region.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

HOSTS = {
    "iam.cloud.ibm.com",
    "api.global-search-tagging.cloud.ibm.com",
    "globalcatalog.cloud.ibm.com",
    "quantum.cloud.ibm.com",
    "eu-de.quantum.cloud.ibm.com",
}


@dataclass
class Seen:
    """What went over the wire while it was watched.

    Attributes:
        requests: Method, host, path, query and status of every request, in order.
        headers: The headers of the last request to each path.
        bodies: The body of the last request to each path.
    """

    requests: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)

    def paths(self, method: str) -> list[str]:
        """The paths of all requests of a method, in order."""
        return [one[2] for one in self.requests if one[0] == method]

    def count(self, method: str, ending: str) -> int:
        """How many requests of this method went to a path with this ending."""
        return sum(path.endswith(ending) for path in self.paths(method))


_watching: list[Seen] = []


@contextmanager
def watched() -> Iterator[Seen]:
    """Observe the client inside the ``with`` block."""
    seen = Seen()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


@contextmanager
def redirected(root: str) -> Iterator[None]:
    """Lead all requests of this process to the emulator at ``root``."""
    send, there = requests.Session.send, urlsplit(root)

    def send_there(self: Any, request: Any, **options: Any) -> Any:
        asked = urlsplit(request.url)
        if asked.hostname not in HOSTS:
            raise requests.ConnectionError(f"{asked.hostname} is no host of the service")
        request.headers["Host"] = asked.netloc
        request.url = urlunsplit((there.scheme, there.netloc, asked.path, asked.query, ""))
        reply = send(self, request, **options)
        for seen in _watching:
            seen.requests.append(
                (request.method, asked.hostname, asked.path, asked.query, reply.status_code)
            )
            seen.headers[asked.path] = dict(request.headers)
            seen.bodies[asked.path] = request.body
        return reply

    requests.Session.send = send_there
    try:
        yield
    finally:
        requests.Session.send = send
