"""A loopback server with faults at the socket level."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Act = Callable[[socket.socket], None]


TRICKLE_SECONDS = 0.05
"""The pause between two bytes of a trickling reply."""


def reply(status: str, body: bytes = b"", *headers: str) -> Act:
    """Return an act that sends a complete reply."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def act(connection: socket.socket) -> None:
        connection.sendall(data)

    return act


def json_reply(body: bytes, status: str = "200 OK") -> Act:
    return reply(status, body, "Content-Type: application/json")


def truncated(body: bytes, promised: int) -> Act:
    """Return an act that announces more bytes than it sends."""

    def act(connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {promised}\r\n\r\n".encode()
            + body
        )

    return act


def reset(connection: socket.socket) -> None:
    """Reset the connection after the request."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(_connection: socket.socket) -> None:
    """Close the connection after the request."""


@dataclass
class FaultyServer:
    """Plays one act for each connection; the last one repeats."""

    acts: list[Act]
    requests: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def stalled(self, head: bytes = b"") -> Act:
        """Return an act that sends ``head`` and then nothing until the end of the test."""

        def act(connection: socket.socket) -> None:
            connection.sendall(head)
            self.released.wait(30)

        return act

    def trickling(self, head: bytes = b"", byte: bytes = b"x") -> Act:
        """Return an act that sends ``head``, then single bytes until the client or test ends."""

        def act(connection: socket.socket) -> None:
            with suppress(OSError):
                connection.sendall(head)
                while not self.released.wait(TRICKLE_SECONDS):
                    connection.sendall(byte)

        return act


@contextmanager
def faulty_server(acts: Iterable[Act] = ()) -> Iterator[FaultyServer]:
    """Run the server on a free loopback port."""
    server = FaultyServer(list(acts))
    listener = socket.create_server(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def serve() -> None:
        turn = 0
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                request = _read_request(connection)
                if not request:
                    continue
                server.requests.append(request)
                act = server.acts[min(turn, len(server.acts) - 1)]
                turn += 1
                act(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        chunk = connection.recv(65536)
        if not chunk:
            break
        body += chunk
    return head + b"\r\n\r\n" + body


@contextmanager
def bare_server(talk: Act) -> Iterator[tuple[int, list[int]]]:
    """Run a server without HTTP; yield its port and the list of accepted connections."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[int] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            accepted.append(1)
            with connection, suppress(OSError):
                talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], accepted
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
