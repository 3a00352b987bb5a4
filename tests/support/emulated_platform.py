"""A plain httpx client for the emulated platform."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any

import httpx
import numpy as np

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from tests.support.emulator import OPEN_CLIENTS, PLAIN_HTTP, until
from tests.support.exchanges import Exchange, exchange_of

VERSION = "2026-04-15"
GRANT = "urn:ibm:params:oauth:grant-type:apikey"
FINAL = {"Completed", "Cancelled", "Failed"}
EXCHANGES: list[Exchange] = []
"""The exchanges of all clients in a test; checked against the description afterwards."""

QASM = 'OPENQASM 3.0; include "stdgates.inc"; bit[2] c; x $0; c[0] = measure $0; c[1] = measure $1;'


def sampler(*pubs: Any, **params: Any) -> dict[str, Any]:
    """Return the input of a sampler; by default one circuit with 10 shots."""
    return {"pubs": list(pubs) or [[QASM, None, 10]], "version": 2, **params}


class PlatformClient:
    """One user with an API key, in one instance."""

    def __init__(
        self, service: LocalService, api_key: str | None = None, *, crn: str | None = None
    ) -> None:
        self.service = service
        self.http = httpx.Client(
            base_url=service.platform_url,
            **PLAIN_HTTP,
            event_hooks={"response": [_keep]},
        )
        OPEN_CLIENTS.append(self)  # type: ignore[arg-type]
        self.api_key = api_key or service.api_key
        self.http.headers.update(
            {
                "Authorization": f"Bearer {self.token()}",
                "Service-CRN": crn or service.crn,
                "IBM-API-Version": VERSION,
            }
        )

    def exchange(self, **form: Any) -> httpx.Response:
        """Send ``exchangeToken``, by default with the API key."""
        fields = form or {"grant_type": GRANT, "apikey": self.api_key}
        return self.http.post(f"{self.service.url}/identity/token", data=fields)

    def token(self) -> str:
        reply = self.exchange()
        assert reply.status_code == 200, reply.text
        token: str = reply.json()["access_token"]
        return token

    def at(self, version: str | None) -> PlatformClient:
        """Set the version of the API, ``None`` for no header, and return the client."""
        if version is None:
            del self.http.headers["IBM-API-Version"]
        else:
            self.http.headers["IBM-API-Version"] = version
        return self

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(f"/v1/{path}", params=query or None)

    def json(self, path: str, **query: Any) -> Any:
        reply = self.get(path, **query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        if body is not None:
            options["json"] = body
        return self.http.post(f"/v1/{path}", **options)

    def create(self, params: Any = None, backend: str = "ibm_lagos", **body: Any) -> httpx.Response:
        """Send ``createJob``."""
        body.setdefault("program_id", "sampler")
        return self.post(
            "jobs", {"backend": backend, "params": sampler() if params is None else params, **body}
        )

    def submit(self, params: Any = None, backend: str = "ibm_lagos", **body: Any) -> str:
        reply = self.create(params, backend, **body)
        assert reply.status_code == 200, reply.text
        job_id: str = reply.json()["id"]
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        document: dict[str, Any] = self.json(f"jobs/{job_id}")
        return document

    def wait(self, job_id: str, *states: str) -> dict[str, Any]:
        """Poll until the job is in one of the states, or final."""
        wanted = set(states) or FINAL
        found: dict[str, Any] = until(
            lambda: self.json(f"jobs/{job_id}", exclude_params="true"),
            lambda document: document["state"]["status"] in wanted,
            give_up=lambda document: document["state"]["status"] in FINAL,
        )
        return found

    def done(self, params: Any = None, backend: str = "ibm_lagos", **body: Any) -> str:
        """Submit a job, wait until it has completed and return its id."""
        job_id = self.submit(params, backend, **body)
        assert self.wait(job_id)["state"]["status"] == "Completed"
        return job_id

    def cancel(self, job_id: str) -> httpx.Response:
        return self.http.post(f"/v1/jobs/{job_id}/cancel")

    def delete(self, path: str) -> httpx.Response:
        return self.http.delete(f"/v1/{path}")

    def close(self) -> None:
        self.http.close()


def instance_of(service: LocalService, name: str) -> ServiceInstance:
    """Return the instance with a name."""
    listed = service.dialects.platform.state.instances._by_crn.values()
    return next(one for one in listed if one.name == name)


def refused(reply: httpx.Response) -> tuple[int, int | None]:
    """Return status and code of an error."""
    body = reply.json()
    (error,) = body["errors"]
    assert error["message"]
    assert body["trace"]
    assert reply.headers["uber-trace-id"].startswith(body["trace"].replace("-", ""))
    return reply.status_code, error.get("code")


def array_of(typed: dict[str, Any]) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the array in a typed ``ndarray``."""
    assert typed["__type__"] == "ndarray"
    content = zlib.decompress(base64.b64decode(typed["__value__"]))
    loaded: np.ndarray[Any, np.dtype[Any]] = np.load(io.BytesIO(content), allow_pickle=False)
    return loaded


def _keep(response: httpx.Response) -> None:
    response.read()
    EXCHANGES.append(exchange_of(response.request, response))
