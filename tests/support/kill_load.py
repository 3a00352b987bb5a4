"""Users that keep working while their server is killed, and check everything.

Each records what the server replied; later replies, after any number of restarts, must agree.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx

from tests.support.emulated_platform import FINAL as PLATFORM_FINAL
from tests.support.emulated_platform import GRANT, VERSION, sampler
from tests.support.emulator import FINAL, PLAIN_HTTP, P, bell
from tests.support.kill_server import KillableServer

PATIENCE = 60.0
OPEN_JOBS = 4
"""The number of unfinished jobs of a user."""
PAUSE = 0.05
"""Seconds between two requests, so that the service gets time to run."""
_PADDING = 60_000


@dataclass
class Ledger:
    """What the server replied to all users.

    Attributes:
        accepted: the tags of the accepted jobs, by id.
        ended: a digest of the first reply about each final job, by id.
        unknown: the number of creations whose reply was lost.
        requests: the number of replies.
        torn: the number of requests without a reply.
        problems: contradictions.
    """

    accepted: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    unknown: int = 0
    requests: int = 0
    torn: int = 0
    problems: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, **counts: int) -> None:
        """Increase counters."""
        with self.changed:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)
            self.changed.notify_all()

    def wait(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait until a condition holds."""
        with self.changed:
            return self.changed.wait_for(reached, seconds)


