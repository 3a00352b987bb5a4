"""A client on sockets, which sees how a connection ends."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 30.0
SILENCE = 0.2


@dataclass
class Wire:
    """A connection and the bytes received so far."""

    end: socket.socket
    received: bytes = b""

    def read(self, seconds: float = PATIENCE) -> str:
        """Read to the end; return ``closed``, ``reset``, or ``silent`` if no end comes in time."""
        self.end.settimeout(seconds)
        try:
            while part := self.end.recv(65_536):
                self.received += part
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return "silent"
        return "closed"

    def read_until(self, wanted: bytes) -> None:
        """Read until the received bytes contain a text."""
        self.end.settimeout(PATIENCE)
        while wanted not in self.received:
            part = self.end.recv(65_536)
            assert part, f"ended after {self.received!r}"
            self.received += part

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def promised(self) -> int:
        head = self.received.partition(b"\r\n\r\n")[0].lower()
        return int(head.partition(b"content-length:")[2].split()[0])

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.end.close()


def connect(url: str) -> Wire:
    parts = urlsplit(url)
    return Wire(socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE))


def send(url: str, method: str, path: str, body: bytes = b"", **headers: str) -> Wire:
    """Send a request and return the connection."""
    wire = connect(url)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    wire.end.sendall("\r\n".join(lines).encode() + body)
    return wire


def announce(url: str, path: str, size: int, method: str = "PUT", **headers: str) -> Wire:
    """Send the head of a request and the first bytes of its body."""
    wire = connect(url)
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {size}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    wire.end.sendall("\r\n".join([*lines, "", ""]).encode() + b" " * min(size, 1000))
    return wire
