"""Jobs of the platform that another client creates."""

from __future__ import annotations

from typing import Any

import httpx

from ibmq_backend.emulator.http.embedded import LocalService


def post_job(
    service: LocalService, backend_name: str, program: str, params: dict[str, Any], **more: Any
) -> str:
    """Create a job of any program with a plain request, and return its id."""
    token = httpx.post(
        f"{service.url}/identity/token",
        data={
            "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
            "apikey": service.api_key,
        },
    ).json()["access_token"]
    reply = httpx.post(
        f"{service.platform_url}/v1/jobs",
        headers={"Authorization": f"Bearer {token}", "Service-CRN": service.crn},
        json={"program_id": program, "backend": backend_name, "params": params, **more},
    )
    assert reply.status_code == 200, reply.text
    return str(reply.json()["id"])
