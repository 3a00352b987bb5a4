"""Bodies are bounded, and nothing is read for clients without a right."""

from __future__ import annotations

import json
import secrets
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform import requests
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.wire import body
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, sampler
from tests.support.emulator import Client, P, bell, error_of, login, until
from tests.support.raw_http import announce, connect

PIECE = b" " * 1_000_000


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was kept of bodies."""
    kept: list[Any] = []
    real = tempfile.SpooledTemporaryFile

    def remember(*arguments: Any, **options: Any) -> Any:
        kept.append(real(*arguments, **options))
        return kept[-1]

    monkeypatch.setattr(body.tempfile, "SpooledTemporaryFile", remember)
    return kept


# -- who may send a body ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/storage/x", 403),
        ("PUT", "/storage/qObject-0123456789abcdef01234567.json?signature=x&expires=1", 403),
        ("POST", f"{P}/Jobs", 401),
        ("PUT", f"{P}/Jobs/0123456789abcdef01234567", 401),
        ("POST", "/v1/jobs", 401),
        ("POST", "/v3/resources/search", 401),
    ],
)
def test_nothing_is_read_without_a_right(
    service: LocalService, spooled: list[Any], method: str, path: str, status: int
) -> None:
    with announce(service.url, path, 50_000, method) as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == status
    assert spooled == []


def test_an_upload_is_refused_before_it_is_read(client: Client, spooled: list[Any]) -> None:
    job = client.create()
    path = job["objectStorageInfo"]["uploadUrl"].removeprefix(client.url)
    assert client.upload(job, bell()).status_code == 200
    assert client.post(f"P/Jobs/{job['id']}/jobDataUploaded").status_code == 200
    spooled.clear()
    with announce(client.url, path, 50_000_000) as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 403
    assert spooled == []


# -- how large it may be ---------------------------------------------------------------------


def test_a_declared_length_over_the_limit_is_refused_at_once(
    make_service: ServiceMaker, spooled: list[Any]
) -> None:
    client = login(make_service(Settings(max_job_bytes=10_000)))
    path = client.create()["objectStorageInfo"]["uploadUrl"].removeprefix(client.url)
    spooled.clear()
    with announce(client.url, path, 10_001) as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 413
    assert spooled == []


def test_a_body_without_a_length_is_cut_off(make_service: ServiceMaker) -> None:
    client = login(make_service(Settings(max_job_bytes=10_000)))
    address = client.create()["objectStorageInfo"]["uploadUrl"]
    reply = client.plain.put(address, content=iter([b" " * 9000] * 3))
    assert error_of(reply) == (413, 1001)


@pytest.mark.parametrize("path", ["/users/loginWithToken", "/identity/token"])
def test_logins_are_short(service: LocalService, path: str) -> None:
    reply = httpx.post(service.url + path, content=b" " * 65_537, trust_env=False)
    assert reply.status_code == 413


def test_only_jobs_are_large(service: LocalService) -> None:
    client = PlatformClient(service)
    assert client.http.post("/v1/sessions", content=b" " * 1_000_001).status_code == 413
    assert client.create(sampler([" " * 1_000_001])).status_code == 200


def test_the_sum_of_unfinished_bodies_is_bounded(
    make_service: ServiceMaker, spooled: list[Any]
) -> None:
    client = login(make_service(Settings(max_bodies_bytes=1_500_000)))
    first, second = (client.create()["objectStorageInfo"]["uploadUrl"] for _ in range(2))
    before = len(spooled)
    with announce(client.url, first.removeprefix(client.url), 1_400_000) as wire:
        wire.end.sendall(PIECE)
        until(lambda: [each.tell() for each in spooled[before:]], [1000 + len(PIECE)].__eq__)
        reply = client.plain.put(second, content=PIECE)
        assert error_of(reply) == (503, 1999)
        assert reply.headers["retry-after"]
        wire.end.sendall(b" " * (1_400_000 - len(PIECE) - 1000))
        wire.read_until(b"\r\n\r\n")
        assert int(wire.received.split()[1]) == 200
    assert client.plain.put(second, content=PIECE).status_code == 200


def test_large_documents_are_read_one_at_a_time(
    service: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes several times its size in memory."""
    reading, most = 0, 0
    real = requests.loads

    def counted(content: bytes) -> Any:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        try:
            return real(content)
        finally:
            reading -= 1

    monkeypatch.setattr(requests, "loads", counted)
    client = PlatformClient(service)
    body = sampler([" " * 3_000_000])
    with ThreadPoolExecutor(6) as threads:
        replies = list(threads.map(lambda _: client.create(body), range(6)))
    assert {reply.status_code for reply in replies} == {200}
    assert most == 1


def test_a_body_that_does_not_arrive(
    client: Client, spooled: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "_SILENCE_SECONDS", 0.2)
    path = client.create()["objectStorageInfo"]["uploadUrl"].removeprefix(client.url)
    with announce(client.url, path, 50_000) as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 408
    assert all(one.closed for one in spooled)


def test_a_body_that_trickles(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "_TOTAL_SECONDS", 0.5)
    path = client.create()["objectStorageInfo"]["uploadUrl"].removeprefix(client.url)
    with announce(client.url, path, 50_000) as wire:
        wire.end.settimeout(0.1)
        while not wire.received:
            wire.end.sendall(b" ")
            try:
                wire.received += wire.end.recv(1000)
            except TimeoutError:
                continue
        assert int(wire.received.split()[1]) == 408


def test_a_server_that_stops_answers_unfinished_requests(
    make_service: ServiceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    service = make_service()
    client = login(service)
    path = client.create()["objectStorageInfo"]["uploadUrl"].removeprefix(client.url)
    with announce(client.url, path, 50_000, Expect="100-continue") as wire:
        wire.read_until(b"100 Continue")
        service.stop()
        assert wire.read() in ("closed", "reset")
    assert b" 503 " in wire.received
    assert [one for one in caplog.records if one.exc_info] == []


def test_a_large_upload_and_result_arrive_as_they_were_sent(client: Client) -> None:
    """Incompressible, and larger than several pieces."""
    data = json.dumps({**bell(), "note": secrets.token_hex(1_500_000)}).encode()
    job_id = client.submit(data)
    address = client.json(f"P/Jobs/{job_id}/jobDownloadUrl")["url"]
    reply = client.plain.get(address)
    assert reply.headers["content-length"] == str(len(data))
    assert reply.content == data


# -- faults ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503}, {"kind": "delay", "seconds": 0, "handled": False}]
)
def test_a_fault_keeps_no_more_of_a_body_than_a_job_may_have(
    make_service: ServiceMaker, fault: dict[str, Any]
) -> None:
    """Faults happen before anybody has looked at the right of the client."""
    service = make_service(
        Settings(max_job_bytes=100_000), faults=[{"operation": "putStoredObject", **fault}]
    )
    with connect(service.url) as wire:
        head = "PUT /storage/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n"
        wire.end.sendall(head.encode() + b" " * 200_000)
        wire.read_until(b"\r\n\r\n")
        assert int(wire.received.split()[1]) in (403, 503)
