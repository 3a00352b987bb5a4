"""Which endpoint serves a request."""

from __future__ import annotations

from typing import Any

import pytest

from ibmq_backend.emulator.wire.endpoints import WEBSOCKET, Endpoint, Endpoints

UUID = "0b04e4ec-1b4e-4d3e-9c1c-6a4f0b6f2f0e"


async def _serve(_connection: Any) -> None:
    """Serve nothing."""


ENDPOINTS = Endpoints(
    Endpoint(name, method, path, _serve)
    for name, method, path in (
        ("job", "GET", "/jobs/{job_id}"),
        ("limit", "GET", "/jobs/limit"),
        ("delete", "DELETE", "/jobs/{job_id}"),
        ("status", "GET", "/jobs/{job_id}/status"),
        ("other", "GET", "/{kind}/limit/{name}"),
        ("stream", WEBSOCKET, "/jobs/{job_id}/status"),
        ("entry", "GET", "/{entry_id:uuid}"),
    )
)


@pytest.mark.parametrize(
    ("method", "path", "name", "parameters"),
    [
        ("GET", "/jobs/a1", "job", {"job_id": "a1"}),
        ("HEAD", "/jobs/a1", "job", {"job_id": "a1"}),
        ("GET", "/jobs/limit", "limit", {}),
        ("DELETE", "/jobs/limit", "delete", {"job_id": "limit"}),
        ("GET", "/jobs/limit/status", "status", {"job_id": "limit"}),
        ("GET", "/jobs/limit/x", "other", {"kind": "jobs", "name": "x"}),
        (WEBSOCKET, "/jobs/a1/status", "stream", {"job_id": "a1"}),
        ("GET", f"/{UUID}", "entry", {"entry_id": UUID}),
        ("GET", "/jobs", None, {}),
        ("GET", "/jobs/", None, {}),
        ("GET", "/jobs//status", None, {}),
        ("GET", "/jobs/a1/status/x", None, {}),
        ("POST", "/jobs/a1", None, {}),
        ("WEBSOCKET", "/jobs/a1", None, {}),
    ],
)
def test_which_endpoint_is_found(
    method: str, path: str, name: str | None, parameters: dict[str, str]
) -> None:
    kind = "websocket" if method == WEBSOCKET else "http"
    found = ENDPOINTS.find({"type": kind, "method": method, "path": path})
    assert (found and (found[0].name, found[1])) == (name and (name, parameters))
