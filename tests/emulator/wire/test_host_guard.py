"""Requests with a foreign ``Host`` or ``Origin`` are rejected on every route."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
import websockets.sync.client
from starlette.requests import HTTPConnection
from websockets.exceptions import InvalidStatus

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.dialects import OPERATIONS
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.wire.host_guard import HostGuard, get_machine_names
from ibmq_backend.emulator.wire.routes import Route
from tests.support.engines import FakeEngine


def connection(host: str | None, origin: str | None = None) -> HTTPConnection:
    named = {"host": host, "origin": origin}
    headers = [(k.encode(), v.encode("latin-1")) for k, v in named.items() if v is not None]
    return HTTPConnection({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000", "[::1]",
        "192.0.2.7:80", "eu-de.localhost:8000", "localhost.", None,
    ],
)  # fmt: skip
def test_hosts_that_web_pages_cannot_have(host: str | None) -> None:
    assert HostGuard().find_error(connection(host)) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example",
        "xlocalhost", "127.0.0.1@evil.example", "[::1].evil.example", "[evil.example]",
        "2130706433", "quantum-computing.ibm.com", "é.example",
    ],
)  # fmt: skip
def test_other_hosts(host: str) -> None:
    error = HostGuard().find_error(connection(host))
    assert error is not None
    assert "--allowed-host" in error


def test_several_origins_and_an_origin_without_host() -> None:
    foreign = (b"origin", b"http://evil.example")
    own = (b"origin", b"http://localhost")
    for headers in ([own, foreign], [foreign, own], [(b"origin", b"http://")]):
        host = [] if headers[0][1] == b"http://" else [(b"host", b"localhost")]
        asked = HTTPConnection({"type": "http", "headers": [*host, *headers]})
        assert HostGuard().find_error(asked) is not None


def test_allowed_names() -> None:
    guard = HostGuard(["Lab.Example.org", "*.class.example.org"])
    for host in ("lab.example.org:8000", "a.class.example.org", "a.b.class.example.org"):
        assert guard.find_error(connection(host)) is None
    for host in (
        "other.example.org",
        "class.example.org",
        "xclass.example.org",
        "x.lab.example.org",
    ):
        assert guard.find_error(connection(host)) is not None


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("http://localhost:8000", True),
        ("https://LOCALHOST:8000", True),
        ("http://localhost:8888", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        ("http://localhost:8000.evil.example", False),
        ("http://[", False),
    ],
)
def test_origins(origin: str, accepted: bool) -> None:
    error = HostGuard().find_error(connection("localhost:8000", origin))
    assert (error is None) is accepted


def test_the_names_of_this_machine() -> None:
    assert socket.gethostname() in get_machine_names()


@pytest.fixture(scope="module")
def url(catalog: Catalog) -> Iterator[str]:
    """The URL of a service."""
    with LocalService(catalog=catalog, engine=FakeEngine(), prewarm=False) as service:
        yield service.url


def request(url: str, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    return httpx.request(method, f"{url}{path}", headers=headers, trust_env=False)


@pytest.mark.parametrize(
    "route", [one for one in OPERATIONS if not one.stream], ids=lambda one: one.operation_id
)
@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_every_route(url: str, route: Route, headers: dict[str, str]) -> None:
    path = route.path.replace("{", "").replace("}", "")
    reply = request(url, route.method, path, headers)
    assert reply.status_code == 403
    assert "evil.example" in reply.text


@pytest.mark.parametrize("path", ["/", "/nothing", "/v1/", "/admin/jobs", "/api/version"])
def test_other_paths(url: str, path: str) -> None:
    assert request(url, "GET", path, {"Host": "evil.example"}).status_code == 403


def test_the_status_stream(service: LocalService) -> None:
    address = service.url.replace("http", "ws") + "/jobs/x/status/v/1"
    with (
        pytest.raises(InvalidStatus) as refused,
        websockets.sync.client.connect(address, origin="http://evil.example"),  # type: ignore[arg-type]
    ):
        pass
    assert refused.value.response.status_code == 403


def test_an_allowed_name_reaches_the_application(service: LocalService) -> None:
    assert create_app(service.service_state, service.dialects, hosts=["lab.example"]) is not None
