"""Limits on bodies, which are read for authorized clients only."""

from __future__ import annotations

import json
import secrets
import tempfile
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.wire import body
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, sampler
from tests.support.emulator import Client, P, bell, error_of, login, until
from tests.support.raw_http import announce, connect

PIECE = b" " * 1_000_000


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The files to which bodies are written."""
    kept: list[Any] = []
    real = tempfile.SpooledTemporaryFile

    def remember(*arguments: Any, **options: Any) -> Any:
        kept.append(real(*arguments, **options))
        return kept[-1]

    monkeypatch.setattr(body.tempfile, "SpooledTemporaryFile", remember)
    return kept


# -- authorization      ---------------------------------------------------------------------


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
def test_bodies_of_unauthorized_clients_are_not_read(
    service: LocalService, spooled: list[Any], method: str, path: str, status: int
) -> None:
    with announce(service.url, path, 50_000, method) as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == status
    assert spooled == []


def test_an_upload_is_rejected_before_it_is_read(client: Client, spooled: list[Any]) -> None:
    job = client.create()
    path = job["objectStorageInfo"]["uploadUrl"].removeprefix(client.url)
    assert client.upload(job, bell()).status_code == 200
    assert client.post(f"P/Jobs/{job['id']}/jobDataUploaded").status_code == 200
    spooled.clear()
    with announce(client.url, path, 50_000_000) as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 403
    assert spooled == []


# -- limits             ---------------------------------------------------------------------


def test_a_declared_length_over_the_limit_is_rejected_immediately(
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
def test_bodies_of_logins_are_small(service: LocalService, path: str) -> None:
    reply = httpx.post(service.url + path, content=b" " * 65_537, trust_env=False)
    assert reply.status_code == 413


def test_only_jobs_have_large_bodies(service: LocalService) -> None:
    client = PlatformClient(service)
    assert client.http.post("/v1/sessions", content=b" " * 1_000_001).status_code == 413
    assert client.create(sampler([" " * 1_000_001])).status_code == 200


def test_unfinished_bodies_share_one_limit(make_service: ServiceMaker, spooled: list[Any]) -> None:
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


def test_a_body_that_does_not_arrive(
    client: Client, spooled: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "_SILENCE_SECONDS", 0.2)
    path = client.create()["objectStorageInfo"]["uploadUrl"].removeprefix(client.url)
    with announce(client.url, path, 50_000) as wire:
        wire.read_until(b"}")
        assert int(wire.received.split()[1]) == 408
    assert all(one.closed for one in spooled)


def test_a_body_that_arrives_slowly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_unfinished_requests_are_answered_at_shutdown(
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


def test_large_uploads_and_results_are_unchanged(client: Client) -> None:
    """With random bytes, larger than several pieces."""
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
def test_faults_read_at_most_the_limit_of_a_job(
    make_service: ServiceMaker, fault: dict[str, Any]
) -> None:
    """Faults are injected before the request is authorized."""
    service = make_service(
        Settings(max_job_bytes=100_000), faults=[{"operation": "putStoredObject", **fault}]
    )
    with connect(service.url) as wire:
        head = "PUT /storage/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n"
        wire.end.sendall(head.encode() + b" " * 200_000)
        wire.read_until(b"\r\n\r\n")
        assert int(wire.received.split()[1]) in (403, 503)
