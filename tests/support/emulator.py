"""A plain httpx client for the classic service, and small documents to send."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from ibmq_backend.emulator.http.embedded import LocalService

P = "/Network/ibm-q/Groups/open/Projects/main"
FINAL = {
    "COMPLETED",
    "CANCELLED",
    "ERROR_CREATING_JOB",
    "ERROR_VALIDATING_JOB",
    "ERROR_RUNNING_JOB",
}
PATIENCE = 90.0
PLAIN_HTTP: dict[str, Any] = {"trust_env": False, "timeout": PATIENCE, "verify": False}
"""Options of clients without TLS, which need no certificates; reading those takes a while."""
OPEN_CLIENTS: list[Client] = []
"""The clients to close at the end of a test."""


def bell(shots: int = 100, **config: Any) -> dict[str, Any]:
    """Return the Qobj of a Bell circuit."""
    return {
        "qobj_id": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {"backend_name": "ibmq_vigo", "backend_version": "1.3.4", "note": "mine"},
        "config": {"shots": shots, "memory_slots": 2, "n_qubits": 5, **config},
        "experiments": [
            {
                "config": {"n_qubits": 5, "memory_slots": 2},
                "header": {
                    "name": "bell",
                    "n_qubits": 5,
                    "memory_slots": 2,
                    "qreg_sizes": [["q", 5]],
                    "creg_sizes": [["c", 2]],
                    "metadata": {"lesson": 3},
                },
                "instructions": [
                    {"name": "u2", "qubits": [0], "params": [0.0, 3.141592653589793]},
                    {"name": "cx", "qubits": [0, 1]},
                    {"name": "measure", "qubits": [0], "memory": [0]},
                    {"name": "measure", "qubits": [1], "memory": [1]},
                ],
            }
        ],
    }


def long_job() -> dict[str, Any]:
    """Return a job that takes minutes: hundreds of layers on 24 qubits."""
    document = bell(1)
    layer = [{"name": "h", "qubits": [qubit]} for qubit in range(24)]
    layer += [{"name": "cu3", "qubits": [q, q + 1], "params": [1, 2, 3]} for q in range(23)]
    layer += [{"name": "measure", "qubits": [q], "memory": [0]} for q in range(24)]
    document["experiments"][0]["instructions"] = layer * 300
    document["experiments"][0]["config"] = {"n_qubits": 24, "memory_slots": 2}
    return document


class Client:
    """One logged-in user of a service."""

    def __init__(self, url: str, api_token: str, project: str = P) -> None:
        self.url = url
        self.project = project
        self.http = httpx.Client(base_url=url, **PLAIN_HTTP)
        self.plain = httpx.Client(**PLAIN_HTTP)  # sends no token
        OPEN_CLIENTS.append(self)
        reply = self.http.post("/users/loginWithToken", json={"apiToken": api_token})
        assert reply.status_code == 200, reply.text
        self.token: str = reply.json()["id"]
        self.user_id: str = reply.json()["userId"]
        self.http.headers["X-Access-Token"] = self.token

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(self._path(path), params=query or None)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.http.post(self._path(path), **options)

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.http.put(self._path(path), **options)

    def delete(self, path: str) -> httpx.Response:
        return self.http.delete(self._path(path))

    def json(self, path: str, **query: Any) -> Any:
        reply = self.get(path, **query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def create(self, backend: str = "ibmq_vigo", **body: Any) -> dict[str, Any]:
        reply = self.post(
            "P/Jobs", json={"backend": {"name": backend}, "allowObjectStorage": True, **body}
        )
        assert reply.status_code == 200, reply.text
        document: dict[str, Any] = reply.json()
        return document

    def upload(self, job: dict[str, Any], data: Any) -> httpx.Response:
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        address = job["objectStorageInfo"]["uploadUrl"]
        return self.plain.put(address, content=content)

    def submit(self, data: Any = None, backend: str = "ibmq_vigo", **body: Any) -> str:
        """Create a job, upload its data and return its id."""
        job = self.create(backend, **body)
        assert self.upload(job, bell() if data is None else data).status_code == 200
        reply = self.post(f"P/Jobs/{job['id']}/jobDataUploaded")
        assert reply.status_code == 200, reply.text
        job_id: str = reply.json()["job"]["id"]
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        document: dict[str, Any] = self.json(f"P/Jobs/{job_id}/v/1")
        return document

    def status(self, job_id: str) -> dict[str, Any]:
        document: dict[str, Any] = self.json(f"P/Jobs/{job_id}/status/v/1")
        return document

    def wait(self, job_id: str, *statuses: str) -> dict[str, Any]:
        """Poll until the job is in one of the statuses, or final."""
        wanted = set(statuses) or FINAL
        return until(
            lambda: self.status(job_id),
            lambda document: document["status"] in wanted,
            give_up=lambda document: document["status"] in FINAL,
        )

    def result(self, job_id: str) -> dict[str, Any]:
        address = self.json(f"P/Jobs/{job_id}/resultDownloadUrl")["url"]
        document: dict[str, Any] = self.plain.get(address).json()
        return document

    def statuses(self, where: Any = None, **filter_parts: Any) -> list[dict[str, Any]]:
        if where is not None:
            filter_parts["where"] = where
        listed: list[dict[str, Any]] = self.json(
            "P/Jobs/status/v/1", filter=json.dumps(filter_parts)
        )
        return listed

    def close(self) -> None:
        self.http.close()
        self.plain.close()

    def _path(self, path: str) -> str:
        return self.project + path[1:] if path.startswith("P/") else path


def login(service: LocalService, api_token: str | None = None) -> Client:
    return Client(service.url, api_token or service.api_token)


def until(
    look: Callable[[], Any],
    wanted: Callable[[Any], bool],
    give_up: Callable[[Any], bool] = lambda _seen: False,
) -> Any:
    """Call a function until its result is as wanted; fail after a while."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert not give_up(seen), f"went past what was wanted: {seen}"
        assert time.monotonic() < deadline, f"never came: last seen {seen}"
        time.sleep(0.01)


def error_of(reply: httpx.Response) -> tuple[int, Any]:
    """Return status and code of an error."""
    error = reply.json()["error"]
    assert error["status"] == error["statusCode"] == reply.status_code
    assert isinstance(error["message"], str)
    assert error["message"]
    assert reply.headers["uber-trace-id"]
    return reply.status_code, error["code"]
