"""The memory for a reply is bounded, whatever its headers and its compression are."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator

import httpx
import pytest

from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import call
from ibmq_backend._http.operations import Operation
from ibmq_backend._http.retry_transport import MAX_REPLY_BYTES, RetryTransport
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.exceptions import ApiProtocolError
from tests.support.any_operation import safe
from tests.support.http_faults import faulty_server, reply

OPERATION = Operation("getThing", "GET", "/thing", retry_safe=True)
URL = "https://api.example/thing"


class Body(httpx.SyncByteStream):
    """A body in chunks that counts how many were read."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.taken += 1
            yield piece


def ask(body: Body, largest: int = MAX_REPLY_BYTES, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    leaf = httpx.MockTransport(lambda _: httpx.Response(200, headers=named, stream=body))
    transport = RetryTransport(leaf, NetworkSettings(), safe, largest=largest)
    with httpx.Client(transport=transport) as client:
        return call(OPERATION, lambda: client.get(URL))


def test_a_body_of_the_maximum_size_is_read():
    assert ask(Body(b"x" * 60, b"y" * 40), largest=100).content == b"x" * 60 + b"y" * 40


def test_reading_stops_at_the_maximum_size():
    body = Body(*[b"x" * 10] * 1000)
    with pytest.raises(ApiProtocolError, match="limit of 100 bytes"):
        ask(body, largest=100)
    assert body.taken == 11


@pytest.mark.parametrize("declared", [2**30, 10**15])
def test_a_body_with_a_large_content_length_is_not_read(declared):
    body = Body(b"{}")
    with pytest.raises(ApiProtocolError, match=f"larger than the limit of {MAX_REPLY_BYTES} bytes"):
        ask(body, content_length=str(declared))
    assert body.taken == 0


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_small_reply_that_decompresses_to_a_large_one_is_refused(packing):
    pack = gzip.compress if packing == "gzip" else zlib.compress
    packed = pack(b"0" * 20_000_000)
    assert len(packed) < 30_000
    body = Body(*(packed[at : at + 1000] for at in range(0, len(packed), 1000)))
    with pytest.raises(ApiProtocolError, match="limit of 2000000 bytes"):
        ask(body, largest=2_000_000, content_encoding=packing)
    assert body.taken < 5
    assert ask(Body(pack(b"[1]")), content_encoding=packing).json() == [1]


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "zstd", "rot13"])
def test_unsupported_compressions_are_refused(packing):
    body = Body(gzip.compress(gzip.compress(b"[1]")))
    with pytest.raises(ApiProtocolError, match="compression .* is not supported"):
        ask(body, content_encoding=packing)
    assert body.taken == 0


def test_only_supported_compressions_are_requested():
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return httpx.Response(200)

    leaf = httpx.MockTransport(answer)
    with build_client(NetworkSettings(), operation_of=safe, leaf=leaf) as client:
        client.get(URL)
    assert asked == ["gzip, deflate"]


def test_a_reply_that_announces_a_gigabyte_is_refused_at_once():
    promise = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{"
    )
    with faulty_server([reply("200 OK")]) as server:
        server.acts = [server.stalled(promise)]
        settings = NetworkSettings(read_timeout=30.0)
        with build_client(settings, operation_of=safe) as client:
            begun = time.monotonic()
            with pytest.raises(ApiProtocolError, match="larger than"):
                call(OPERATION, lambda: client.get(server.url))
            assert time.monotonic() - begun < 20.0
    assert len(server.requests) == 1
