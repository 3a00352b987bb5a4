"""The emulator as a process of its own, with two users: one for schemathesis, one who looks on."""

from __future__ import annotations

import json
import re
import secrets
import time
from pathlib import Path
from typing import Any

import requests
from emulator_process import EmulatorProcess

PROJECT = "/Network/ibm-q/Groups/open/Projects/main"
SIMULATOR = "ibmq_qasm_simulator"
DEVICE = "ibm_lagos"
GRANT = "urn:ibm:params:oauth:grant-type:apikey"
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
_END_SECONDS = 60.0


class Emulator(EmulatorProcess):
    """An emulator on a free port of this machine.

    Args:
        python: The interpreter that has the emulator.
        folder: For its database, accounts and messages; to be removed by the caller.

    Attributes:
        keys: The tokens of the users, which are API keys of today's dialect too, by name.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self.keys = {name: secrets.token_hex(32) for name in ("ada", "grace")}
        users = [{"name": name, "token": key} for name, key in self.keys.items()]
        super().__init__(python, folder, {"open": False, "user": users})


class User:
    """A user, logged in to both dialects.

    Args:
        emulator: The service.
        name: Which user.

    Attributes:
        classic: The headers of the classic dialect.
        platform: The headers of today's dialect.
        known: Values of parameters that exist for this user, by name.
    """

    def __init__(self, emulator: Emulator, name: str) -> None:
        self._root = emulator.root
        self._http = requests.Session()
        self._http.trust_env = False
        key = emulator.keys[name]
        login = self._send("POST", "/users/loginWithToken", json={"apiToken": key})
        form = {"grant_type": GRANT, "apikey": key}
        token = self._send("POST", "/identity/token", data=form)["access_token"]
        self.classic = {"X-Access-Token": login["id"]}
        self.platform = {"Authorization": f"Bearer {token}", "Service-CRN": emulator.crn}
        self.known: dict[str, list[Any]] = {
            "hub": ["ibm-q"],
            "group": ["open"],
            "project": ["main"],
            "backend_name": [DEVICE, "ibmq_vigo"],
            "created_on": [SIMULATOR],
            "account_id": [re.search(r":a/([^:]+):", emulator.crn)[1]],
            "apikey": [key],
            "grant_type": [GRANT],
            "program_id": ["sampler"],
            "params": [SAMPLER],
            "filter": [json.dumps(one) for one in FILTERS],
            "job_id": [],
            "session_id": [],
            "entry_id": [],
        }

    def make_things(self) -> None:
        """Jobs that have ended, a job without data, and a session, in both dialects."""
        path = f"{PROJECT}/Jobs"
        body = {"backend": {"name": SIMULATOR}, "allowObjectStorage": True, "tags": ["mine"]}
        for uploaded in (True, False):
            job = self._send("POST", path, self.classic, json=body)
            self.known["job_id"].append(job["id"])
            if uploaded:
                url = job["objectStorageInfo"]["uploadUrl"]
                self._send("PUT", url.removeprefix(self._root), json=QOBJ)
                self._send("POST", f"{path}/{job['id']}/jobDataUploaded", self.classic)
                self._wait(f"{path}/{job['id']}/status/v/1", self.classic)
        session = {"mode": "batch", "backend": DEVICE, "max_ttl": 28_000}
        made = self._send("POST", "/api/v1/sessions", self.platform, json=session)
        self.known["session_id"].append(made["id"])
        body = {"program_id": "sampler", "backend": DEVICE, "params": SAMPLER, "tags": ["mine"]}
        job = self._send("POST", "/api/v1/jobs", self.platform, json=body)
        self.known["job_id"].append(job["id"])
        self._wait(f"/api/v1/jobs/{job['id']}", self.platform)
        plan = self._send("GET", "/api/v1/instance", self.platform)["plan_id"]
        self.known["entry_id"].append(plan)

    def look(self) -> dict[str, Any]:
        """All that is kept of this user's things."""
        *classic, job_id = self.known["job_id"]
        (session_id,) = self.known["session_id"]
        found = {
            path: self._send("GET", path, self.platform)
            for path in (
                f"/api/v1/jobs/{job_id}?exclude_params=false",
                f"/api/v1/jobs/{job_id}/results",
                "/api/v1/jobs",
                f"/api/v1/sessions/{session_id}",
            )
        }
        found["/jobs"] = self._send("GET", f"{PROJECT}/Jobs/v/1", self.classic)
        for one in classic:
            path = f"{PROJECT}/Jobs/{one}"
            found[path] = self._send("GET", f"{path}/v/1", self.classic)
        url = self._send("GET", f"{PROJECT}/Jobs/{classic[0]}/resultDownloadUrl", self.classic)
        found["result"] = self._send("GET", url["url"].removeprefix(self._root))
        return found

    def _wait(self, path: str, headers: dict[str, str]) -> None:
        deadline = time.monotonic() + _END_SECONDS
        while self._send("GET", path, headers)["status"] not in ("COMPLETED", "Completed"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{path} did not complete within {_END_SECONDS} s")
            time.sleep(0.1)

    def _send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **content: Any
    ) -> Any:
        reply = self._http.request(
            method, self._root + path, headers=headers, timeout=_END_SECONDS, **content
        )
        if not reply.ok:
            raise RuntimeError(f"{method} {path}: {reply.status_code} {reply.text}")
        return reply.json() if reply.content else None
