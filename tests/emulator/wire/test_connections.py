"""Limits on connections: their number, their time, and which are closed first."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosed

from ibmq_backend.emulator.classic.handlers import stream
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http import server
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.wire import body, connections
from ibmq_backend.emulator.wire.connections import BoundedProtocol, connection_limits
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, sampler
from tests.support.emulator import Client, bell, error_of, login, until
from tests.support.engines import FakeEngine
from tests.support.raw_http import announce, connect, send


@pytest.fixture(scope="module")
def url(catalog: Catalog) -> Iterator[str]:
    """The URL of a service."""
    with LocalService(catalog=catalog, engine=FakeEngine(), prewarm=False) as service:
        yield service.url


@pytest.fixture
def crowded(make_service: ServiceMaker, monkeypatch: pytest.MonkeyPatch) -> LocalService:
    """A service with at most three connections."""
    monkeypatch.setattr(server, "connection_limits", lambda: (3, 16))
    return make_service()


def test_idle_connections_are_closed_first(crowded: LocalService) -> None:
    idle = [connect(crowded.url) for _ in range(10)]
    with send(crowded.url, "GET", "/version") as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 200
    assert idle[0].read() == "closed"
    for one in idle:
        one.end.close()


LOGIN = b"POST /users/loginWithToken HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
STREAM = (
    b"GET /jobs/x/status/v/1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.mark.parametrize("signed", [True, False])
def test_downloads_are_not_closed(crowded: LocalService, signed: bool) -> None:
    """Neither when read slowly nor when new connections arrive."""
    client, user = login(crowded), PlatformClient(crowded)
    headers: dict[str, str] = {}
    if signed:
        data = json.dumps({**bell(), "note": "x" * 20_000_000}).encode()
        address = client.json(f"P/Jobs/{client.submit(data)}/jobDownloadUrl")["url"]
        path = address.removeprefix(client.url)
    else:
        job_id = user.create(sampler(["x" * 20_000_000])).json()["id"]
        path = f"/v1/jobs/{job_id}"
        headers = {name: user.http.headers[name] for name in ("authorization", "service-crn")}
    client.close()
    with connect(crowded.url) as wire:
        named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        wire.end.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{named}\r\n".encode())
        wire.read_until(b"\r\n\r\n")
        others = [connect(crowded.url) for _ in range(10)]
        for other in others:
            other.end.sendall(LOGIN)
            assert _status_of_new_connection(crowded.url) == 200
        for other in others:
            other.end.close()
        size = len(wire.body)
        while size < wire.promised:
            part = wire.end.recv(1_000_000)
            assert part
            size += len(part)


@pytest.mark.parametrize("sent", [LOGIN, STREAM], ids=["login", "stream"])
def test_connections_of_unauthorized_clients_are_closed_first(
    crowded: LocalService, sent: bytes
) -> None:
    """Even with several unfinished requests."""
    others = []
    for _ in range(10):
        others.append(connect(crowded.url))
        others[-1].end.sendall(sent)
        assert _status_of_new_connection(crowded.url) == 200
    assert others[0].read() in ("closed", "reset")
    for one in others:
        one.end.close()


def test_a_user_has_a_limit_of_unfinished_bodies(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "MAX_BODIES_PER_USER", 1)
    first, second = (client.create()["objectStorageInfo"]["uploadUrl"] for _ in range(2))
    with announce(client.url, first.removeprefix(client.url), 50_000, Expect="100-continue") as one:
        one.read_until(b"100 Continue")
        assert error_of(client.plain.put(second, content=b" " * 10)) == (503, 1999)
        assert login_of_another_address_is_possible(client)
    until(
        lambda: client.plain.put(second, content=b" " * 10), lambda reply: reply.status_code == 200
    )


def login_of_another_address_is_possible(client: Client) -> bool:
    body = {"apiToken": "another token"}
    return client.plain.post(f"{client.url}/users/loginWithToken", json=body).status_code == 200


@pytest.mark.parametrize("path", ["/users/loginWithToken", "/storage/x"])
def test_the_smallest_chunks(service: LocalService, path: str) -> None:
    """Parsing such a chunk costs a hundred times more than its byte."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connect(service.url) as wire:
        with contextlib.suppress(OSError):
            wire.end.sendall(head.replace("POST /st", "PUT /st").encode() + b"1\r\n \r\n" * 400_000)
        assert wire.read() in ("closed", "reset")
    _answers(service.url)


