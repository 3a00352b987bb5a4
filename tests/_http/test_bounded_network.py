"""Each wait of a connection has a timeout and ends at the caller's deadline."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import httpcore
import httpx
import pytest

import ibmq_backend
from ibmq_backend._http import bounded_network
from ibmq_backend._http.bounded_network import BoundedNetwork, BoundedStream, open_socket
from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import call
from ibmq_backend._http.operations import Operation
from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiConnectionError, ApiError
from tests.support.any_operation import safe
from tests.support.http_faults import bare_server, faulty_server

ONCE = NetworkSettings(trust_env=False, retry=RetryPolicy(attempts=1))
ASK = Operation("ask", "GET", "/x", retry_safe=True)
NOT_SOON = 20.0  # seconds; without the deadline a wait takes 30 and more


def stopwatch(from_when):
    """Return a clock that starts when a condition is true."""
    begun = []

    def read():
        if not begun and from_when():
            begun.append(time.monotonic())
        return time.monotonic() - begun[0] if begun else 0.0

    return read


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "],
    ids=["body", "headers"],
)
def test_a_slow_reply_ends_at_the_callers_deadline(head):
    with faulty_server() as server:
        server.acts = [server.trickling(head)]
        with build_client(ONCE, base_url=server.url, operation_of=safe) as client:
            asked = stopwatch(from_when=lambda: server.requests)
            with time_limit(0.4, asked), pytest.raises(httpx.ReadTimeout):
                client.get("/x")
            assert asked() < NOT_SOON


def test_sending_to_a_service_that_does_not_read_ends_at_the_deadline():
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    content = b"x" * 50_000_000
    with (
        listener,
        build_client(ONCE, base_url=url, operation_of=safe) as client,
        time_limit(0.4, lambda: 0.0),  # however long it takes until no more bytes are taken
        pytest.raises(httpx.WriteTimeout),
    ):
        client.put("/x", content=content)


@pytest.fixture
def names(monkeypatch):
    """Addresses by host name instead of the system's; ``hangs`` blocks."""
    table, over = {}, threading.Event()

    def look_up(host, port, *_args, **_options):
        if host not in table and re.fullmatch(r"[\d.:]+", host):
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port))]
        found = table[host]
        if found == "hangs":
            over.wait(30)
            found = []
        if isinstance(found, Exception):
            raise found
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield table
    over.set()


def test_name_resolution_that_hangs_ends_with_the_timeout(names):
    names["slow.example"] = "hangs"
    begun = time.monotonic()
    with pytest.raises(httpcore.ConnectTimeout, match=r"slow\.example"):
        BoundedNetwork().connect_tcp("slow.example", 80, 0.2)
    with time_limit(0.2), pytest.raises(httpcore.ConnectTimeout):
        BoundedNetwork().connect_tcp("slow.example", 80, 60.0)
    with time_limit(0.2), pytest.raises(TimeoutError):
        open_socket(httpx.URL("wss://slow.example"), 60.0)
    assert time.monotonic() - begun < NOT_SOON


def test_an_unknown_host_name_is_an_error(names):
    names["nowhere.example"] = socket.gaierror(-2, "Name or service not known")
    with pytest.raises(httpcore.ConnectError, match="not known"):
        BoundedNetwork().connect_tcp("nowhere.example", 80, 5.0)


def test_the_next_address_is_tried(names):
    listener = socket.create_server(("127.0.0.1", 0))
    names["two.example"] = ["127.0.0.2", "127.0.0.1"]
    with listener:
        stream = BoundedNetwork().connect_tcp("two.example", listener.getsockname()[1], 5.0)
        assert isinstance(stream, BoundedStream)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
        stream.close()


def test_all_addresses_together_take_one_timeout(names, monkeypatch):
    names["three.example"] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    now, given = [0.0], []

    def blackhole(_network, _host, _port, timeout, *_more):
        given.append(timeout)
        now[0] += timeout
        raise httpcore.ConnectTimeout("silence")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", blackhole)
    monkeypatch.setattr(bounded_network.time, "monotonic", lambda: now[0])
    with pytest.raises(httpcore.ConnectTimeout):
        BoundedNetwork().connect_tcp("three.example", 80, 9.0)
    assert given == pytest.approx([3.0, 3.0, 3.0])


