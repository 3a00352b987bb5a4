"""Every kind of fault as a client sees it on the wire, and what the service has done by then."""

from __future__ import annotations

import email.utils
import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.core.clock import parse_moment
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.faults.plan import FaultPlan
from ibmq_backend.emulator.faults.script import Fault
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.store.database import POOL_SIZE
from tests.support.emulator import Client, P, bell, error_of, login, until
from tests.support.engines import FakeEngine
from tests.support.raw_http import SILENCE, Wire, connect, send

NEW_JOB = {"backend": {"name": "ibmq_vigo"}, "allowObjectStorage": True}


@pytest.fixture(scope="module")
def faulty(catalog: Catalog) -> Iterator[LocalService]:
    settings = Settings(open_mode=True)
    with LocalService(
        engine=FakeEngine(), catalog=catalog, faults=[], prewarm=False, settings=settings
    ) as service:
        yield service


@pytest.fixture(autouse=True)
def _no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if the server logs an injected fault as a defect."""
    yield
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.fixture
def plan(faulty: LocalService) -> Iterator[FaultPlan]:
    faulty.faults.script([])
    yield faulty.faults
    faulty.faults.clear()
    faulty.faults.release()


@pytest.fixture
def ada(faulty: LocalService, plan: FaultPlan, request: pytest.FixtureRequest) -> Client:
    """A new user."""
    client = login(faulty, f"a token of {request.node.name}")
    plan.script([])
    return client


def post(client: Client) -> Wire:
    """Create a job, below HTTP."""
    path, body = f"{P}/Jobs", json.dumps(NEW_JOB).encode()
    return send(client.url, "POST", path, body, X_Access_Token=client.token)


def jobs_of(client: Client) -> int:
    """Return the number of jobs of the service."""
    return len(client.statuses())


def logged(plan: FaultPlan, operation: str) -> list[tuple[str | None, int | None]]:
    return [(one.fault, one.status) for one in plan.requests if one.operation == operation]


@pytest.mark.parametrize(
    ("fault", "ending", "status", "jobs"),
    [
        ({"kind": "refuse"}, "closed", None, 0),
        ({"kind": "refuse", "how": "reset"}, "reset", None, 0),
        ({"kind": "reset_before"}, "reset", None, 0),
        ({"kind": "lost_response"}, "closed", None, 1),
        ({"kind": "lost_response", "how": "reset"}, "reset", None, 1),
    ],
)
def test_no_reply(
    ada: Client, plan: FaultPlan, fault: dict[str, Any], ending: str, status: None, jobs: int
) -> None:
    plan.script([{"operation": "createJob", "calls": 1, **fault}])
    with post(ada) as wire:
        assert wire.read() == ending
        assert wire.received == b""
    assert jobs_of(ada) == jobs
    assert logged(plan, "createJob") == [(fault["kind"], status)]


@pytest.mark.parametrize(
    ("fault", "ending"), [({"kind": "reset_during"}, "reset"), ({"kind": "truncate"}, "closed")]
)
@pytest.mark.parametrize("count", [None, 0, 20, 10**6])
def test_part_of_the_reply(
    ada: Client, plan: FaultPlan, fault: dict[str, Any], ending: str, count: int | None
) -> None:
    if count is not None:
        fault = {**fault, "after_bytes": count}
    plan.script([{"operation": "createJob", "calls": 1, **fault}])
    with post(ada) as wire:
        assert wire.read() == ending
        assert wire.received.startswith(b"HTTP/1.1 200 ")
        missing = {None: wire.promised - wire.promised // 2, 10**6: 1}.get(count)
        sent = wire.promised - missing if missing else count
        assert len(wire.body) == sent < wire.promised
    assert jobs_of(ada) == 1
    assert logged(plan, "createJob") == [(fault["kind"], 200)]


def test_part_of_an_empty_reply(ada: Client, plan: FaultPlan) -> None:
    job = ada.create()
    plan.script([{"operation": "putStoredObject", "kind": "truncate"}])
    with pytest.raises(httpx.RemoteProtocolError, match="expected 1"):
        ada.upload(job, bell())


def test_a_stall_until_the_client_disconnects(ada: Client, plan: FaultPlan) -> None:
    plan.script([{"operation": "createJob", "calls": 1, "kind": "stall", "after_bytes": 3}])
    with post(ada) as wire:
        wire.read_until(b'\r\n\r\n{"i')
        assert wire.read(SILENCE) == "silent"
        assert len(wire.body) == 3
    assert jobs_of(ada) == 1


def test_a_stall_ends_by_its_seconds_and_by_a_release(ada: Client, plan: FaultPlan) -> None:
    plan.script([{"operation": "getCurrentUser", "kind": "stall", "seconds": 0.05, "calls": 1}])
    assert ada.json("/users/me")["id"] == ada.user_id
    plan.script([{"operation": "getCurrentUser", "kind": "stall", "seconds": 3600, "calls": 1}])
    with send(ada.url, "GET", "/users/me", X_Access_Token=ada.token) as wire:
        wire.read_until(b"\r\n\r\n{")
        plan.release()
        wire.read_until(b"}}")
        assert json.loads(wire.body)["id"] == ada.user_id


def test_a_delay_is_after_the_work(ada: Client, plan: FaultPlan) -> None:
    plan.script([{"operation": "createJob", "calls": 1, "kind": "delay", "seconds": 3600}])
    with post(ada) as wire:
        until(lambda: jobs_of(ada), lambda count: count == 1)
        assert wire.read(SILENCE) == "silent"
        assert wire.received == b""
        assert logged(plan, "createJob") == [("delay", None)]
        plan.release()
        wire.read_until(b"}")
        assert wire.received.startswith(b"HTTP/1.1 200 ")
    plan.script([{"operation": "getCurrentUser", "kind": "delay", "seconds": 0.05}])
    before = time.monotonic()
    assert ada.json("/users/me")["id"] == ada.user_id
    assert time.monotonic() - before >= 0.05


def test_a_delay_before_the_work(ada: Client, plan: FaultPlan) -> None:
    fault = {"operation": "createJob", "kind": "delay", "seconds": 3600, "handled": False}
    plan.script([fault])
    with post(ada) as wire:
        assert wire.read(SILENCE) == "silent"
    until(lambda: jobs_of(ada), lambda count: count == 0)
    with post(ada) as wire:
        until(lambda: logged(plan, "createJob"), lambda calls: len(calls) == 2)
        assert jobs_of(ada) == 0
        plan.release()
        wire.read_until(b"objectStorageInfo")
    assert jobs_of(ada) == 1


def test_stalls_cost_no_threads_and_end_with_the_service(catalog: Catalog) -> None:
    faults = [{"operation": "getVersion", "calls": "3-", "kind": "stall", "after_bytes": 1}]
    with ExitStack() as stack:
        service = LocalService(engine=FakeEngine(), catalog=catalog, faults=faults, prewarm=False)
        with service:
            client = login(service)
            wires = [
                stack.enter_context(send(service.url, "GET", "/version"))
                for _ in range(3 * POOL_SIZE)
            ]
            for wire in wires:
                wire.read_until(b"\r\n\r\n{")
            assert jobs_of(client) == 0
            complete = [wire for wire in wires if b"}" in wire.received]
            assert len(complete) == 2
        for wire in wires:
            assert wire.read() == "closed"


@pytest.mark.parametrize("handled", [False, True])
@pytest.mark.parametrize(
    ("fault", "status", "media_type"),
    [
        ({"kind": "status", "status": 503}, 503, "application/json"),
        ({"kind": "status", "status": 524, "body": "late"}, 524, "application/json"),
        ({"kind": "html"}, 502, "text/html; charset=utf-8"),
        ({"kind": "html", "status": 200, "body": "<p>log in</p>"}, 200, "text/html; charset=utf-8"),
        ({"kind": "wrong_json"}, 200, "application/json"),
        ({"kind": "wrong_json", "body": '{"id": '}, 200, "application/json"),
    ],
)
def test_replaced_replies(
    ada: Client,
    plan: FaultPlan,
    fault: dict[str, Any],
    status: int,
    media_type: str,
    handled: bool,
) -> None:
    plan.script([{"operation": "createJob", "calls": 1, "handled": handled, **fault}])
    reply = ada.post("P/Jobs", json=NEW_JOB)
    assert reply.status_code == status
    assert reply.headers["content-type"] == media_type
    assert reply.text == fault.get("body", reply.text)
    assert reply.headers["X-Emulated-Faults"] == "scripted"
    assert reply.headers["uber-trace-id"]
    assert jobs_of(ada) == handled
    assert logged(plan, "createJob") == [(fault["kind"], status)]


def test_the_error_document_of_a_status(ada: Client, plan: FaultPlan) -> None:
    codes = {401: 3445, 403: "FORBIDDEN", 429: "TOO_MANY_REQUESTS", 500: 1000, 503: 1999, 520: None}
    plan.script(
        [
            {"operation": "getCurrentUser", "calls": call, "kind": "status", "status": status}
            for call, status in enumerate(codes, start=1)
        ]
    )
    for status, code in codes.items():
        found = error_of(ada.get("/users/me"))
        assert found == (status, code or "ERROR")
    body = {"error": {"code": 7}}
    headers = {"Content-Type": "text/plain", "X-Own": "yes"}
    plan.script([Fault(operation="*", kind="status", status=302, body=body, headers=headers)])
    reply = ada.get("/users/me")
    assert (reply.status_code, reply.json()) == (302, body)
    assert (reply.headers["content-type"], reply.headers["x-own"]) == ("text/plain", "yes")
    plan.script([{"operation": "*", "kind": "html", "calls": 1}])
    assert "<h1>502 Bad Gateway</h1>" in ada.get("/users/me").text


def test_rate_limits(ada: Client, plan: FaultPlan) -> None:
    plan.script(
        [
            {"operation": "createJob", "calls": 1, "kind": "rate_limit", "retry_after": 7},
            {"operation": "createJob", "calls": 2, "kind": "rate_limit", "retry_after": 0.5},
            {"operation": "createJob", "calls": 3, "kind": "rate_limit"},
            {
                "operation": "createJob",
                "calls": 4,
                "kind": "rate_limit",
                "retry_after": 90,
                "as_date": True,
            },
        ]
    )
    replies = [ada.post("P/Jobs", json=NEW_JOB) for _ in range(4)]
    assert [error_of(reply) for reply in replies] == [(429, "TOO_MANY_REQUESTS")] * 4
    assert [reply.headers["Retry-After"] for reply in replies[:3]] == ["7", "0.5", "1"]
    last = replies[3].headers
    wait = moment(last["Retry-After"]) - moment(last["Date"])
    assert 89 <= wait <= 91
    assert jobs_of(ada) == 0


def moment(text: str) -> float:
    return email.utils.parsedate_to_datetime(text).timestamp()


def test_an_expired_token_is_really_revoked(
    ada: Client, plan: FaultPlan, faulty: LocalService
) -> None:
    other = login(faulty, "the token of somebody else")
    plan.script([{"operation": "createJob", "calls": 1, "kind": "expired_token"}])
    assert error_of(ada.post("P/Jobs", json=NEW_JOB)) == (401, 3445)
    assert error_of(ada.get("/users/me")) == (401, 3445)
    assert other.get("/users/me").status_code == 200
    assert logged(plan, "createJob") == [("expired_token", 401)]
    token = faulty.service_state.accounts.login("a token in the query").access_token
    plan.script([{"operation": "getCurrentUser", "calls": 1, "kind": "expired_token"}])
    for _ in range(2):
        reply = ada.plain.get(f"{faulty.url}/users/me", params={"access_token": token})
        assert error_of(reply) == (401, 3445)


def test_a_wrong_clock(ada: Client, plan: FaultPlan, faulty: LocalService) -> None:
    def date_of(reply: httpx.Response) -> float:
        return moment(reply.headers["Date"]) - time.time()

    assert abs(date_of(ada.get("/users/me"))) < 60
    plan.script([{"operation": "*", "kind": "clock_skew", "seconds": -86_400}])
    assert abs(date_of(ada.get("/users/me")) + 86_400) < 60
    reply = ada.plain.post(
        f"{faulty.url}/users/loginWithToken", json={"apiToken": faulty.api_token}
    )
    assert reply.headers.get_list("date") == [reply.headers["date"]]
    created = parse_moment(reply.json()["created"])
    assert created is not None
    assert abs(created.timestamp() + 86_400 - time.time()) < 60
    assert reply.json()["ttl"] == faulty.service_state.accounts.ttl_seconds
    plan.clear()
    headers = {"X-Access-Token": reply.json()["id"]}
    assert ada.plain.get(f"{faulty.url}/users/me", headers=headers).status_code == 200


def test_a_wrong_clock_of_a_refusal(ada: Client, plan: FaultPlan, faulty: LocalService) -> None:
    plan.script([{"operation": "*", "kind": "clock_skew", "seconds": 5000}])
    reply = ada.plain.post(f"{faulty.url}/users/loginWithToken", json={"apiToken": ""})
    assert error_of(reply) == (400, 2403)
    assert moment(reply.headers["Date"]) - time.time() > 4000


def test_an_upload_that_breaks_half_way(ada: Client, plan: FaultPlan) -> None:
    """Nothing of it is stored, and the same URL accepts the whole upload afterwards."""
    job = ada.create()
    plan.script(
        [{"operation": "putStoredObject", "calls": 1, "kind": "reset_before", "after_bytes": 5000}]
    )
    address = job["objectStorageInfo"]["uploadUrl"]
    path = address.removeprefix(ada.url)
    with connect(ada.url) as wire:
        head = f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"
        wire.end.sendall(head.encode() + b" " * 6000)
        assert wire.read() == "reset"
    reply = ada.post(f"P/Jobs/{job['id']}/jobDataUploaded")
    assert error_of(reply) == (400, 3251)
    plan.script(
        [{"operation": "putStoredObject", "calls": 1, "kind": "reset_before", "after_bytes": 1}]
    )
    with pytest.raises(httpx.TransportError):
        ada.upload(job, b" " * 30_000_000)
    assert ada.upload(job, bell()).status_code == 200
    assert ada.post(f"P/Jobs/{job['id']}/jobDataUploaded").status_code == 200
    assert ada.wait(job["id"])["status"] == "COMPLETED"


def test_a_download_that_breaks(ada: Client, plan: FaultPlan) -> None:
    job_id = ada.submit()
    ada.wait(job_id)
    plan.script(
        [
            {"operation": "getStoredObject", "calls": 1, "kind": "truncate", "after_bytes": 9},
            {"operation": "getStoredObject", "calls": 2, "kind": "reset_during"},
            {"operation": "getStoredObject", "calls": 3, "kind": "html", "status": 503},
        ]
    )
    address = ada.json(f"P/Jobs/{job_id}/resultDownloadUrl")["url"]
    with pytest.raises(httpx.RemoteProtocolError, match="received 9 bytes"):
        ada.plain.get(address)
    with pytest.raises(httpx.ReadError):
        ada.plain.get(address)
    assert ada.plain.get(address).status_code == 503
    assert ada.plain.get(address).json()["job_id"] == job_id


def test_connections_are_really_refused(ada: Client, plan: FaultPlan) -> None:
    plan.script([{"operation": "createJob", "calls": 1, "kind": "refuse", "seconds": 3600}])
    with send(ada.url, "GET", "/version") as idle:
        idle.read_until(b"}")
        # A body that comes after the end is answered with a reset.
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            ada.post("P/Jobs", json=NEW_JOB)
        assert idle.read() == "closed"
    for _ in range(3):
        with pytest.raises(httpx.ConnectError):
            ada.get("/users/me")
    plan.release()

    def opened() -> bool:
        try:
            connect(ada.url).end.close()
        except ConnectionRefusedError:
            return False
        return True

    until(opened, bool)
    assert jobs_of(ada) == 0
    assert [one.operation for one in plan.requests] == [
        "getVersion",
        "createJob",
        "listJobStatuses",
    ]
    plan.script([{"operation": "getCurrentUser", "calls": 1, "kind": "refuse", "seconds": 0.05}])
    with pytest.raises(httpx.RemoteProtocolError):
        ada.get("/users/me")
    until(opened, bool)
    assert ada.get("/users/me").status_code == 200


def test_connections_without_requests_are_not_calls(ada: Client, plan: FaultPlan) -> None:
    for _ in range(3):
        connect(ada.url).end.close()
    with connect(ada.url) as wire:
        wire.end.sendall(b"GET /users/me HTTP/1.1\r\nHost: localhost\r\n")
    with connect(ada.url) as wire:
        head = f"PUT /storage/none HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2}\r\n"
        wire.end.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        wire.read_until(b"}}")  # refused because of its head, so no body is sent
    assert ada.get("/users/me").status_code == 200
    assert [(one.operation, one.call) for one in plan.requests] == [
        ("putStoredObject", 1),
        ("getCurrentUser", 1),
    ]


def test_unknown_operations_have_no_faults(ada: Client, plan: FaultPlan) -> None:
    plan.script([{"operation": "*", "kind": "html"}])
    assert error_of(ada.get("/nowhere")) == (404, 2411)
    assert ada.put("/users/me").status_code == 404
    assert plan.requests == ((1, "unknown", 1, None, 404), (2, "unknown", 2, None, 404))


SCRIPT: list[dict[str, Any]] = [
    {"operation": "loginWithToken", "calls": 2, "kind": "clock_skew", "seconds": 60},
    {"operation": "createJob", "calls": 1, "kind": "lost_response"},
    {"operation": "createJob", "calls": "2", "kind": "rate_limit"},
    {"operation": "putStoredObject", "calls": 1, "kind": "reset_before", "after_bytes": 10},
    {"operation": "markJobDataUploaded", "calls": 1, "kind": "truncate"},
    {"operation": "getJobStatus", "calls": "1-2", "kind": "html"},
    {"operation": "getJobStatus", "calls": 3, "kind": "reset_during"},
    {"operation": "*", "calls": "12-13", "kind": "expired_token"},
]


def requests_of_a_session(catalog: Catalog) -> tuple[Any, ...]:
    """Return the requests of a client that retries everything, in order."""
    with LocalService(
        engine=FakeEngine(), catalog=catalog, faults=SCRIPT, prewarm=False
    ) as service:
        client = login(service)

        def again(action: Any) -> Any:
            for _ in range(5):
                try:
                    reply = action()
                except httpx.TransportError:
                    continue
                if reply.status_code == 401:
                    client.http.headers["X-Access-Token"] = login(service).token
                elif reply.status_code == 200:
                    return reply
            raise AssertionError("it never worked")

        job = again(lambda: client.post("P/Jobs", json=NEW_JOB)).json()
        again(lambda: client.upload(job, bell()))
        again(lambda: client.post(f"P/Jobs/{job['id']}/jobDataUploaded"))
        again(lambda: client.get(f"P/Jobs/{job['id']}/status/v/1"))
        again(lambda: client.get("/users/me"))
        return service.faults.requests


def test_the_same_script_twice_gives_the_same_log(catalog: Catalog) -> None:
    first = requests_of_a_session(catalog)
    assert first == requests_of_a_session(catalog)
    assert [one.number for one in first] == list(range(1, len(first) + 1))
    met = [one.fault for one in first if one.fault]
    assert set(met) == {fault["kind"] for fault in SCRIPT}


def test_a_healthy_service(catalog: Catalog) -> None:
    with LocalService(engine=FakeEngine(), catalog=catalog, prewarm=False) as service:
        with pytest.raises(EmulatorError, match=r"create it with LocalService\(faults=\[\]\)"):
            _ = service.faults
        reply = httpx.get(f"{service.url}/version", trust_env=False)
        assert reply.json()["emulator"] == "ibmq_backend"
        assert "X-Emulated-Faults" not in reply.headers
        assert "Date" in reply.headers


def test_a_service_with_faults_says_so(ada: Client) -> None:
    reply = ada.get("/version")
    assert reply.json()["emulator"] == "ibmq_backend with scripted faults"
    assert reply.headers["X-Emulated-Faults"] == "scripted"


def test_a_plan_can_be_used_by_the_next_service(catalog: Catalog) -> None:
    plan = FaultPlan([{"operation": "getVersion", "calls": 2, "kind": "status", "status": 500}])
    statuses = []
    for _ in range(2):
        with LocalService(engine=FakeEngine(), catalog=catalog, faults=plan) as service:
            assert service.faults is plan
            statuses.append(httpx.get(f"{service.url}/version", trust_env=False).status_code)
    assert statuses == [200, 500]
