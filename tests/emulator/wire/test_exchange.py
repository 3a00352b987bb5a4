"""Replies that do not change, and reads of a request."""

from __future__ import annotations

import httpx
import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.store.database import Store
from tests.support.emulated_platform import PlatformClient
from tests.support.emulator import P, login


@pytest.mark.parametrize(
    "path",
    [
        f"{P}/devices/v/1",
        f"{P}/devices/ibmq_vigo/properties",
        "/v1/backends/ibm_lagos/configuration",
        "/v1/backends/ibm_lagos/properties",
    ],
)
def test_a_client_that_has_a_document_gets_304(service: LocalService, path: str) -> None:
    """Only if it is logged in."""
    http = PlatformClient(service).http if path.startswith("/v1/") else login(service).http
    headers = {
        name: http.headers[name]
        for name in ("x-access-token", "authorization", "service-crn")
        if name in http.headers
    }
    with httpx.Client(base_url=service.url, headers=headers, trust_env=False) as client:
        first = client.get(path)
        assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache")
        known = {"If-None-Match": first.headers["etag"]}
        again = client.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
        for name in ("x-access-token", "authorization"):
            client.headers.pop(name, None)
        assert client.get(path, headers=known).status_code == 401


def test_a_request_reads_what_it_has_written(service: LocalService) -> None:
    """Its reads share a transaction, which ends before it writes."""
    client = login(service)
    job_id = client.create()["id"]
    assert client.post(f"P/Jobs/{job_id}/cancel").json() == {"cancelled": True}
    # This one reads the status, tries to cancel the job, and reads the status again.
    assert client.post(f"P/Jobs/{job_id}/cancel").json() == {"cancelled": True}
    store: Store = service.service_state.store
    account = service.service_state.accounts
    with store.shared_read():
        assert account.authenticate(client.token).user_id
        account.revoke(client.token)
        assert account._find_user_id(client.token) is None
    assert client.get("/users/me").status_code == 401
