"""Run one circuit on a classic server with the generated binding alone.

QE_URL is the login URL and QE_TOKEN the API token, both as the server printed them.
"""

import os
import time
import uuid
from typing import Any, TypeVar

import httpx
from ibmq_api_classic import AuthenticatedClient, Client
from ibmq_api_classic.api.accounts import list_hubs, login_with_token
from ibmq_api_classic.api.backends import list_backends
from ibmq_api_classic.api.jobs import (
    create_job,
    get_job_status,
    get_result_download_url,
    mark_job_data_uploaded,
    mark_result_downloaded,
)
from ibmq_api_classic.models import BackendSelection, JobRequest, LoginRequest
from ibmq_api_classic.types import Response

T = TypeVar("T")

UNFINISHED = ("CREATING", "CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING")


def parsed(reply: Response[T, Any]) -> T:
    """Return the document of a reply, or end with the error of the service."""
    if reply.parsed is None:
        raise SystemExit(f"The service answered {reply.status_code}: {reply.error}")
    return reply.parsed


def classic(url: str, api_token: str) -> AuthenticatedClient:
    """Log in, and return a client that sends the access token with each request."""
    with Client(url) as client:
        body = LoginRequest(api_token)
        token = parsed(login_with_token.sync_detailed(client=client, body=body)).id
    return AuthenticatedClient(url, token=token, prefix="", auth_header_name="X-Access-Token")


def first_project(client: AuthenticatedClient) -> tuple[str, str, str]:
    """Return hub, group and project of the account."""
    hub = parsed(list_hubs.sync_detailed(client=client))[0]
    group_name, group = next(iter(hub.groups.additional_properties.items()))
    return hub.name, group_name, next(iter(group.projects.additional_properties))


def qobj(backend: dict[str, Any], shots: int) -> dict[str, Any]:
    """Return the data of a job: X on qubit 0, measured."""
    instructions = [
        {"name": "x", "qubits": [0]},
        {"name": "measure", "qubits": [0], "memory": [0]},
    ]
    header = {"name": "flip", "memory_slots": 1, "creg_sizes": [["c", 1]]}
    config = {"shots": shots, "memory_slots": 1, "n_qubits": backend["n_qubits"]}
    return {
        "qobj_id": str(uuid.uuid4()),
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {key: backend[key] for key in ("backend_name", "backend_version")},
        "config": config,
        "experiments": [{"header": header, "config": config, "instructions": instructions}],
    }


def run(
    client: AuthenticatedClient, project: tuple[str, str, str], backend: dict[str, Any]
) -> dict[str, int]:
    """Run a job on a backend and return its counts."""
    body = JobRequest(BackendSelection(backend["backend_name"]), allow_object_storage=True)
    job = parsed(create_job.sync_detailed(*project, client=client, body=body))
    # Not with the client: a signed URL needs no token, and the storage must not see one.
    httpx.put(job.object_storage_info.upload_url, json=qobj(backend, 100)).raise_for_status()
    parsed(mark_job_data_uploaded.sync_detailed(*project, job.id, client=client))
    while True:
        status = parsed(get_job_status.sync_detailed(*project, job.id, client=client)).status
        if status not in UNFINISHED:
            break
        time.sleep(2)
    if status != "COMPLETED":
        raise SystemExit(f"job {job.id}: {status}")
    url = parsed(get_result_download_url.sync_detailed(*project, job.id, client=client)).url
    result = httpx.get(url).raise_for_status().json()
    parsed(mark_result_downloaded.sync_detailed(*project, job.id, client=client))
    counts: dict[str, int] = result["results"][0]["data"]["counts"]
    return counts


def main() -> None:
    with classic(os.environ["QE_URL"], os.environ["QE_TOKEN"]) as client:
        project = first_project(client)
        backends = parsed(list_backends.sync_detailed(*project, client=client))
        backend = next(one for one in backends if "x" in one["basis_gates"])
        print(backend["backend_name"], run(client, project, backend))


if __name__ == "__main__":
    main()
