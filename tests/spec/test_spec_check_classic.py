"""The checker of exchanges finds violations of the classic description."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.classic.handlers import HANDLERS
from ibmq_backend.emulator.classic.requests import Reply
from ibmq_backend.emulator.http.embedded import LocalService
from tests.support.exchanges import Exchange, watched_traffic
from tests.support.spec_check import Finding, contract

BASE = "https://classic.test"
TRIPLE = f"{BASE}/Network/ibm-q/Groups/open/Projects/main"
JOB = "609137407c973c42a380bb9c"
TOKEN = {"x-access-token": "access-token-1"}
JSON = {"content-type": "application/json"}


def exchange(
    method: str,
    url: str,
    status: int = 200,
    reply: Any = None,
    *,
    body: Any = None,
    headers: dict[str, str] | None = None,
    reply_headers: dict[str, str] | None = None,
) -> Exchange:
    return Exchange(
        method=method,
        url=url,
        headers={**(TOKEN if headers is None else headers), **(JSON if body is not None else {})},
        body=b"" if body is None else json.dumps(body).encode(),
        status=status,
        reply_headers={**({} if reply is None else JSON), **(reply_headers or {})},
        reply_body=b"" if reply is None else json.dumps(reply).encode(),
    )


STATUS = {"id": JOB, "status": "COMPLETED", "creationDate": "2021-05-04T11:34:58.965Z"}
CONFIGURATION = {
    "backend_name": "ibmq_vigo",
    "backend_version": "1.3.4",
    "n_qubits": 1,
    "basis_gates": ["x"],
    "gates": [{"name": "x", "parameters": [], "qasm_def": "gate x q { U(pi,0,pi) q; }"}],
    "coupling_map": None,
    "local": False,
    "simulator": False,
    "conditional": False,
    "open_pulse": False,
    "memory": True,
    "max_shots": 8192,
    "online_date": "2019-07-03T04:00:00+00:00",
}
QOBJ = {
    "qobj_id": "q",
    "type": "QASM",
    "schema_version": "1.3.0",
    "header": {},
    "config": {},
    "experiments": [{"instructions": [{"name": "x", "qubits": [0]}]}],
}

VERSION = exchange("GET", f"{BASE}/version", reply={"api-auth": "1"}, headers={})
JOB_STATUS = exchange("GET", f"{TRIPLE}/Jobs/{JOB}/status/v/1", reply=STATUS)
JOB_LIST = exchange("GET", f"{TRIPLE}/Jobs/status/v/1?filter=%7B%22limit%22%3A1%7D", reply=[STATUS])
BACKENDS = exchange("GET", f"{TRIPLE}/devices/v/1", reply=[CONFIGURATION])
UPDATE = exchange("PUT", f"{TRIPLE}/Jobs/{JOB}", reply={"name": "n"}, body={"name": "n"})
UPLOAD = exchange(
    "PUT",
    f"{BASE}/storage/qObject-{JOB}.json?signature=signature-1&expires=1620734400",
    body=QOBJ,
    headers={},
)
NO_PROPERTIES = exchange("GET", f"{TRIPLE}/devices/ibmq_vigo/properties?version=1", reply={})
REFUSED = exchange(
    "GET", f"{TRIPLE}/Jobs/{JOB}/v/1", 404, {"error": {"message": "no", "code": 3250}}
)
BUSY = exchange(
    "GET",
    f"{TRIPLE}/Jobs/{JOB}/v/1",
    429,
    {"error": {"message": "slowly", "code": "TOO_MANY_REQUESTS"}},
    reply_headers={"retry-after": "2", "x-ratelimit-remaining": "0"},
)
SOUND = [
    VERSION,
    JOB_STATUS,
    JOB_LIST,
    BACKENDS,
    UPDATE,
    UPLOAD,
    NO_PROPERTIES,
    REFUSED,
    BUSY,
]


def findings(*exchanges: Exchange, strays: tuple[str, ...] = ()) -> list[Finding]:
    return contract("classic").findings(exchanges, base=BASE, source="here.yaml", strays=strays)


def with_reply(one: Exchange, reply: Any) -> Exchange:
    return replace(one, reply_body=json.dumps(reply).encode())


def with_body(one: Exchange, body: Any) -> Exchange:
    return replace(one, body=json.dumps(body).encode())


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


def test_valid_exchanges_pass() -> None:
    assert findings(*SOUND) == []


PLANTED: dict[str, tuple[Callable[[], Exchange], str, str, str]] = {
    "required field of a reply is missing": (
        lambda: with_reply(JOB_STATUS, without(STATUS, "status")),
        "getJobStatus",
        "/response/body",
        "'status' is a required property",
    ),
    "wrong type in a reply": (
        lambda: with_reply(JOB_LIST, [{**STATUS, "tags": ["a", 7]}]),
        "listJobStatuses",
        "/response/body/0/tags/1",
        "7 is not of type 'string'",
    ),
    "null where none may stand": (
        lambda: with_reply(JOB_STATUS, {**STATUS, "creationDate": None}),
        "getJobStatus",
        "/response/body/creationDate",
        "None is not of type 'string'",
    ),
    "wrong type in a free document": (
        lambda: with_reply(BACKENDS, [CONFIGURATION, {**CONFIGURATION, "n_qubits": "five"}]),
        "listBackends",
        "/response/body/1/n_qubits",
        "'five' is not of type 'integer'",
    ),
    "required field of a free document is missing": (
        lambda: with_reply(BACKENDS, [without(CONFIGURATION, "gates")]),
        "listBackends",
        "/response/body/0",
        "'gates' is a required property",
    ),
    "neither a document nor nothing": (
        lambda: with_reply(NO_PROPERTIES, {"qubits": []}),
        "getBackendProperties",
        "/response/body",
        "",
    ),
    "status that is not described": (
        lambda: replace(JOB_STATUS, status=202),
        "getJobStatus",
        "/response/status",
        "202 is not described",
    ),
    "error without its envelope": (
        lambda: with_reply(REFUSED, {"message": "no"}),
        "getJob",
        "/response/body",
        "'error' is a required property",
    ),
    "HTML instead of JSON": (
        lambda: replace(REFUSED, reply_headers={"content-type": "text/html; charset=utf-8"}),
        "getJob",
        "/response/headers/content-type",
        "text/html instead of application/json",
    ),
    "JSON that is none": (
        lambda: replace(JOB_STATUS, reply_body=b"{"),
        "getJobStatus",
        "/response/body",
        "not JSON",
    ),
    "header of the wrong type": (
        lambda: replace(BUSY, reply_headers={**JSON, "x-ratelimit-remaining": "none"}),
        "getJob",
        "/response/headers/x-ratelimit-remaining",
        "'none' is not of type 'integer'",
    ),
    "reply body where none is described": (
        lambda: replace(UPLOAD, reply_body=b"stored"),
        "putStoredObject",
        "/response/body",
        "a body where none is described",
    ),
    "query parameter that is not described": (
        lambda: replace(JOB_LIST, url=JOB_LIST.url + "&limit=5"),
        "listJobStatuses",
        "/request/query/limit",
        "not described",
    ),
    "query parameter given twice": (
        lambda: replace(NO_PROPERTIES, url=NO_PROPERTIES.url + "&version=1"),
        "getBackendProperties",
        "/request/query/version",
        "more than once",
    ),
    "query parameter out of bounds": (
        lambda: replace(NO_PROPERTIES, url=NO_PROPERTIES.url.replace("=1", "=2")),
        "getBackendProperties",
        "/request/query/version",
        "2 is greater than the maximum of 1",
    ),
    "required query parameter is missing": (
        lambda: replace(UPLOAD, url=UPLOAD.url.partition("&")[0]),
        "putStoredObject",
        "/request/query/expires",
        "required",
    ),
    "filter that is not JSON": (
        lambda: replace(JOB_LIST, url=f"{TRIPLE}/Jobs/status/v/1?filter=newest"),
        "listJobStatuses",
        "/request/query/filter",
        "not JSON",
    ),
    "filter with a wrong type in it": (
        lambda: replace(
            JOB_LIST, url=f"{TRIPLE}/Jobs/status/v/1?filter=%7B%22where%22%3A%7B%22or%22%3A1%7D%7D"
        ),
        "listJobStatuses",
        "/request/query/filter/where/or",
        "1 is not of type 'array'",
    ),
    "path that is too long for its parameter": (
        lambda: replace(REFUSED, url=f"{TRIPLE}/Jobs/{'a' * 65}/v/1"),
        "getJob",
        "/request/path/job_id",
        "is too long",
    ),
    "request body that does not fit": (
        lambda: with_body(UPDATE, {"name": 7}),
        "updateJob",
        "/request/body/name",
        "7 is not of type 'string'",
    ),
    "request body of a free document": (
        lambda: with_body(UPLOAD, {**QOBJ, "experiments": []}),
        "putStoredObject",
        "/request/body/experiments",
        "",
    ),
    "request body is missing": (
        lambda: replace(UPDATE, body=b""),
        "updateJob",
        "/request/body",
        "required, but not sent",
    ),
    "request body where none is described": (
        lambda: replace(JOB_STATUS, body=b"{}"),
        "getJobStatus",
        "/request/body",
        "a body where none is described",
    ),
    "request body of another media type": (
        lambda: replace(UPDATE, headers={**TOKEN, "content-type": "text/plain"}),
        "updateJob",
        "/request/headers/content-type",
        "text/plain instead of application/json",
    ),
    "token on its way to the storage": (
        lambda: replace(UPLOAD, headers={**JSON, **TOKEN}),
        "putStoredObject",
        "/request/header/x-access-token",
        "does not ask for it",
    ),
    "answer without a token": (
        lambda: replace(JOB_STATUS, headers={}),
        "getJobStatus",
        "/request/header/x-access-token",
        "accepted without a token",
    ),
    "path of no operation": (
        lambda: replace(VERSION, url=f"{BASE}/versions"),
        "GET /versions",
        "/request",
        "no such operation",
    ),
    "method of no operation": (
        lambda: replace(VERSION, method="POST"),
        "POST /version",
        "/request",
        "no such operation",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_error_is_found_at_its_location(name: str) -> None:
    plant, operation, pointer, reason = PLANTED[name]
    found = findings(VERSION, plant(), JOB_STATUS)
    assert found, "nothing was found"
    assert {(one.source, one.number, one.operation) for one in found} == {
        ("here.yaml", 2, operation)
    }
    assert any(one.pointer == pointer and reason in one.reason for one in found), found
    assert str(found[0]).startswith(f"here.yaml #2 {operation} /re")


def test_presigned_url_on_another_host_is_storage() -> None:
    elsewhere = replace(UPLOAD, url="https://storage.example.org/bucket/7?X-Amz-Expires=9")
    assert findings(elsewhere) == []
    (found,) = findings(with_body(elsewhere, without(QOBJ, "type")))
    assert (found.operation, found.pointer) == ("putStoredObject", "/request/body")


def test_error_text_of_the_storage_host_is_free() -> None:
    assert findings(replace(UPLOAD, status=403, reply_body=b"<Error/>")) == []


def test_stray_request_has_to_be_declared_and_to_happen() -> None:
    stray = replace(VERSION, url=f"{BASE}/nowhere/version", status=404)
    assert findings(stray, strays=("GET /nowhere/version",)) == []
    (found,) = findings(VERSION, strays=("GET /nowhere/version",))
    assert found.reason == "never sent"


def test_long_values_are_shortened_in_the_reason() -> None:
    (found,) = findings(with_reply(JOB_STATUS, {**STATUS, "tags": "x" * 9000}))
    assert found.reason.endswith("is not of type 'array', 'null'")
    assert len(str(found)) < 400


def test_emulator_that_strays_from_the_description_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def limit(*_: object) -> Reply:
        return Reply({"maximumJobs": "many", "runningJobs": 0})

    monkeypatch.setitem(HANDLERS, "getJobsLimit", limit)
    with LocalService(prewarm=False) as service, watched_traffic() as seen:
        base = service.url
        given = {"apiToken": service.api_token}
        login = httpx.post(f"{base}/users/loginWithToken", json=given).json()
        path = TRIPLE.removeprefix(BASE) + "/devices/ibmq_vigo/jobsLimit"
        httpx.get(base + path, headers={"X-Access-Token": login["id"]})
    (found,) = contract("classic").findings(seen, base=base, source="emulator")
    assert str(found) == (
        "emulator #2 getJobsLimit /response/body/maximumJobs: 'many' is not of type 'integer'"
    )
