"""The classic service as a table of replies, for tests of the adapter without sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.classic.calls import OPERATIONS
from ibmq_backend.api.classic.client import ClassicAccountClient
from tests.support.fake_service import FakeDialect, Reply

AUTH = "https://auth.example/api"
API = "https://api.example/api"
STORAGE = "https://storage.example/bucket/object.json"
API_TOKEN = "5e" * 64
JOB_ID = "609100000000000000000001"
PRESIGNED = f"{STORAGE}?X-Amz-Signature=canaryofstorage&X-Amz-Expires=604800"
FAST = NetworkSettings(retry=RetryPolicy(attempts=2, first_delay=0.0), trust_env=False)


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


class Service(FakeDialect):
    """A classic service that sends replies from a table."""

    LOGIN = "loginWithToken"

    def __init__(self, replies: Mapping[str, Reply] | None = None) -> None:
        super().__init__(defaults() if replies is None else replies)

    def login(self) -> dict[str, Any]:
        return {"id": f"access-{self.logins}", "ttl": 1209600}

    def name_of(self, request: httpx.Request) -> str:
        if request.url.host == "storage.example":
            return "storage"
        operation = OPERATIONS.find(request)
        assert operation is not None, request.url
        return operation.id

    def account(self, **options: Any) -> ClassicServiceClient:
        options.setdefault("settings", FAST)
        return ClassicServiceClient(AUTH, API_TOKEN, leaf=self.transport, **options)

    def open(self, **options: Any) -> ClassicAccountClient:
        options.setdefault("sleep", lambda _seconds: None)  # waiting does not change these replies
        account = self.account(**options)
        client = account.open(account.instances()[0].id)
        self.requests.clear()
        return client


def error_reply(status: int, message: str = "Wrong.", code: Any = 1) -> httpx.Response:
    body = {"error": {"message": message, "code": code}}
    return httpx.Response(status, json=body, headers={"uber-trace-id": "trace-7"})


def filter_of(request: httpx.Request) -> dict[str, Any]:
    return json.loads(request.url.params["filter"])
