"""Routes and handlers of the platform dialect, unknown paths, sizes, the database."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform import binding
from ibmq_backend.emulator.platform._routes import ROUTES
from ibmq_backend.emulator.platform.handlers import HANDLERS, NOT_EMULATED
from ibmq_backend.emulator.platform.state.runs import Runs
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.wire.routes import Route
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import EXCHANGES, PlatformClient, refused, sampler
from tests.support.emulator import login


def test_handlers_cover_the_route_table() -> None:
    described = {route.operation_id for route in ROUTES}
    assert {route.dialect for route in ROUTES} == {"platform", "cloud"}
    assert set(HANDLERS) | NOT_EMULATED == described
    assert not set(HANDLERS) & NOT_EMULATED


def test_a_missing_handler_is_an_error(make_service: ServiceMaker, monkeypatch) -> None:
    extra = Route("somethingNew", "platform", "GET", "/v1/new", 200, True, True)
    monkeypatch.setattr(binding, "ROUTES", (*ROUTES, extra))
    with pytest.raises(EmulatorError, match="somethingNew"):
        make_service()


def test_operations_that_are_not_emulated_reply_501(
    make_service: ServiceMaker, monkeypatch
) -> None:
    fewer = {name: handler for name, handler in HANDLERS.items() if name != "getVersions"}
    monkeypatch.setattr(binding, "HANDLERS", fewer)
    monkeypatch.setattr(binding, "NOT_EMULATED", frozenset({"getVersions"}))
    client = PlatformClient(make_service())
    reply = client.get("versions")
    assert reply.status_code == 501
    assert "getVersions" in reply.text
    EXCHANGES.clear()  # the specification does not describe 501


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "nothing"), ("GET", "jobs/a/b"), ("POST", "backends"), ("PUT", "jobs")],
)
def test_unknown_paths(client: PlatformClient, method: str, path: str) -> None:
    reply = client.http.request(method, f"/v1/{path}")
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/json"


def test_an_empty_id_is_a_web_page(client: PlatformClient) -> None:
    """As measured: a request without id gets a web page and no error."""
    for path in ("jobs/", "backends//", "", "jobs//results/"):
        reply = client.http.get(f"/v1/{path}")
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/html")
    EXCHANGES.clear()


def test_a_large_body(make_service: ServiceMaker) -> None:
    client = PlatformClient(make_service(Settings(max_job_bytes=2000)))
    assert client.create().status_code == 200
    assert refused(client.create(sampler(["x" * 3000]))) == (413, 5302)


def test_an_unreachable_database(client: PlatformClient, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(Runs, "load", fail)
    reply = client.get("jobs/d2abc0q4t1vs70a2b3cg")
    assert refused(reply) == (503, 1999)
    assert reply.headers["retry-after"] == "1"


def test_internal_errors_have_the_format_of_the_service(
    client: PlatformClient, monkeypatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(Runs, "load", fail)
    assert refused(client.get("jobs/d2abc0q4t1vs70a2b3cg")) == (500, 9999)


def test_dialects_have_separate_jobs(service: LocalService, client: PlatformClient) -> None:
    mine = client.done()
    classic = login(service)
    theirs = classic.submit()
    assert classic.get(f"P/Jobs/{mine}/v1").status_code == 404
    assert [one["id"] for one in classic.statuses()] == [theirs]
    assert refused(client.get(f"jobs/{theirs}")) == (404, 1291)
    assert [one["id"] for one in client.json("jobs")["jobs"]] == [mine]
