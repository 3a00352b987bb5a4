"""Malicious requests get an error of the service, and the next request succeeds."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import pytest

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.support.emulator import Client, P, bell, error_of, login
from tests.support.engines import FakeEngine


@pytest.fixture(scope="module")
def shared(catalog: Catalog) -> Iterator[LocalService]:
    """One service for all tests, so that damage shows in the next test."""
    settings = Settings(
        device_job_limit=-1, any_instance=True
    )  # jobs of other tests may be running
    with LocalService(settings=settings, catalog=catalog, engine=FakeEngine()) as running:
        yield running


@pytest.fixture
def user(shared: LocalService) -> Client:
    return login(shared)


def _bell_with(**changes: Any) -> bytes:
    return json.dumps(bell() | changes).encode()


UPLOADS: dict[str, bytes] = {
    "nothing": b"",
    "cut": json.dumps(bell()).encode()[:-20],
    "twice": json.dumps(bell()).encode() * 2,
    "binary": bytes(range(256)) * 10,
    "gzip": gzip.compress(json.dumps(bell()).encode()),
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep inside": b'{"header":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
    "huge number": _bell_with(config={"shots": 1}).replace(b": 1}", b": " + b"9" * 5000 + b"}"),
    "no number": _bell_with(config={"shots": float("nan")}),
    "endless": _bell_with(config={"shots": float("inf")}),
    "lone surrogate": b'{"qobj_id": "\\ud800"}',
    "wrong letters": b'{"qobj_id": "\xff\xfe"}',
    "nul": b'{"qobj_id": "\\u0000"}',
    "list": b"[]",
    "text": b'"x"',
    "null": b"null",
    "many keys": b"{" + b",".join(b'"%d":0' % n for n in range(50_000)) + b"}",
    "wrong types": _bell_with(experiments={"0": bell()["experiments"]}),
    "no circuits": _bell_with(experiments=[]),
    "circuits of nothing": _bell_with(experiments=[None, 5, "x", [], {}]),
    "a deep instruction": _bell_with(
        experiments=[{"instructions": [{"name": "u1", "qubits": [[[[0]]]], "params": [[[1]]]}]}]
    ),
    "a qubit far away": _bell_with(
        experiments=[{"instructions": [{"name": "x", "qubits": [10**18]}]}]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UPLOADS)
def test_broken_uploads_fail_only_their_job(user: Client, name: str) -> None:
    job_id = user.submit(UPLOADS[name])
    assert user.wait(job_id)["status"] == "ERROR_VALIDATING_JOB"
    error = user.job(job_id)["error"]
    assert 1000 <= error["code"] <= 9999
    assert error["message"]
    assert "cannot be understood" not in error["message"]  # the text for bugs of the emulator
    good = user.submit()
    assert user.wait(good)["status"] == "COMPLETED"


@pytest.mark.parametrize(
    "where",
    [
        {"name": {"regexp": "(a+)+$"}},
        {"name": {"regexp": "((a{1,9}){1,9}){1,9}$"}},
        {"name": {"like": "%a" * 150}},
        {"tags": {"regexp": "(.*)*x"}},
    ],
)
def test_patterns_with_exponential_backtracking(user: Client, where: dict[str, Any]) -> None:
    """Python's ``re`` would not finish any of these searches."""
    user.create(name="a" * 1000 + "!", tags=["y" * 1000])
    reply = user.get("P/Jobs/v/1", filter=json.dumps({"where": where}))
    assert reply.status_code in (200, 400)
    if reply.status_code == 400:
        assert error_of(reply) == (400, 2400)


def test_a_filter_of_the_maximum_length(user: Client) -> None:
    """It has 65 536 characters, each of which takes twelve in the URL."""
    host, port = user.url.removeprefix("http://").split(":")
    path = f"{P}/Jobs/v/1?filter={quote(chr(0x1F600)) * 65_536}"
    wire = HTTPConnection(host, int(port), timeout=60)  # httpx refuses to send it
    wire.request("GET", path, headers={"X-Access-Token": user.token})
    reply = wire.getresponse()
    assert (reply.status, json.load(reply)["error"]["code"]) == (400, 2400)
    wire.close()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b"[" * 50_000, b'{"backend":' + b"9" * 5000 + b"}"]
)
def test_bodies_that_are_not_objects(user: Client, content: bytes) -> None:
    job_id = user.submit()
    for reply in (
        user.post("P/Jobs", content=content),
        user.put(f"P/Jobs/{job_id}", content=content),
        user.http.post("/users/loginWithToken", content=content),
    ):
        status, code = error_of(reply)
        assert status == 400
        assert code in (2400, 2403, 3500)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "P/Jobs", '{"backend": {"name": "\\ud800"}}'),
        ("GET", 'P/Jobs/v/1?filter={"where":{"name":{"\\ud800":1}}}', ""),
        ("GET", "P/Jobs/%ED%A0%80/v/1", ""),
    ],
)
def test_unpaired_surrogates_in_error_replies(
    user: Client, method: str, path: str, body: str
) -> None:
    reply = user.http.request(method, user.project + path[1:], content=body.encode())
    assert reply.status_code in (400, 404)
    assert error_of(reply)[1] != 1000


@pytest.mark.parametrize("length", ["-1", "x", "99999999999999999999"])
def test_invalid_content_lengths(shared: LocalService, length: str) -> None:
    """The HTTP parser or the check of the signature rejects them; the service continues."""
    host, port = shared.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        head = f"PUT /storage/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        wire.sendall(head.encode())
        wire.shutdown(socket.SHUT_WR)
        answer = wire.recv(1000)
    assert answer == b"" or answer.split()[1] in (b"400", b"403")
    assert login(shared).get("/version").status_code == 200
