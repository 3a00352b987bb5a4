"""What our client does not ask for: plain requests, so that their replies are looked at too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from proxies import Front

VERSIONS = ("2025-05-01", "2026-04-15")
_GRANT = "urn:ibm:params:oauth:grant-type:apikey"


class PlainRequests:
    """Requests of one user in one instance.

    Args:
        service: The emulator.
        front: The address in front of the proxies.
    """

    def __init__(self, service: Any, front: Front) -> None:
        self._service = service
        self._front = front
        self._http = httpx.Client(base_url=front.url, trust_env=False, timeout=60.0)

    def steps(self) -> list[tuple[str, Callable[[], Any]]]:
        """Names and actions, in order; each gives something true."""
        listed: list[tuple[str, Callable[[], Any]]] = [("exchangeToken", self.log_in)]
        for version in VERSIONS:
            for name, path in self._readings():

                def read(path: str = path, version: str = version) -> bool:
                    return self._send("GET", path, version).is_success

                listed.append((f"{name} ({version})", read))
            listed.append(
                (f"a session from beginning to end ({version})", lambda v=version: self.session(v))
            )
        listed.append(("prism refuses what is not described", self.refused))
        return listed

    def log_in(self) -> bool:
        """Exchange the key."""
        form = {"grant_type": _GRANT, "apikey": self._service.api_key}
        reply = self._http.post("/identity/token", data=form)
        token = reply.json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        self._http.headers["Service-CRN"] = self._service.crn
        return reply.is_success

    def session(self, version: str) -> bool:
        """Create, read, close and end a session."""
        body = {"mode": "batch", "max_ttl": 300}
        made = self._send("POST", "sessions", version, body)
        path = f"sessions/{made.json()['id']}"
        replies = [
            made,
            self._send("GET", path, version),
            self._send("PATCH", path, version, {"accepting_jobs": False}),
            self._send("DELETE", f"{path}/close", version),
        ]
        return all(reply.is_success for reply in replies)

    def refused(self) -> bool:
        """Leave out a parameter; what prism says of it is no finding."""
        known = len(self._front.violations)
        self._send("GET", "tags?type=job", VERSIONS[-1])
        found = self._front.violations[known:]
        del self._front.violations[known:]
        return any("search" in violation for violation in found)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _readings(self) -> list[tuple[str, str]]:
        account = self._service.crn.split(":a/")[1].partition(":")[0]
        return [
            ("getVersions", "versions"),
            ("listBackends", "backends"),
            ("listTags", "tags?type=job&search=cou"),
            ("getInstance", "instance"),
            ("getInstanceConfiguration", "instances/configuration"),
            ("getUsage", "instances/usage"),
            ("getAccountConfiguration", f"accounts/{account}"),
            ("listWorkloads", "workloads"),
        ]

    def _send(self, method: str, path: str, version: str, body: Any = None) -> httpx.Response:
        headers = {"IBM-API-Version": version}
        content = {} if body is None else {"json": body}
        return self._http.request(method, f"/api/v1/{path}", headers=headers, **content)