class User:
    """A user in a thread; see :class:`ClassicUser` and :class:`PlatformUser`.

    Args:
        server: the service.
        ledger: shared by all users.
        name: a unique name.
        seed: the seed of random choices.
    """

    final: ClassVar[set[str]] = set()

    def __init__(self, server: KillableServer, ledger: Ledger, name: str, seed: int) -> None:
        self.server = server
        self.ledger = ledger
        self.name = name
        self.random = random.Random(seed)
        self.stopping = threading.Event()
        self.sent: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self._pause = threading.Event()
        self._open: list[str] = []
        self._done: list[str] = []
        self._http = httpx.Client(**PLAIN_HTTP)
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Submit nothing more, wait until all jobs are final, and end the thread."""
        self.stopping.set()
        self._thread.join(seconds)
        if self._thread.is_alive():
            self.ledger.problems.append(f"{self.name} still waits for {self._open}")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _live(self) -> None:
        try:
            self.log_in()
            number = 0
            while not self.stopping.is_set() or self._open:
                if not self.stopping.is_set() and len(self._open) < OPEN_JOBS:
                    number += 1
                    self._submit(f"{self.name}-{number}")
                self._look()
                self._pause.wait(PAUSE)
        except Exception as error:
            self.ledger.problems.append(f"{self.name} fell: {type(error).__name__}: {error}")
            raise

    def _submit(self, tag: str) -> None:
        job_id = self.submit(tag)
        with self.ledger.changed:
            self.ledger.accepted[job_id] = tag
        self._open.append(job_id)

    def _look(self) -> None:
        """Check an unfinished job, and now and then one that is final."""
        if self._open:
            job_id = self.random.choice(self._open)
            status = self.status(job_id)
            if status in self.final:
                seen = self._final_digest(job_id)
                with self.ledger.changed:
                    self.ledger.ended[job_id] = seen
                    self.ledger.changed.notify_all()
                self._open.remove(job_id)
                self._done.append(job_id)
            else:
                self.check_unfinished(job_id)
        if self._done and self.random.random() < 0.2:
            self.check_again(self.random.choice(self._done))

    def check_again(self, job_id: str) -> None:
        """Check that a final job has not changed by a byte."""
        if self._final_digest(job_id) != self.ledger.ended[job_id]:
            self.ledger.problems.append(f"{job_id} of {self.name} changed after its end")

    def check_all_again(self) -> None:
        """Check all final jobs, and that there are no others."""
        for job_id in self._done:
            self.check_again(job_id)
        listed = self.listed()
        if sorted(listed) != sorted(self._done):
            self.ledger.problems.append(f"{self.name} has {self._done}, the list says {listed}")

    def _final_digest(self, job_id: str) -> str:
        document, result = self.final_documents(job_id)
        self.check_result(job_id, document, result)
        text = json.dumps(document, sort_keys=True).encode()
        return hashlib.sha256(text + b"\0" + result).hexdigest()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Repeat a request until a reply arrives."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            reply = self.try_once(method, path, **options)
            if reply is not None:
                return reply
        raise AssertionError(f"no reply to {method} {path} within {PATIENCE} s")

    def try_once(self, method: str, path: str, **options: Any) -> httpx.Response | None:
        """Send a request once; return ``None`` if its reply is lost."""
        assert self.server.wait_until_up(PATIENCE), "the server did not come back"
        url = path if path.startswith("http") else self.server.url + path
        headers = {} if "/storage/" in url else self.headers
        try:
            reply = self._http.request(method, url, headers=headers, **options)
        except httpx.TransportError:
            self.ledger.add(torn=1)
            return None
        self.ledger.add(requests=1)
        if reply.status_code >= 500:
            self.ledger.problems.append(f"{method} {path}: {reply.status_code} {reply.text}")
        return reply

    def same_once(self, tag: str, found: list[str]) -> str | None:
        """Return the job that was created although the reply was lost, or ``None``."""
        self.ledger.add(unknown=1)
        if len(found) > 1:
            self.ledger.problems.append(f"one request of {self.name} made {found}")
        return found[0] if found else None

    def log_in(self) -> None: ...
    def submit(self, tag: str) -> str: ...
    def status(self, job_id: str) -> str: ...
    def check_unfinished(self, job_id: str) -> None: ...
    def final_documents(self, job_id: str) -> tuple[dict[str, Any], bytes]: ...
    def check_result(self, job_id: str, document: dict[str, Any], result: bytes) -> None: ...
    def listed(self) -> list[str]: ...


class ClassicUser(User):
    """A user of the classic service."""

    final = FINAL

    def log_in(self) -> None:
        reply = self.ask("POST", "/users/loginWithToken", json={"apiToken": self.name})
        self.headers = {"X-Access-Token": reply.json()["id"]}

    def submit(self, tag: str) -> str:
        job_id = upload_url = None
        while job_id is None:
            body = {"backend": {"name": "ibmq_qasm_simulator"}, "tags": [tag]}
            reply = self.try_once("POST", f"{P}/Jobs", json={**body, "allowObjectStorage": True})
            if reply is not None:
                job_id = reply.json()["id"]
                upload_url = reply.json()["objectStorageInfo"]["uploadUrl"]
            else:
                job_id = self.same_once(tag, self._tagged(tag))
        if upload_url is None:
            upload_url = self.ask("GET", f"{P}/Jobs/{job_id}/jobUploadUrl").json()["url"]
        document = bell(shots=self.random.randint(1, 50))
        document["header"]["padding"] = self.random.randbytes(_PADDING).hex()
        content = json.dumps(document).encode()
        self.sent[job_id] = hashlib.sha256(content).hexdigest()
        assert self.ask("PUT", upload_url, content=content).status_code == 200
        self._check_upload(job_id)
        reply = self.ask("POST", f"{P}/Jobs/{job_id}/jobDataUploaded")
        assert reply.json()["job"]["id"] == job_id
        return job_id

    def status(self, job_id: str) -> str:
        return self.ask("GET", f"{P}/Jobs/{job_id}/status/v/1").json()["status"]

    def check_unfinished(self, job_id: str) -> None:
        """Check that the data is complete, and that there is no result before the end."""
        self._check_upload(job_id)
        reply = self.ask("GET", f"{P}/Jobs/{job_id}/resultDownloadUrl")
        if reply.status_code == 200 and self.status(job_id) not in FINAL:
            self.ledger.problems.append(f"{job_id} has a result before its end")

    def final_documents(self, job_id: str) -> tuple[dict[str, Any], bytes]:
        document = self.ask("GET", f"{P}/Jobs/{job_id}/v/1").json()
        url = self.ask("GET", f"{P}/Jobs/{job_id}/resultDownloadUrl").json()["url"]
        return document, self.ask("GET", url).content

    def check_result(self, job_id: str, document: dict[str, Any], result: bytes) -> None:
        told = json.loads(result)
        good = (
            document["status"] == "COMPLETED"
            and told["job_id"] == job_id
            and told["success"] is True
            and sum(told["results"][0]["data"]["counts"].values()) == told["results"][0]["shots"]
            and document["summaryData"]["size"]["output"] == len(result)
        )
        if not good:
            self.ledger.problems.append(f"{job_id} ended wrong: {document} {result[:500]!r}")

    def listed(self) -> list[str]:
        found: list[str] = []
        while True:
            text = json.dumps({"limit": 50, "skip": len(found)})
            page = self.ask("GET", f"{P}/Jobs/status/v/1", params={"filter": text}).json()
            found += [job["id"] for job in page]
            if not page:
                return found

    def _tagged(self, tag: str) -> list[str]:
        text = json.dumps({"where": {"tags": tag}})
        return [
            job["id"] for job in self.ask("GET", f"{P}/Jobs/v/1", params={"filter": text}).json()
        ]

    def _check_upload(self, job_id: str) -> None:
        url = self.ask("GET", f"{P}/Jobs/{job_id}/jobDownloadUrl").json()["url"]
        content = self.ask("GET", url).content
        if hashlib.sha256(content).hexdigest() != self.sent[job_id]:
            self.ledger.problems.append(f"the data of {job_id} are not what was sent")


class PlatformUser(User):
    """A user of the platform."""

    final = PLATFORM_FINAL

    def log_in(self) -> None:
        form = {"grant_type": GRANT, "apikey": self.name}
        token = self.ask("POST", "/identity/token", data=form).json()["access_token"]
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Service-CRN": self.server.crn,
            "IBM-API-Version": VERSION,
        }

    def submit(self, tag: str) -> str:
        params = sampler(support_qiskit=False)
        params["pubs"][0][0] += f"// {self.random.randbytes(_PADDING).hex()}"
        body = {"program_id": "sampler", "backend": "ibm_lagos", "tags": [tag], "params": params}
        job_id = None
        while job_id is None:
            reply = self.try_once("POST", "/api/v1/jobs", json=body)
            if reply is not None:
                job_id = reply.json()["id"]
            else:
                job_id = self.same_once(tag, self._list(tags=tag))
        self.sent[job_id] = _digest(params)
        return job_id

    def status(self, job_id: str) -> str:
        reply = self.ask("GET", f"/api/v1/jobs/{job_id}", params={"exclude_params": "true"})
        return reply.json()["state"]["status"]

    def check_unfinished(self, job_id: str) -> None:
        """Check that the input is complete, and that there are no results before the end."""
        params = self.ask("GET", f"/api/v1/jobs/{job_id}").json()["params"]
        if _digest(params) != self.sent[job_id]:
            self.ledger.problems.append(f"the input of {job_id} is not what was sent")
        reply = self.ask("GET", f"/api/v1/jobs/{job_id}/results")
        if reply.status_code != 400 and self.status(job_id) not in PLATFORM_FINAL:
            self.ledger.problems.append(f"{job_id} has a result before its end")

    def final_documents(self, job_id: str) -> tuple[dict[str, Any], bytes]:
        document = self.ask("GET", f"/api/v1/jobs/{job_id}").json()
        return document, self.ask("GET", f"/api/v1/jobs/{job_id}/results").content

    def check_result(self, job_id: str, document: dict[str, Any], result: bytes) -> None:
        state = document["state"]["status"]
        samples = json.loads(result)["results"][0]["data"]["c"]["samples"] if result else []
        if state != "Completed" or len(samples) != 10:
            self.ledger.problems.append(f"{job_id} ended wrong: {document['state']} {result!r}")
        if _digest(document["params"]) != self.sent[job_id]:
            self.ledger.problems.append(f"the input of {job_id} is not what was sent")

    def listed(self) -> list[str]:
        return self._list()

    def _list(self, **query: Any) -> list[str]:
        found: list[str] = []
        while True:
            params = {**query, "limit": 200, "offset": len(found)}
            page = self.ask("GET", "/api/v1/jobs", params=params).json()
            found += [job["id"] for job in page["jobs"]]
            if len(found) >= page["count"]:
                return found


def _digest(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