def test_a_connection_past_its_deadline_is_closed_before_the_handshake():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = BoundedNetwork().connect_tcp("127.0.0.1", listener.getsockname()[1], 5.0)
        with time_limit(0.0), pytest.raises(httpcore.ConnectTimeout):
            stream.start_tls(ssl.create_default_context())
        assert stream.get_extra_info("socket").fileno() == -1


# -- timeouts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("proxies", [None, {"urls": {"all": "http://127.0.0.1:9"}}])
@pytest.mark.parametrize("timeout", [None, httpx.Timeout(None, read=3.0), httpx.USE_CLIENT_DEFAULT])
def test_every_request_has_all_timeouts(monkeypatch, proxies, timeout):
    seen = []

    def send(_transport, request):
        seen.append(request.extensions["timeout"])
        return httpx.Response(200)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    settings = NetworkSettings(trust_env=False, proxies=proxies)
    with build_client(settings, base_url="http://127.0.0.1", operation_of=safe) as client:
        client.get("/x", timeout=timeout)
        client.send(httpx.Request("GET", "http://127.0.0.1/x"))  # made without a client
    assert len(seen) == 2
    for limits in seen:
        assert set(limits) == {"connect", "read", "write", "pool"}
        assert all(isinstance(limit, float) and limit > 0 for limit in limits.values())


PROXIES = ["http://127.0.0.1:9", "https://127.0.0.1:9", "socks5://127.0.0.1:9"]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("proxy", [None, *PROXIES])
def test_every_connection_is_opened_by_the_bounded_network(monkeypatch, scheme, proxy):
    opened = []

    def connect(_network, host, port, *_more, **_options):
        opened.append((host, port))
        raise httpcore.ConnectError("refused")

    monkeypatch.setattr(BoundedNetwork, "connect_tcp", connect)
    settings = NetworkSettings(
        trust_env=False,
        retry=RetryPolicy(attempts=1),
        proxies=None if proxy is None else {"urls": {"all": proxy}},
    )
    if proxy is not None and proxy.startswith("socks"):
        pytest.importorskip("socksio")
    with build_client(settings, operation_of=safe) as client, pytest.raises(httpx.ConnectError):
        client.get(f"{scheme}://127.0.0.1:8/x")
    assert opened == [("127.0.0.1", 8 if proxy is None else 9)]


def test_nothing_else_of_the_client_opens_connections():
    root = Path(ibmq_backend.__file__).parent
    opening = re.compile(
        r"httpx\.(Client|AsyncClient|HTTPTransport|get|post|put|request|stream)\(|urlopen|"
        r"create_connection|import http\.client|import requests"
    )
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if opening.search(path.read_text(encoding="utf-8"))
    }
    assert {path for path in found if not path.startswith(("emulator/", "testing/"))} == {
        "_http/client.py"
    }


# -- TLS -------------------------------------------------------------------------------------------


def ask(url, **options):
    """Send a request over the real transport with its usual retries; return the error."""
    settings = NetworkSettings(trust_env=False, retry=RetryPolicy(first_delay=0.0), **options)
    with (
        build_client(settings, base_url=url, operation_of=safe) as client,
        pytest.raises(ApiError) as caught,
    ):
        call(ASK, lambda: client.get("/x"))
    return caught.value


def test_https_on_a_port_without_tls_is_reported_without_retries():
    def talk(connection):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with bare_server(talk) as (port, accepted):
        error = ask(f"https://127.0.0.1:{port}")
    assert isinstance(error, ApiConnectionError)
    assert "http:// and not https://" in error.message
    assert len(accepted) == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_an_untrusted_certificate_is_reported_without_retries(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(
        ["openssl", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def talk(connection):
        context.wrap_socket(connection, server_side=True).close()

    with bare_server(talk) as (port, accepted):
        error = ask(f"https://127.0.0.1:{port}")
    assert "certificate is not trusted" in error.message
    assert "SSL_CERT_FILE" in error.message
    assert len(accepted) == 1


def test_a_closed_port_is_reported_soon_with_a_hint():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = ask(f"http://127.0.0.1:{port}")
    assert "No server listens on this port" in error.message
    assert error.accepted is False
