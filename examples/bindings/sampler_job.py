"""Run one circuit on IBM Quantum Platform with the generated bindings alone.

QISKIT_IBM_TOKEN is the API key of the account, QISKIT_IBM_INSTANCE the CRN of an instance.
"""

import json
import os
import time
from collections import Counter
from typing import Any, TypeVar

from ibmq_api_cloud import Client
from ibmq_api_cloud.api.iam import exchange_token
from ibmq_api_cloud.models import TokenRequest
from ibmq_api_platform import AuthenticatedClient
from ibmq_api_platform.api.backends import list_backends
from ibmq_api_platform.api.jobs import create_job, get_job, get_job_results
from ibmq_api_platform.models import BackendList, Device, DeviceStatus, JobRequest
from ibmq_api_platform.types import Response

T = TypeVar("T")

URL = os.environ.get("QISKIT_IBM_URL", "https://quantum.cloud.ibm.com/api")
TOKEN_URL = os.environ.get("IAM_URL", "https://iam.cloud.ibm.com")
CIRCUIT = """
OPENQASM 3.0;
include "stdgates.inc";
bit[1] c;
sx $0;
c[0] = measure $0;
"""


def access_token(api_key: str) -> str:
    """Exchange an API key for a token, which is valid for about an hour."""
    body = TokenRequest("urn:ibm:params:oauth:grant-type:apikey", apikey=api_key)
    with Client(TOKEN_URL) as client:
        reply = exchange_token.sync_detailed(client=client, body=body)
    if reply.parsed is None:
        raise SystemExit(f"The key was refused ({reply.status_code}): {reply.error}")
    return reply.parsed.access_token


def platform(token: str, crn: str) -> AuthenticatedClient:
    """Return a client that sends the token, the instance and the API version with each request."""
    headers = {"Service-CRN": crn, "IBM-API-Version": "2026-04-15"}
    return AuthenticatedClient(URL, token=token, headers=headers)


def parsed(reply: Response[T, Any]) -> T:
    """Return the document of a reply, or end with the error of the service."""
    if reply.parsed is None:
        raise SystemExit(f"The service answered {reply.status_code}: {reply.error}")
    return reply.parsed


def least_busy(found: BackendList) -> str:
    """Return the name of the device that is online and has the shortest queue."""
    queues = {
        device.name: device.queue_length or 0
        for device in found.devices
        if isinstance(device, Device)
        and isinstance(device.status, DeviceStatus)
        and device.status.name == "online"
    }
    return min(queues, key=lambda name: queues[name])


def sampler_job(device: str, shots: int) -> JobRequest:
    """Return the request of a job that may take at most 30 s on the device."""
    params = {"pubs": [[CIRCUIT, [], shots]], "version": 2, "support_qiskit": False}
    return JobRequest("sampler", device, params=params, cost=30)


def has_ended(status: str) -> bool:
    return status in ("Completed", "Failed") or status.startswith("Cancel")


def counts(result: str) -> Counter[str]:
    """Return how often each value of the register c was measured."""
    (pub,) = json.loads(result)["results"]
    return Counter(pub["data"]["c"]["samples"])


def main() -> None:
    token = access_token(os.environ["QISKIT_IBM_TOKEN"])
    with platform(token, os.environ["QISKIT_IBM_INSTANCE"]) as client:
        device = least_busy(parsed(list_backends.sync_detailed(client=client)))
        body = sampler_job(device, shots=100)
        job = parsed(create_job.sync_detailed(client=client, body=body))
        print(f"job {job.id} on {device}")
        while True:
            reply = get_job.sync_detailed(job.id, client=client, exclude_params=True)
            state = parsed(reply).state
            if has_ended(state.status):
                break
            time.sleep(2)
        if state.status != "Completed":
            raise SystemExit(f"{state.status}: {state.reason}")
        print(counts(parsed(get_job_results.sync_detailed(job.id, client=client))))


if __name__ == "__main__":
    main()
