"""Routes and handlers of the classic dialect."""

from __future__ import annotations

import httpx
import pytest

from ibmq_backend.emulator.classic import binding
from ibmq_backend.emulator.classic._routes import ROUTES
from ibmq_backend.emulator.classic.handlers import HANDLERS, NOT_EMULATED
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.wire.routes import Route
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import Client, error_of


def test_handlers_cover_the_route_table() -> None:
    classic = {route.operation_id for route in ROUTES if route.dialect == "classic"}
    assert set(HANDLERS) | NOT_EMULATED == classic
    assert not set(HANDLERS) & NOT_EMULATED


def test_a_missing_handler_is_an_error(make_service: ServiceMaker, monkeypatch) -> None:
    extra = Route("somethingNew", "classic", "GET", "/new", 200, True, True)
    monkeypatch.setattr(binding, "ROUTES", (*ROUTES, extra))
    with pytest.raises(EmulatorError, match="somethingNew"):
        make_service()


def test_operations_that_are_not_emulated_reply_501(
    make_service: ServiceMaker, monkeypatch
) -> None:
    fewer = {name: handler for name, handler in HANDLERS.items() if name != "getVersion"}
    monkeypatch.setattr(binding, "HANDLERS", fewer)
    monkeypatch.setattr(binding, "NOT_EMULATED", frozenset({"getVersion"}))
    reply = httpx.get(make_service().url + "/version", trust_env=False)
    assert error_of(reply)[0] == 501
    assert "getVersion" in reply.json()["error"]["message"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_every_operation_is_reached(client: Client, route: Route) -> None:
    """No route hides another one: with invalid path parameters every operation replies."""
    path = route.path.format(
        hub="ibm-q", group="open", project="main", backend_name="status", job_id="status",
        object_name="v",
    )  # fmt: skip
    reply = client.http.request(route.method, path)
    if reply.status_code != 200:
        assert error_of(reply)[1] not in (2411, 1000), reply.text