def test_busy_connections_are_not_closed(crowded: LocalService) -> None:
    client = login(crowded)
    paths = [
        client.create()["objectStorageInfo"]["uploadUrl"].removeprefix(client.url) for _ in range(3)
    ]
    client.close()
    uploads = [announce(client.url, path, 50_000, Expect="100-continue") for path in paths]
    for wire in uploads:
        wire.read_until(b"100 Continue")
        wire.received = b""
    until(lambda: _status_of_new_connection(client.url), lambda status: status == 503)
    for wire in uploads:
        wire.end.sendall(b" " * 49_000)
        wire.read_until(b"\r\n\r\n")
        assert int(wire.received.split()[1]) == 200
        wire.end.close()
    until(lambda: _status_of_new_connection(client.url), lambda status: status == 200)


def _status_of_new_connection(url: str) -> int:
    with send(url, "GET", "/version") as wire:
        wire.read_until(b"\r\n")
        return int(wire.received.split()[1])


@pytest.mark.parametrize("sent", [b"", b"GET /version HTTP/1.1\r\nHost: loc"])
def test_a_head_that_does_not_arrive(
    service: LocalService, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.2)
    with connect(service.url) as wire:
        wire.end.sendall(sent)
        assert wire.read() == "closed"
        assert wire.received == b""


def test_a_second_head_that_does_not_arrive(
    service: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.2)
    with send(service.url, "GET", "/version") as wire:
        wire.read_until(b"}")
        wire.end.sendall(b"GET /vers")
        assert wire.read() == "closed"


def test_the_rest_of_a_rejected_body_has_a_time_limit(
    service: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.3)
    with announce(service.url, "/storage/x", 50_000_000) as wire:
        wire.read_until(b"}")
        wire.end.sendall(b" ")
        assert wire.read() in ("closed", "reset")


def test_incomplete_heads_share_one_limit(
    service: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_HEADS_BYTES", 300_000)
    wires = [connect(service.url) for _ in range(4)]
    for wire in wires:
        wire.end.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000)
    ends = until(lambda: {wire.read(0.2) for wire in wires}, lambda ends: ends != {"silent"})
    assert ends <= {"silent", "closed", "reset"}
    for wire in wires:
        wire.end.close()
    until(lambda: _status_of_new_connection(service.url), lambda status: status == 200)


def test_a_head_of_too_many_lines(service: LocalService) -> None:
    with connect(service.url) as wire:
        wire.end.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\n" + b"a:b\r\n" * 1000)
        assert wire.read() in ("closed", "reset")
    assert b" 431 " in wire.received


@pytest.mark.parametrize("cut", range(1, 5))
def test_lines_of_a_body_do_not_count_as_head(service: LocalService, cut: int) -> None:
    body = b'{"apiToken":\n' + b"\n" * 1000 + b'"%s"}' % service.api_token.encode()
    head = (
        b"POST /users/loginWithToken HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    for at in (len(head), len(head) - cut):
        with connect(service.url) as wire:
            wire.end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.end.sendall((head + body)[:at])
            _answers(service.url)  # so that the two parts arrive one after the other
            wire.end.sendall((head + body)[at:])
            wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 200


def test_pipelined_requests(service: LocalService) -> None:
    """They are answered in order, up to the first head with too many lines."""
    one = b"GET /version HTTP/1.1\r\nHost: localhost\r\n"
    with connect(service.url) as wire:
        wire.end.sendall((one + b"\r\n") * 3 + one + b"a:b\r\n" * 1000 + b"\r\n")
        assert wire.read() in ("closed", "reset")
    assert wire.received.count(b"HTTP/1.1 200") == 3
    assert wire.received.count(b"HTTP/1.1 431") == 1


def test_waiting_requests_are_limited(service: LocalService) -> None:
    """The ones up to the limit are answered."""
    with connect(service.url) as wire:
        wire.end.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5000)
        assert wire.read() in ("closed", "reset")
    assert wire.received.count(b"HTTP/1.1 200") == 1 + connections.MAX_WAITING_REQUESTS
    assert wire.received.count(b"HTTP/1.1 429") == 1


