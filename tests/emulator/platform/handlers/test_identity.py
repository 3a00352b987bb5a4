"""Bearer tokens, instance search, and plans."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import Plan, ServiceInstance
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import GRANT, PlatformClient, refused
from tests.support.emulator import login


def test_a_key_is_exchanged_for_a_token(service: LocalService, client: PlatformClient) -> None:
    reply = client.exchange()
    body = reply.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == Settings().bearer_seconds
    claims = json.loads(base64.urlsafe_b64decode(body["access_token"].split(".")[1] + "=="))
    assert claims["exp"] - claims["iat"] == body["expires_in"]
    assert claims["exp"] == body["expiration"]
    assert service.api_key not in reply.text


def test_every_exchange_returns_a_new_token(client: PlatformClient) -> None:
    assert client.token() != client.token()
    assert client.get("backends").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "apikey": "k"},
        {"apikey": "k"},
        {"grant_type": GRANT},
        {"grant_type": GRANT, "apikey": ""},
    ],
)
def test_an_incomplete_form(client: PlatformClient, form: dict[str, str]) -> None:
    reply = client.exchange(**form)
    assert reply.status_code == 400
    assert reply.json()["errorCode"] == "BXNIM0109E"
    assert reply.json()["context"]["requestId"]


def test_an_unknown_key(make_service: ServiceMaker) -> None:
    service = make_service()
    client = PlatformClient(service)
    reply = client.exchange(grant_type=GRANT, apikey="nobody's key")
    assert reply.status_code == 400
    assert reply.json()["errorCode"] == "BXNIM0415E"
    assert "nobody's key" not in reply.text
    client.http.headers["Authorization"] = "apikey nobody's key"
    assert refused(client.get("backends")) == (401, 1219)


def test_the_key_is_accepted_as_authorization(client: PlatformClient) -> None:
    client.http.headers["Authorization"] = f"apikey {client.api_key}"
    assert client.get("backends").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic abc"],
)
def test_no_token(client: PlatformClient, header: str) -> None:
    client.http.headers["Authorization"] = header
    assert refused(client.get("backends")) == (401, 1219)
    assert refused(client.post("jobs", {})) == (401, 1219)


def test_a_token_of_the_classic_dialect(service: LocalService, client: PlatformClient) -> None:
    client.http.headers["Authorization"] = f"Bearer {login(service).token}"
    assert refused(client.get("backends")) == (401, 1219)


def test_a_modified_token(client: PlatformClient) -> None:
    head, body, signature = client.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["exp"] += 1
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    client.http.headers["Authorization"] = f"Bearer {head}.{forged}.{signature}"
    assert refused(client.get("backends")) == (401, 1219)


def test_tokens_expire(make_service: ServiceMaker, clock: ManualClock) -> None:
    client = PlatformClient(make_service(Settings(bearer_seconds=60), clock=clock))
    clock.advance(59)
    assert client.get("backends").status_code == 200
    clock.advance(1)
    assert refused(client.get("backends")) == (401, 1219)
    client.http.headers["Authorization"] = f"Bearer {client.token()}"
    assert client.get("backends").status_code == 200


def test_tokens_can_be_revoked(make_service: ServiceMaker, clock: ManualClock) -> None:
    service = make_service(clock=clock)
    client = PlatformClient(service)
    service.dialects.platform.state.tokens.revoke_all()
    assert refused(client.get("backends")) == (401, 1219)
    clock.advance(1)
    client.http.headers["Authorization"] = f"Bearer {client.token()}"
    assert client.get("backends").status_code == 200


def test_the_search_lists_the_instances(client: PlatformClient) -> None:
    body = {"query": "service_name:quantum-computing", "fields": ["crn", "name", "doc"]}
    root = client.service.url
    reply = client.http.post(f"{root}/v3/resources/search", json=body, params={"limit": 100})
    items = reply.json()["items"]
    assert [one["name"] for one in items] == [
        "open-instance",
        "premium-instance",
        "frankfurt-instance",
    ]
    assert all(one["doc"]["extensions"] for one in items)
    assert "search_cursor" not in reply.json()
    other = client.http.post(f"{root}/v3/resources/search", json={"query": "service_name:x"})
    assert other.json()["items"] == []


def test_the_search_in_pages(client: PlatformClient) -> None:
    root, names, cursor = client.service.url, [], None
    for _ in range(3):
        body: dict[str, Any] = {"query": "service_name:quantum-computing"}
        if cursor is not None:
            body["search_cursor"] = cursor
        reply = client.http.post(f"{root}/v3/resources/search", json=body, params={"limit": 1})
        (item,) = reply.json()["items"]
        names.append(item["name"])
        cursor = reply.json().get("search_cursor")
    assert len(set(names)) == 3
    assert cursor is None


def test_invalid_searches(client: PlatformClient) -> None:
    root = client.service.url
    all_of_them = "service_name:quantum-computing"
    for body in ({}, {"query": 3}, {"query": all_of_them, "search_cursor": "x"}):
        assert client.http.post(f"{root}/v3/resources/search", json=body).status_code == 400
    del client.http.headers["Authorization"]
    reply = client.http.post(f"{root}/v3/resources/search", json={"query": "x"})
    assert reply.status_code == 401


def test_plans(client: PlatformClient) -> None:
    root = client.service.url
    body = {"query": "service_name:quantum-computing"}
    items = client.http.post(f"{root}/v3/resources/search", json=body).json()["items"]
    plans = [
        client.http.get(f"{root}/api/v1/{item['service_plan_unique_id']}").json() for item in items
    ]
    names = [plan["overview_ui"]["en"]["display_name"].lower() for plan in plans]
    assert names == ["open", "premium", "pay-as-you-go"]
    pricing = [plan["metadata"]["pricing"]["type"] for plan in plans]
    assert pricing == ["free", "subscription", "paygo"]
    unknown = "00000000-0000-4000-8000-000000000000"
    assert client.http.get(f"{root}/api/v1/{unknown}").status_code == 404


def test_users_see_their_instances_only(make_service: ServiceMaker) -> None:
    service = make_service(
        instances=[
            ServiceInstance("all"),
            ServiceInstance("ada's", Plan("small", "paid"), users=("ada",)),
        ],
        users=[User("ada", "key of ada"), User("bob", "key of bob")],
    )
    found = {}
    for name in ("ada", "bob"):
        client = PlatformClient(service, f"key of {name}")
        body = {"query": "service_name:quantum-computing"}
        reply = client.http.post(f"{service.url}/v3/resources/search", json=body)
        found[name] = [item["name"] for item in reply.json()["items"]]
    assert found == {"ada": ["all", "ada's"], "bob": ["all"]}
