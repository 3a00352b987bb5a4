"""The time of each attempt is limited, with and without a deadline of the caller."""

from __future__ import annotations

import math
import shutil
import socket
import ssl
import subprocess
import threading
import time

import httpx
import pytest

from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import call
from ibmq_backend._http.operations import Content, Operation
from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend.deadline import time_left, time_limit
from ibmq_backend.exceptions import ApiError, ApiTimeoutError
from tests.support.any_operation import safe
from tests.support.http_faults import (
    TRICKLE_SECONDS,
    bare_server,
    faulty_server,
    json_reply,
)

LIMIT = 0.3  # seconds of an attempt; timeouts of single waits are those of the settings
NOT_SOON = 20.0  # seconds; without a limit an attempt takes as long as the server
ONCE = RetryPolicy(attempts=1)
LIMITED = NetworkSettings(trust_env=False, document_seconds=LIMIT, retry=ONCE)
ASK = Operation("ask", "GET", "/x", retry_safe=True, content=Content.NOTHING)
TRANSFER = Operation("fetch", "GET", "/x", retry_safe=True, is_transfer=True)

HEADS = {
    "status line": b"HTTP/1.1 200 ",
    "headers": b"HTTP/1.1 200 OK\r\nX-Long: ",
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
    "body without a length": b"HTTP/1.1 200 OK\r\n\r\n",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n",
    "error body": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 1000000\r\n\r\n",
}


def ask(url, settings=LIMITED, timing=None, **request):
    """Send a request without a deadline and return the error, which must be raised soon."""
    begun = time.monotonic()
    with (
        build_client(settings, base_url=url, operation_of=safe, timing=timing) as client,
        pytest.raises(ApiError) as caught,
    ):
        call(ASK, lambda: client.request(request.pop("method", "GET"), "/x", **request))
    assert time.monotonic() - begun < NOT_SOON
    return caught.value


@pytest.mark.parametrize("part", HEADS)
def test_a_slow_trickle_of_a_reply_is_a_timeout(part):
    with faulty_server() as server:
        server.acts = [server.trickling(HEADS[part])]
        error = ask(server.url)
    assert isinstance(error, ApiTimeoutError)
    assert "more than 0.3 s in total" in error.message
    assert error.hint


def test_endless_interim_replies_are_a_timeout():
    with faulty_server() as server:
        server.acts = [server.trickling(byte=b"HTTP/1.1 102 Processing\r\n\r\n")]
        assert isinstance(ask(server.url), ApiTimeoutError)


def test_a_service_that_reads_the_request_slowly_is_a_timeout():
    over = threading.Event()

    def sip(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while connection.recv(1024) and not over.wait(TRICKLE_SECONDS):
            pass

    with bare_server(sip) as (port, _):
        error = ask(f"http://127.0.0.1:{port}", method="PUT", content=b"x" * 50_000_000)
        over.set()
    assert isinstance(error, ApiTimeoutError)


# -- TLS and proxies -------------------------------------------------------------------------------

RECORD = b"\x16\x03\x03\x40\x00"  # the head of a handshake record of 16 kB


def trickle(connection):
    """Send a byte at a time until the client disconnects."""
    while True:
        connection.sendall(b"\x00")
        time.sleep(TRICKLE_SECONDS)


def test_a_slow_handshake_is_a_timeout():
    def talk(connection):
        connection.recv(4096)
        connection.sendall(RECORD)
        trickle(connection)

    with bare_server(talk) as (port, _):
        assert isinstance(ask(f"https://127.0.0.1:{port}"), ApiTimeoutError)


def through(port, scheme="http", limit=LIMIT):
    proxies = {"urls": {"all": f"{scheme}://127.0.0.1:{port}"}}
    return NetworkSettings(
        trust_env=False, verify=False, proxies=proxies, document_seconds=limit, retry=ONCE
    )


@pytest.mark.parametrize("target", ["http", "https"])
def test_a_slow_proxy_is_a_timeout(target):
    with faulty_server() as proxy:
        proxy.acts = [proxy.trickling(b"HTTP/1.1 200 OK\r\nX-Long: ")]
        port = int(proxy.url.rpartition(":")[2])
        assert isinstance(ask(f"{target}://service.example", through(port)), ApiTimeoutError)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A TLS context of a server with an untrusted certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("makes a certificate with openssl")
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(
        ["openssl", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_slow_handshake_within_tls_is_a_timeout(certificate):
    now = [0.0]

    def talk(connection):
        with certificate.wrap_socket(connection, server_side=True) as encrypted:
            assert encrypted.recv(4096).startswith(b"CONNECT service.example:443 ")
            encrypted.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            encrypted.recv(4096)
            encrypted.sendall(RECORD)
            now[0] += 3600.0
            trickle(encrypted)

    with bare_server(talk) as (port, _):
        settings = through(port, "https", limit=60.0)
        error = ask("https://service.example", settings, Timing(clock=lambda: now[0]))
    assert isinstance(error, ApiTimeoutError)


# -- which limit counts ----------------------------------------------------------------------------


def test_transfers_get_more_time():
    settings = NetworkSettings(document_seconds=1.0, transfer_seconds=7.0)
    assert (settings.seconds_for(ASK), settings.seconds_for(TRANSFER)) == (1.0, 7.0)
    seen = []

    def answer(_request):
        seen.append(time_left())
        return httpx.Response(200, json={})

    for operation in (ASK, TRANSFER):
        leaf = httpx.MockTransport(answer)
        with build_client(
            settings, operation_of=lambda _, found=operation: found, leaf=leaf
        ) as client:
            client.get("http://127.0.0.1/x")
    assert seen == pytest.approx([1.0, 7.0], abs=0.9)


def test_each_attempt_has_its_own_time_limit_and_is_retried():
    now = [0.0]
    with faulty_server() as server:
        trickle_on = server.trickling(HEADS["body"])

        def take_an_hour(connection):
            now[0] += 3600.0
            trickle_on(connection)

        server.acts = [take_an_hour, json_reply(b"{}")]
        settings = NetworkSettings(
            trust_env=False,
            document_seconds=60.0,
            retry=RetryPolicy(first_delay=0.0, budget=math.inf),
        )
        # The server handles one connection at a time: the first ends when its client disconnects.
        with build_client(
            settings, base_url=server.url, operation_of=safe, timing=Timing(clock=lambda: now[0])
        ) as client:
            assert client.get("/x").json() == {}
    assert len(server.requests) == 2


def test_the_error_names_the_callers_deadline_if_it_ends_first():
    with faulty_server() as server, time_limit(LIMIT):
        server.acts = [server.trickling(HEADS["body"])]
        error = ask(server.url, NetworkSettings(trust_env=False, retry=ONCE))
    assert isinstance(error, ApiTimeoutError)
    assert "in all" not in error.message


def test_attempts_are_limited_by_default():
    defaults = NetworkSettings()
    assert 60.0 < defaults.document_seconds <= 300.0
    assert defaults.document_seconds < defaults.transfer_seconds <= 3600.0