@pytest.mark.parametrize("between", [b"1;", b"0\r\nx:"], ids=["extension", "trailer"])
def test_what_is_between_chunks_has_the_limit_of_a_head(
    service: LocalService, between: bytes
) -> None:
    head = b"POST /users/loginWithToken HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked"
    with connect(service.url) as wire:
        with contextlib.suppress(OSError):
            wire.end.sendall(head + b"\r\n\r\n1\r\n{\r\n" + between + b"x" * 4_000_000)
        assert wire.read() in ("closed", "reset")
    _answers(service.url)


def test_a_head_in_too_many_pieces(service: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_HEAD_PIECES", 3)
    with connect(service.url) as wire:
        wire.end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (b"GET /ver", b"sion HT", b"TP/1.1\r\n", b"X: x", b"y"):
            with contextlib.suppress(OSError):
                wire.end.sendall(piece)
            _answers(service.url)  # so that the pieces arrive one after the other
        assert wire.read() in ("closed", "reset")
    assert b" 431 " in wire.received


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("cut", [True, False])
def test_an_upgrade_that_is_not_offered(service: LocalService, chunked: bool, cut: bool) -> None:
    """Clients that offer HTTP/2 get an answer in HTTP/1.1."""
    body = b'{"apiToken": "%s"}' % service.api_token.encode()
    framing = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    if chunked:
        framing = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    host = b" HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    with connect(service.url) as wire:
        wire.end.sendall(b"GET /version" + host + b"\r\n")
        wire.read_until(b"}")
        request = b"POST /users/loginWithToken" + host + framing
        at = request.index(b"\r\n\r\n") + 4
        wire.end.sendall(request[:at] if cut else request)
        if cut:
            _answers(service.url)  # so that the two parts arrive one after the other
            wire.end.sendall(request[at:])
        assert wire.read() == "closed"
    assert wire.received.count(b"HTTP/1.1 200") == 2


def _answers(url: str) -> None:
    assert httpx.get(f"{url}/version", trust_env=False).status_code == 200


VERSION = b"GET /version HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "request_head",
    [
        VERSION, VERSION + HOST + HOST, VERSION + HOST + b"Host: evil.example\r\n",
        STREAM[:-2].replace(HOST, b""), STREAM[:-2] + HOST,
    ],
    ids=["none", "two", "another", "no host of a stream", "two hosts of a stream"],
)  # fmt: skip
def test_a_request_names_one_host(url: str, request_head: bytes) -> None:
    _is_invalid(url, request_head + b"\r\n")


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\n" + CHUNKED, CHUNKED + b"Content-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Content-Length : 5\r\n",
        b"Content-Length: +5\r\n", b"Transfer-Encoding: chunked, identity\r\n",
        CHUNKED + b"Transfer-Encoding: identity\r\n", b"X: a\r\n b\r\n", b"X: a\n",
    ],
)  # fmt: skip
def test_a_request_has_one_end(url: str, framing: bytes) -> None:
    """Whatever a proxy in front of the service takes for its body."""
    end = b"\r\n0\r\n\r\n"
    _is_invalid(url, b"POST /users/loginWithToken HTTP/1.1\r\n" + HOST + framing + end)


@pytest.mark.parametrize(
    "handshake",
    [
        STREAM[:-2] + b"Content-Length: 5\r\n\r\nabcde",
        STREAM[:-2] + CHUNKED + b"\r\n0\r\n\r\n", STREAM[:-2] + b"X: %b\r\n\r\n" % (b"x" * 9000),
    ],
    ids=["body", "chunks", "long line"],
)  # fmt: skip
def test_a_handshake_that_the_websocket_protocol_does_not_read(url: str, handshake: bytes) -> None:
    _is_invalid(url, handshake)


def test_a_websocket_does_not_overtake_replies(url: str) -> None:
    with connect(url) as wire:
        wire.end.sendall(VERSION + HOST + b"\r\n" + STREAM)
        assert wire.read() in ("closed", "reset")
    assert wire.received.startswith(b"HTTP/1.1 200")
    assert wire.received.count(b"HTTP/1.1 400") == 1


def test_lines_after_a_body_are_no_head(url: str) -> None:
    head = b"POST /users/loginWithToken HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n"
    with connect(url) as wire:
        wire.end.sendall(head + b"2\r\n{}\r\n0\r\nOrigin: http://evil.example\r\n\r\n")
        wire.read_until(b"}")
    assert b"The API token is missing" in wire.received


