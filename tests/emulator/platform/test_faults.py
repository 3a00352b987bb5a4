"""Faults in the platform dialect, including the account services."""

from __future__ import annotations

import base64
import email.utils
import json
import time
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import EXCHANGES, PlatformClient


@pytest.fixture
def service(make_service: ServiceMaker) -> LocalService:
    return make_service(Settings(open_mode=True), faults=[])


def scripted(service: LocalService, operation: str, kind: str, **values: Any) -> None:
    service.faults.script([{"operation": operation, "calls": 1, "kind": kind, **values}])


def jobs_of(client: PlatformClient) -> int:
    count: int = client.json("jobs")["count"]
    return count


def kinds(service: LocalService) -> list[tuple[str, str | None, int | None]]:
    return [(one.operation, one.fault, one.status) for one in service.faults.requests]


def test_error_bodies_of_a_status(client: PlatformClient, service: LocalService) -> None:
    """They are checked against the specification at the end of the test."""
    codes = {401: 1219, 429: 1202, 500: 9999, 503: 1999}
    for status, code in codes.items():
        scripted(service, "platform:createJob", "status", status=status)
        reply = client.create()
        assert reply.status_code == status
        assert reply.json()["errors"][0]["code"] == code
        assert reply.json()["trace"]
    assert jobs_of(client) == 0
    for status in (409, 524):
        scripted(service, "getUsage", "status", status=status)
        EXCHANGES.clear()
        body = client.get("instances/usage").json()
        assert "code" not in body["errors"][0]
    EXCHANGES.clear()


def test_a_lost_response_after_the_job_was_made(
    client: PlatformClient, service: LocalService
) -> None:
    for kind, jobs in (("refuse", 0), ("reset_before", 0), ("lost_response", 1), ("truncate", 2)):
        scripted(service, "createJob", kind)
        with pytest.raises(httpx.TransportError):
            client.create()
        assert jobs_of(client) == jobs
    scripted(service, "createJob", "status", status=503, handled=True)
    assert client.create().status_code == 503
    assert jobs_of(client) == 3


def test_rate_limits(client: PlatformClient, service: LocalService) -> None:
    scripted(service, "listJobs", "rate_limit", retry_after=4)
    reply = client.get("jobs")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "4")
    scripted(service, "exchangeToken", "rate_limit", retry_after=60, as_date=True)
    reply = client.exchange()
    assert reply.status_code == 429
    assert reply.json()["errorMessage"] == "Too Many Requests"
    after = email.utils.parsedate_to_datetime(reply.headers["Retry-After"]).timestamp()
    assert 50 < after - time.time() <= 61
    EXCHANGES.clear()


def test_the_services_of_the_account(client: PlatformClient, service: LocalService) -> None:
    service.faults.script(
        [
            {"operation": "exchangeToken", "calls": 1, "kind": "status", "status": 500},
            {"operation": "exchangeToken", "calls": 2, "kind": "wrong_json", "body": "{"},
            {"operation": "exchangeToken", "calls": 3, "kind": "lost_response"},
            {"operation": "searchInstances", "calls": 1, "kind": "html", "status": 503},
            {"operation": "getCatalogEntry", "calls": 1, "kind": "stall", "seconds": 0.01},
        ]
    )
    reply = client.exchange()
    assert (reply.status_code, set(reply.json())) == (
        500,
        {"errorCode", "errorMessage", "context"},
    )
    assert client.exchange().text == "{"
    with pytest.raises(httpx.RemoteProtocolError):
        client.exchange()
    assert client.exchange().json()["emulator"] == "ibmq_backend with scripted faults"
    search = f"{service.url}/v3/resources/search"
    body = {"query": "service_name:quantum-computing"}
    assert client.http.post(search, json=body).headers["content-type"].startswith("text/html")
    found = client.http.post(search, json=body).json()["items"][0]
    entry = found["service_plan_unique_id"]
    reply = client.http.get(f"{service.url}/api/v1/{entry}")
    assert reply.json()["id"] == entry
    assert [one for one in kinds(service) if one[1]] == [
        ("exchangeToken", "status", 500),
        ("exchangeToken", "wrong_json", 200),
        ("exchangeToken", "lost_response", None),
        ("searchInstances", "html", 503),
        ("getCatalogEntry", "stall", 200),
    ]
    EXCHANGES.clear()


def test_an_expired_token_is_really_revoked(client: PlatformClient, service: LocalService) -> None:
    other = PlatformClient(service, "the key of somebody else")
    scripted(service, "createJob", "expired_token")
    assert client.create().status_code == 401
    assert client.get("jobs").status_code == 401
    assert other.get("jobs").status_code == 200
    client.http.headers["Authorization"] = f"Bearer {client.token()}"
    assert client.create().status_code == 200
    assert jobs_of(client) == 1


def test_an_api_key_does_not_expire(client: PlatformClient, service: LocalService) -> None:
    client.http.headers["Authorization"] = f"apikey {service.api_key}"
    scripted(service, "listJobs", "expired_token")
    assert client.get("jobs").status_code == 200


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@pytest.mark.parametrize("seconds", [-7200, 7200])
def test_a_wrong_clock(make_service: ServiceMaker, seconds: int) -> None:
    """The client sees other times; the lifetime of the token does not change."""
    clock = ManualClock()
    service = make_service(
        clock=clock, faults=[{"operation": "*", "kind": "clock_skew", "seconds": seconds}]
    )
    client = PlatformClient(service)
    reply = client.exchange()
    document = reply.json()
    now = clock.now().timestamp()
    assert document["expiration"] == now + 3600 + seconds
    assert document["expires_in"] == 3600
    token = claims(document["access_token"])
    assert (token["iat"], token["exp"]) == (now + seconds, now + 3600 + seconds)
    date = email.utils.parsedate_to_datetime(reply.headers["Date"]).timestamp()
    assert abs(date - time.time() - seconds) < 60
    client.http.headers["Authorization"] = f"Bearer {document['access_token']}"
    clock.advance(3599)
    assert client.get("jobs").status_code == 200
    clock.advance(2)
    assert client.get("jobs").status_code == 401


def test_other_regions_and_spellings_are_the_same_operation(
    client: PlatformClient, service: LocalService
) -> None:
    scripted(service, "platform:getVersions", "status", status=503)
    assert client.http.get(f"{service.regional_url('eu-de')}//v1/versions").status_code == 503
    assert client.get("versions").status_code == 200
    assert [one.call for one in service.faults.requests] == [1, 2]
