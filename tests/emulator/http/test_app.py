"""Paths, error formats, headers and bodies of all requests."""

from __future__ import annotations

import json

import httpx
import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import Client, P, bell, error_of, login


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nothing/here"),
        ("GET", "/api"),
        ("GET", "/users/loginWithToken"),
        ("DELETE", "/version"),
        ("PATCH", f"{P}/Jobs"),
        ("GET", f"{P}/Jobs"),
        ("GET", "/%00/%ff"),
        ("OPTIONS", "/version"),
    ],
)
def test_unknown_paths(client: Client, method: str, path: str) -> None:
    reply = client.http.request(method, path)
    assert error_of(reply) == (404, 2411)
    assert "has no method handling" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "path",
    ["/version", "//version", "/api/version", "/api//version", "//api///version/", "/version/"],
)
def test_slashes_and_prefix(service: LocalService, path: str) -> None:
    assert httpx.get(service.url + path, trust_env=False).status_code == 200


def test_headers_of_replies(client: Client) -> None:
    for path in ("/version", "/nothing", "/users/me", "/storage/x"):
        headers = client.get(path).headers
        assert headers["uber-trace-id"].endswith(":0:1")
        assert headers["x-ratelimit-limit"] == "50"
        assert 0 <= int(headers["x-ratelimit-remaining"]) < 50
        assert int(headers["x-ratelimit-reset"]) > 1_500_000_000
        assert headers["cache-control"] == "no-store"


def test_head_has_no_body(client: Client) -> None:
    reply = client.http.head("/version")
    assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 50_000])
def test_bodies_that_are_not_objects(client: Client, body: bytes) -> None:
    for path in ("/users/loginWithToken", "P/Jobs"):
        assert error_of(client.post(path, content=body)) == (400, 3500)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 2403),
        ({"backend": None}, 2403),
        ({"backend": {}}, 2403),
        ({"backend": {"name": ""}}, 2403),
        ({"backend": "ibmq_vigo"}, 2400),
        ({"backend": {"name": 5}}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "name": ["x"]}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "name": "a\0b"}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "name": "\ud800"}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "name": "x" * 1025}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "tags": "x"}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "tags": [1]}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "liveDataEnabled": "yes"}, 2400),
        ({"backend": {"name": "ibmq_vigo"}, "allowObjectStorage": False}, 3252),
    ],
)
def test_invalid_job_requests(client: Client, body: dict, code: int) -> None:
    content = json.dumps(body).encode()
    assert error_of(client.post("P/Jobs", content=content)) == (400, code)
    assert client.statuses() == []


def test_an_unknown_backend_gets_suggestions(client: Client) -> None:
    reply = client.post("P/Jobs", json={"backend": {"name": "ibmq_vigoo"}})
    assert error_of(reply) == (404, 2620)
    assert "ibmq_vigo" in reply.json()["error"]["message"]


def test_bodies_that_are_too_large(make_service: ServiceMaker) -> None:
    client = login(make_service(Settings(max_job_bytes=1000)))
    assert error_of(client.post("P/Jobs", content=b" " * 1_000_001)) == (413, 1001)
    job = client.create()
    assert job["objectStorageInfo"]["maxJobSizeInBytes"] == 1000
    assert error_of(client.upload(job, b" " * 1001)) == (413, 1001)
    assert error_of(client.post(f"P/Jobs/{job['id']}/jobDataUploaded")) == (400, 3251)
    assert client.upload(job, b" " * 1000).status_code == 200


def test_internal_errors_have_the_format_of_the_service(
    client: Client, service: LocalService, monkeypatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(service.service_state.accounts, "authenticate", broken)
    assert error_of(client.get("/users/me")) == (500, 1000)


def test_an_unreachable_database_is_an_outage(
    client: Client, service: LocalService, monkeypatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def broken(*_: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(service.service_state.accounts, "authenticate", broken)
    reply = client.get("/users/me")
    assert error_of(reply) == (503, 1999)
    assert reply.headers["retry-after"] == "1"


def test_a_chunked_upload(client: Client) -> None:
    """Twelve megabytes without a ``Content-Length``."""
    job = client.create()
    data = b'{"pad": "' + b"x" * 12_000_000 + b'"}'
    pieces = (data[start : start + 100_000] for start in range(0, len(data), 100_000))
    reply = httpx.put(job["objectStorageInfo"]["uploadUrl"], content=pieces, trust_env=False)
    assert reply.status_code == 200
    client.post(f"P/Jobs/{job['id']}/jobDataUploaded")
    address = client.json(f"P/Jobs/{job['id']}/jobDownloadUrl")["url"]
    assert httpx.get(address, trust_env=False).content == data


def test_an_incomplete_upload_is_discarded(client: Client) -> None:
    job = client.create()

    def half() -> object:
        yield b'{"half": '
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        httpx.put(job["objectStorageInfo"]["uploadUrl"], content=half(), trust_env=False)
    assert error_of(client.post(f"P/Jobs/{job['id']}/jobDataUploaded")) == (400, 3251)
    assert client.upload(job, bell()).status_code == 200
