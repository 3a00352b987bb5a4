"""The least necessary requests of the classic API, with httpx and nothing else."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from bell import bell_qobj
from driver import MANY, THREADS, TOKEN, URL, Operation, drive

PROJECT = "/Network/ibm-q/Groups/open/Projects/main"
DEVICE = f"{PROJECT}/devices/ibmq_vigo"


def log_in() -> httpx.Client:
    """Log in, and read where the account may work and the devices there."""
    client = httpx.Client(base_url=URL, verify=False, trust_env=False, timeout=30)  # noqa: S501
    token = client.post("/users/loginWithToken", json={"apiToken": TOKEN}).json()["id"]
    client.headers["X-Access-Token"] = token
    client.get("/users/me").json()
    client.get("/Network").json()
    client.get(f"{PROJECT}/devices/v/1").json()
    return client


CLIENT = log_in()
QOBJ = bell_qobj()


def submit(_: object = None) -> str:
    """Submit a Qobj and return the id of the job."""
    wanted = {"backend": {"name": "ibmq_vigo"}, "allowObjectStorage": True, "shots": 1024}
    job = CLIENT.post(f"{PROJECT}/Jobs", json=wanted).json()
    CLIENT.put(job["objectStorageInfo"]["uploadUrl"], content=json.dumps(QOBJ.to_dict()).encode())
    CLIENT.post(f"{PROJECT}/Jobs/{job['id']}/jobDataUploaded").json()
    return str(job["id"])


def download(job_id: str) -> Any:
    """Return the result of a job that is known to be finished."""
    address = CLIENT.get(f"{PROJECT}/Jobs/{job_id}/resultDownloadUrl").json()["url"]
    return CLIENT.get(address).json()


def result(job_id: str) -> Any:
    """Return the result of a job of unknown status."""
    while CLIENT.get(f"{PROJECT}/Jobs/{job_id}/status/v/1").json()["status"] != "COMPLETED":
        time.sleep(0.01)
    return download(job_id)


def result_in_a_second(job_id: str) -> Any:
    """Return the result of a job that takes a second from now on, knowing that."""
    CLIENT.get(f"{PROJECT}/Jobs/{job_id}/status/v/1").json()
    time.sleep(1.0)
    return result(job_id)


def listed(limit: int) -> Any:
    """Return jobs, the newest first."""
    query = {"order": "creationDate DESC", "limit": limit, "skip": 0, "where": {}}
    return CLIENT.get(f"{PROJECT}/Jobs/status/v/1", params={"filter": json.dumps(query)}).json()


def results_of_many(jobs: list[str]) -> None:
    """Fetch results, several at a time."""
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(download, jobs))


def submit_many(_: None) -> None:
    """Submit jobs and fetch their results, several at a time."""
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda _: result(submit()), range(MANY)))


if __name__ == "__main__":
    drive(
        {
            "login": Operation(lambda _: log_in().close()),
            "status": Operation(lambda _: CLIENT.get(f"{DEVICE}/queue/status").json()),
            "properties": Operation(lambda _: CLIENT.get(f"{DEVICE}/properties?version=1").json()),
            "submit": Operation(submit),
            "submit + result": Operation(lambda _: result(submit())),
            "result": Operation(result, submit),
            "jobs(200)": Operation(lambda _: listed(200)),
            "50 results": Operation(results_of_many, lambda: [one["id"] for one in listed(MANY)]),
            "50 jobs": Operation(submit_many),
            "wait 1 s": Operation(result_in_a_second, submit),
        },
        "httpx",
    )
