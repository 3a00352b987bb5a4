"""Users of the emulator with jobs and sessions, made by plain requests."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import requests
from processes import Emulator

PROJECT = "/Network/ibm-q/Groups/open/Projects/main"
SIMULATOR = "ibmq_qasm_simulator"
DEVICE = "ibm_lagos"
GRANT_TYPE = "urn:ibm:params:oauth:grant-type:apikey"
SAMPLER = {
    "version": 2,
    "pubs": [['OPENQASM 3.0; include "stdgates.inc"; bit[1] c; x $0; c[0] = measure $0;', None, 5]],
}
QOBJ: dict[str, Any] = {
    "qobj_id": "q",
    "type": "QASM",
    "schema_version": "1.3.0",
    "header": {},
    "config": {"shots": 5, "memory_slots": 1},
    "experiments": [{"instructions": [{"name": "measure", "qubits": [0], "memory": [0]}]}],
}
FILTERS: tuple[dict[str, Any], ...] = (
    {"order": "creationDate DESC", "limit": 10, "skip": 1},
    {"where": {"status": {"inq": ["COMPLETED", "CREATING"]}, "tags": "mine"}},
    {"where": {"or": [{"name": {"regexp": "^a.*z$"}}, {"name": {"like": "b%"}}]}},
    {
        "where": {"creationDate": {"between": ["2020-01-01", "2099-01-01"]}},
        "fields": ["id", "creationDate", "status"],
    },
)
_TIMEOUT_SECONDS = 60.0


class User:
    """A user who is logged in to both APIs, with jobs and a session.

    Args:
        emulator: the service.
        token: the API token of the classic API, and the API key of the platform.

    Attributes:
        headers: the headers of requests, by description.
        known: values of parameters that exist for this user, by parameter.
    """

    def __init__(self, emulator: Emulator, token: str) -> None:
        self._root = emulator.root
        self._http = requests.Session()
        self._http.trust_env = False
        login = self._send("POST", "/users/loginWithToken", json={"apiToken": token})
        form = {"grant_type": GRANT_TYPE, "apikey": token}
        access_token = self._send("POST", "/identity/token", data=form)["access_token"]
        bearer = {"Authorization": f"Bearer {access_token}"}
        self.headers = {
            "classic": {"X-Access-Token": login["id"]},
            "platform": {**bearer, "Service-CRN": emulator.crn},
            "cloud": bearer,
        }
        account = re.search(r":a/([^:]+):", emulator.crn)
        assert account
        self.known: dict[str, list[Any]] = {
            "hub": ["ibm-q"],
            "group": ["open"],
            "project": ["main"],
            "backend_name": [DEVICE, "ibmq_vigo"],
            "created_on": [SIMULATOR],
            "account_id": [account[1]],
            "apikey": [token],
            "grant_type": [GRANT_TYPE],
            "program_id": ["sampler"],
            "params": [SAMPLER],
            "filter": [json.dumps(one) for one in FILTERS],
            "job_id": [],
            "session_id": [],
            "entry_id": [],
        }
        self._create_classic_jobs()
        self._create_session_and_job()

    def read_all(self) -> dict[str, Any]:
        """Return what the emulator stores for this user."""
        *classic, job_id = self.known["job_id"]
        (session_id,) = self.known["session_id"]
        found = {
            path: self._get("platform", path)
            for path in (
                f"/api/v1/jobs/{job_id}?exclude_params=false",
                f"/api/v1/jobs/{job_id}/results",
                "/api/v1/jobs",
                f"/api/v1/sessions/{session_id}",
            )
        }
        paths = [f"{PROJECT}/Jobs/v/1", *(f"{PROJECT}/Jobs/{one}/v/1" for one in classic)]
        found |= {path: self._get("classic", path) for path in paths}
        url = self._get("classic", f"{PROJECT}/Jobs/{classic[0]}/resultDownloadUrl")["url"]
        found["result"] = self._send("GET", url.removeprefix(self._root))
        return found

    def _create_classic_jobs(self) -> None:
        """Create a completed job and one whose data is missing."""
        path, headers = f"{PROJECT}/Jobs", self.headers["classic"]
        body = {"backend": {"name": SIMULATOR}, "allowObjectStorage": True, "tags": ["mine"]}
        completed = self._send("POST", path, headers, json=body)
        url = completed["objectStorageInfo"]["uploadUrl"].removeprefix(self._root)
        self._send("PUT", url, json=QOBJ)
        self._send("POST", f"{path}/{completed['id']}/jobDataUploaded", headers)
        self._wait("classic", f"{path}/{completed['id']}/status/v/1")
        without_data = self._send("POST", path, headers, json=body)
        self.known["job_id"] += [completed["id"], without_data["id"]]

    def _create_session_and_job(self) -> None:
        headers = self.headers["platform"]
        session = {"mode": "batch", "backend": DEVICE, "max_ttl": 28_000}
        created = self._send("POST", "/api/v1/sessions", headers, json=session)
        self.known["session_id"].append(created["id"])
        body = {"program_id": "sampler", "backend": DEVICE, "params": SAMPLER, "tags": ["mine"]}
        job = self._send("POST", "/api/v1/jobs", headers, json=body)
        self.known["job_id"].append(job["id"])
        self._wait("platform", f"/api/v1/jobs/{job['id']}")
        self.known["entry_id"].append(self._get("platform", "/api/v1/instance")["plan_id"])

    def _wait(self, description: str, path: str) -> None:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while self._get(description, path)["status"] not in ("COMPLETED", "Completed"):
            assert time.monotonic() < deadline, f"{path} did not complete"
            time.sleep(0.1)

    def _get(self, description: str, path: str) -> Any:
        return self._send("GET", path, self.headers[description])

    def _send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **content: Any
    ) -> Any:
        reply = self._http.request(
            method, self._root + path, headers=headers, timeout=_TIMEOUT_SECONDS, **content
        )
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None