def _is_invalid(url: str, sent: bytes) -> None:
    with connect(url) as wire:
        wire.end.sendall(sent)
        assert wire.read() in ("closed", "reset")
    assert wire.received.startswith(b"HTTP/1.1 400")
    assert wire.received.count(b"HTTP/1.1") == 1


def test_the_rest_of_a_rejected_body_does_not_count_as_head(
    service: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that sends everything before it reads must get the reply."""
    monkeypatch.setattr(connections, "MAX_HEADS_BYTES", 300_000)
    with announce(service.url, "/storage/x", 3_000_000) as wire:
        wire.end.sendall(b" " * 2_999_000)
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 403


def test_a_complete_head_is_answered_despite_others(
    service: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_HEADS_BYTES", 50_000)
    with connect(service.url) as other:
        other.end.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000)
        _answers(service.url)
        head = b"GET /version HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"
        with connect(service.url) as wire:
            wire.end.sendall(head)
            wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 200


@pytest.mark.parametrize("path", ["/version", "/storage/x"])
def test_a_client_that_does_not_read_its_reply(
    service: LocalService, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Also an error reply, which here repeats a long path."""
    monkeypatch.setattr(BoundedProtocol, "stall_seconds", 0.3)
    with connect(service.url) as wire:
        wire.end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with contextlib.suppress(OSError):
            for _ in range(30):
                request = f"GET {path}/{'n' * 900_000} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                wire.end.sendall(request.encode())
        until(lambda: _open_connections(service), lambda count: count == 0)


def _open_connections(service: LocalService) -> int:
    assert service._server is not None
    return len(service._server.server_state.connections)


def test_a_stream_stays_open_after_the_time_limit_for_a_head(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.2)
    job_id = client.create()["id"]
    address = client.url.replace("http", "ws") + f"/jobs/{job_id}/status/v/1"
    with websockets.sync.client.connect(address) as socket_:
        socket_.send(json.dumps({"type": "authentication", "data": client.token}))
        assert b"authenticated" in socket_.recv()
        assert b"CREATING" in socket_.recv()
        with pytest.raises(TimeoutError):
            socket_.recv(timeout=1.0)
        client.post(f"P/Jobs/{job_id}/cancel")
        assert b"CANCELLED" in socket_.recv()


def test_a_user_has_a_limit_of_streams(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_STREAMS_PER_USER", 1)
    job_id = client.create()["id"]
    address = client.url.replace("http", "ws") + f"/jobs/{job_id}/status/v/1"
    hello = json.dumps({"type": "authentication", "data": client.token})
    with websockets.sync.client.connect(address) as first:
        first.send(hello)
        assert b"authenticated" in first.recv()
        with websockets.sync.client.connect(address) as second:
            second.send(hello)
            with pytest.raises(ConnectionClosed) as closed:
                second.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
        first.recv()


@pytest.mark.parametrize("frame", [b"[" * 60_000, b'{"a":' * 12_000, "[" * 60_000])
def test_a_deep_first_frame(
    service: LocalService, caplog: pytest.LogCaptureFixture, frame: bytes | str
) -> None:
    address = service.url.replace("http", "ws") + "/jobs/x/status/v/1"
    with websockets.sync.client.connect(address) as socket:
        socket.send(frame)
        assert b"authentication-failed" in socket.recv()
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_the_limit_of_connections_depends_on_the_descriptors() -> None:
    """In a separate process with a lower limit."""
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200));"
        "from ibmq_backend.emulator.wire.connections import connection_limits;"
        "print(*connection_limits())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    most, backlog = map(int, done.stdout.split())
    assert most >= 8
    assert most + backlog < 200 - 64
    if os.name == "posix":
        assert connection_limits()[0] <= connections.MAX_CONNECTIONS


def test_running_out_of_descriptors_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    connections.quiet_accept_errors(loop)
    error = OSError(24, "Too many open files")
    for _ in range(100):
        loop.call_exception_handler(
            {"message": "socket.accept() out of system resource", "exception": error}
        )
    loop.close()
    assert [record.getMessage() for record in caplog.records] == [
        "cannot accept connections: [Errno 24] Too many open files"
    ]
    assert caplog.records[0].exc_info is None
