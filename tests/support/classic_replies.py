"""The classic service as a table of replies, for tests of the adapter without sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.classic.calls import OPERATIONS
from ibmq_backend.api.classic.client import ClassicAccountClient

AUTH = "https://auth.example/api"
API = "https://api.example/api"
STORAGE = "https://storage.example/bucket/object.json"
API_TOKEN = "5e" * 64
JOB_ID = "609100000000000000000001"
PRESIGNED = f"{STORAGE}?X-Amz-Signature=canaryofstorage&X-Amz-Expires=604800"
FAST = NetworkSettings(retry=RetryPolicy(attempts=2, first_delay=0.0), trust_env=False)

Reply = httpx.Response | Callable[[httpx.Request], httpx.Response] | Exception | Any


def job(**changes: Any) -> dict[str, Any]:
    document = {
        "id": JOB_ID,
        "kind": "q-object-external-storage",
        "status": "COMPLETED",
        "creationDate": "2021-05-04T11:34:58.965Z",
        "backend": {"id": "5ae8", "name": "ibmq_vigo"},
        "name": "bell",
        "tags": ["course"],
    }
    document.update(changes)
    return document


def hubs() -> list[dict[str, Any]]:
    return [{"name": "h", "groups": {"g": {"projects": {"p": {"isDefault": True}}}}}]


def defaults() -> dict[str, Reply]:
    return {
        "getVersion": {"api-auth": "1"},
        "getCurrentUser": {"urls": {"http": API, "ws": "wss://ws.example/"}},
        "listHubs": hubs(),
        "listBackends": [{"backend_name": "ibmq_vigo", "simulator": False}],
        "getBackendStatus": {"state": True, "status": "active", "lengthQueue": 3},
        "getBackendProperties": {},
        "getBackendDefaults": {},
        "getJobsLimit": {"maximumJobs": 5, "runningJobs": 1},
        "listBackendBookings": [],
        "listMyBookings": [],
        "createJob": job(status="CREATING", objectStorageInfo={"uploadUrl": PRESIGNED}),
        "markJobDataUploaded": {"job": job(status="CREATED")},
        "getJob": job(),
        "getJobStatus": job(),
        "listJobStatuses": [],
        "listJobs": [],
        "getJobDownloadUrl": {"url": PRESIGNED},
        "getResultDownloadUrl": {"url": PRESIGNED},
        "markResultDownloaded": {"terminated": True},
        "cancelJob": {"cancelled": True},
        "updateJob": {},
        "deleteJob": {},
        "getJobProperties": {},
        "getJobUploadUrl": {"url": PRESIGNED},
        "storage": {"stored": True},
    }


@dataclass
class Service:
    """Answers from the table; keeps what was asked."""

    replies: dict[str, Reply] = field(default_factory=defaults)
    requests: list[httpx.Request] = field(default_factory=list)
    logins: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        name = self.name_of(request)
        if name == "loginWithToken" and name not in self.replies:
            self.logins += 1
            return httpx.Response(200, json={"id": f"access-{self.logins}", "ttl": 1209600})
        reply = self.replies[name]
        if isinstance(reply, list) and reply and isinstance(reply[0], Turn):
            turn = reply.pop(0) if len(reply) > 1 else reply[0]
            reply = turn.reply
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(request)
        if not isinstance(reply, httpx.Response):
            reply = httpx.Response(200, json=reply)
        return reply

    def name_of(self, request: httpx.Request) -> str:
        if request.url.host == "storage.example":
            return "storage"
        operation = OPERATIONS.find(request)
        assert operation is not None, request.url
        return operation.id

    def names(self) -> list[str]:
        return [self.name_of(request) for request in self.requests]

    def sent(self, name: str) -> list[httpx.Request]:
        return [request for request in self.requests if self.name_of(request) == name]

    def account(self, **options: Any) -> ClassicServiceClient:
        options.setdefault("settings", FAST)
        return ClassicServiceClient(AUTH, API_TOKEN, leaf=httpx.MockTransport(self), **options)

    def open(self, **options: Any) -> ClassicAccountClient:
        options.setdefault("sleep", lambda _seconds: None)  # these replies never change by waiting
        account = self.account(**options)
        client = account.open(account.instances()[0].id)
        self.requests.clear()
        return client


@dataclass
class Turn:
    """One of several replies in a row; the last one stays."""

    reply: Reply


def error_reply(status: int, message: str = "Wrong.", code: Any = 1) -> httpx.Response:
    body = {"error": {"message": message, "code": code}}
    return httpx.Response(status, json=body, headers={"uber-trace-id": "trace-7"})


def filter_of(request: httpx.Request) -> dict[str, Any]:
    return json.loads(request.url.params["filter"])
