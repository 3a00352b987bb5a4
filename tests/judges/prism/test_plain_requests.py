"""Operations that our client does not use, in each version of the API."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from proxies import Front

from ibmq_backend.emulator.http.embedded import LocalService

LATEST = "2026-04-15"
READS = {
    "getVersions": "versions",
    "listBackends": "backends",
    "listTags": "tags?type=job&search=cou",
    "getInstance": "instance",
    "getInstanceConfiguration": "instances/configuration",
    "getUsage": "instances/usage",
    "getAccountConfiguration": "accounts/{account}",
    "listWorkloads": "workloads",
}


@pytest.fixture(params=["2025-05-01", LATEST])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def http(service: LocalService, front: Front) -> Iterator[httpx.Client]:
    """Yield a client with an access token and an instance."""
    key = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": service.api_key}
    with httpx.Client(base_url=front.url, trust_env=False, timeout=60.0) as http:
        reply = http.post("/identity/token", data=key).raise_for_status()
        http.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        http.headers["Service-CRN"] = service.crn
        yield http


def send(
    http: httpx.Client, method: str, path: str, version: str, body: object = None
) -> httpx.Response:
    headers = {"IBM-API-Version": version}
    return http.request(method, f"/api/v1/{path}", headers=headers, json=body)


@pytest.mark.parametrize("operation", READS)
def test_read(http: httpx.Client, service: LocalService, operation: str, version: str) -> None:
    account = service.crn.split(":a/")[1].partition(":")[0]
    send(http, "GET", READS[operation].format(account=account), version).raise_for_status()


def test_a_session_is_created_read_closed_and_ended(http: httpx.Client, version: str) -> None:
    created = send(http, "POST", "sessions", version, {"mode": "batch", "max_ttl": 300})
    path = f"sessions/{created.raise_for_status().json()['id']}"
    send(http, "GET", path, version).raise_for_status()
    send(http, "PATCH", path, version, {"accepting_jobs": False}).raise_for_status()
    send(http, "DELETE", f"{path}/close", version).raise_for_status()


def test_prism_reports_a_request_without_a_required_parameter(
    http: httpx.Client, front: Front
) -> None:
    send(http, "GET", "tags?type=job", LATEST)
    assert [one for one in front.take_violations() if "search" in one]
