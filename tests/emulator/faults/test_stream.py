"""Faults of the status stream, frame by frame."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedError,
    InvalidMessage,
    InvalidStatus,
)
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_stream

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.faults.plan import FaultPlan
from ibmq_backend.emulator.http.embedded import LocalService
from tests.support.emulator import Client, error_of, login, until
from tests.support.engines import FakeEngine
from tests.support.raw_http import PATIENCE, SILENCE, connect, send

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def faulty(catalog: Catalog) -> Iterator[LocalService]:
    with LocalService(engine=FakeEngine(), catalog=catalog, faults=[], prewarm=False) as service:
        yield service


@pytest.fixture(scope="module")
def job_id(faulty: LocalService) -> str:
    client = login(faulty)
    job_id = client.submit()
    client.wait(job_id)
    client.close()
    return job_id


@pytest.fixture
def plan(faulty: LocalService) -> Iterator[FaultPlan]:
    yield faulty.faults
    faulty.faults.clear()
    faulty.faults.release()


@pytest.fixture
def ada(faulty: LocalService) -> Client:
    return login(faulty)


@pytest.fixture(autouse=True)
def _no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


@contextmanager
def follow(client: Client, job_id: str) -> Iterator[ClientConnection]:
    """Open the stream and log in."""
    url = f"{client.url.replace('http', 'ws')}/jobs/{job_id}/status/v/1"
    with open_stream(url, proxy=None, open_timeout=PATIENCE, close_timeout=1) as stream:
        with suppress(ConnectionClosed):  # a reset may be faster
            stream.send(json.dumps({"type": "authentication", "data": client.token}))
        yield stream


def ask(client: Client, job_id: str) -> tuple[list[dict[str, Any]], int | None, str]:
    """Open the stream, log in, and read to the end."""
    with follow(client, job_id) as stream:
        return frames(stream)


def frames(stream: ClientConnection) -> tuple[list[dict[str, Any]], int | None, str]:
    """Return everything until the end: the frames, the close code if any, and how it ended."""
    seen = []
    try:
        while True:
            seen.append(json.loads(stream.recv(timeout=PATIENCE)))
    except ConnectionClosedError as error:
        code = None if error.rcvd is None else error.rcvd.code
        return seen, code, type(error.__cause__).__name__


def types(seen: list[dict[str, Any]]) -> list[str | None]:
    return [one.get("type") for one in seen]


def scripted(plan: FaultPlan, **fault: Any) -> None:
    plan.script([{"operation": "jobStatusStream", "calls": 1, **fault}])


def logged(plan: FaultPlan) -> list[tuple[int, str | None, int | None]]:
    return [
        (one.call, one.fault, one.status)
        for one in plan.requests
        if one.operation == "jobStatusStream"
    ]


def test_without_a_fault(ada: Client, job_id: str, plan: FaultPlan) -> None:
    plan.script([])
    seen, code, _ = ask(ada, job_id)
    assert types(seen) == ["authenticated", "job-status"]
    assert code == 4002
    assert logged(plan) == [(1, None, 101)]


@pytest.mark.parametrize(
    ("fault", "count", "ending"),
    [
        ({"kind": "reset_during"}, 1, "ConnectionResetError"),
        ({"kind": "lost_response"}, 1, "EOFError"),
        ({"kind": "lost_response", "after_frames": 2}, 2, "EOFError"),
        ({"kind": "lost_response", "how": "reset"}, 1, "ConnectionResetError"),
        ({"kind": "truncate"}, 1, "EOFError"),
        ({"kind": "truncate", "after_frames": 0}, 0, "EOFError"),
    ],
)
def test_interrupted_streams(
    ada: Client, job_id: str, plan: FaultPlan, fault: dict[str, Any], count: int, ending: str
) -> None:
    scripted(plan, **fault)
    seen, code, cause = ask(ada, job_id)
    assert types(seen) == ["authenticated", "job-status"][:count]
    assert (code, cause) == (None, ending)
    seen, code, _ = ask(ada, job_id)
    assert code == 4002
    assert logged(plan) == [(1, fault["kind"], 101), (2, None, 101)]


def test_interrupted_before_the_first_frame(ada: Client, job_id: str, plan: FaultPlan) -> None:
    scripted(plan, kind="reset_during", after_frames=0)
    with send(ada.url, "GET", f"/jobs/{job_id}/status/v/1", **UPGRADE) as wire:
        assert wire.read() == "reset"
        assert wire.received.startswith(b"HTTP/1.1 101 ")
        assert wire.body == b""


def test_half_a_frame(ada: Client, job_id: str, plan: FaultPlan) -> None:
    scripted(plan, kind="truncate", after_frames=0)
    path = f"/jobs/{job_id}/status/v/1"
    with send(ada.url, "GET", path, **UPGRADE) as wire:
        wire.read_until(b"\r\n\r\n")
        first = json.dumps({"type": "authentication", "data": ada.token}).encode()
        mask = bytes(4)
        wire.end.sendall(bytes((0x81, 0x80 | 126)) + len(first).to_bytes(2, "big") + mask + first)
        assert wire.read() == "closed"
        head, content = wire.body[:2], wire.body[2:]
    whole = b'{"type":"authenticated"}'
    assert head == bytes((0x82, len(whole)))
    assert content == whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        ({"kind": "refuse"}, "closed"),
        ({"kind": "refuse", "how": "reset"}, "reset"),
        ({"kind": "reset_before"}, "reset"),
    ],
)
def test_refused_or_reset_handshakes(
    ada: Client, job_id: str, plan: FaultPlan, fault: dict[str, Any], ending: str
) -> None:
    scripted(plan, **fault)
    with send(ada.url, "GET", f"/jobs/{job_id}/status/v/1", **UPGRADE) as wire:
        assert wire.read() == ending
        assert wire.received == b""
    assert logged(plan) == [(1, fault["kind"], None)]
    scripted(plan, **fault)
    with pytest.raises(InvalidMessage):
        ask(ada, job_id)


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        ({"kind": "status", "status": 503}, 503, "application/json"),
        ({"kind": "html"}, 502, "text/html; charset=utf-8"),
        ({"kind": "rate_limit", "retry_after": 3}, 429, "application/json"),
    ],
)
def test_a_refused_handshake(
    ada: Client, job_id: str, plan: FaultPlan, fault: dict[str, Any], status: int, header: str
) -> None:
    scripted(plan, **fault)
    with pytest.raises(InvalidStatus) as caught:
        ask(ada, job_id)
    reply = caught.value.response
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == header
    assert reply.headers["X-Emulated-Faults"] == "scripted"
    assert reply.headers.get("Retry-After") == ("3" if status == 429 else None)
    assert logged(plan) == [(1, fault["kind"], status)]


def test_closed_port(ada: Client, job_id: str, plan: FaultPlan) -> None:
    scripted(plan, kind="refuse", seconds=3600)
    with pytest.raises(InvalidMessage):
        ask(ada, job_id)
    with pytest.raises(ConnectionRefusedError):
        connect(ada.url)
    plan.release()

    def again() -> list[dict[str, Any]]:
        try:
            return ask(ada, job_id)[0]
        except ConnectionRefusedError:
            return []

    seen = until(again, bool)
    assert types(seen) == ["authenticated", "job-status"]


def test_a_late_handshake(ada: Client, job_id: str, plan: FaultPlan) -> None:
    scripted(plan, kind="delay", seconds=3600)
    with send(ada.url, "GET", f"/jobs/{job_id}/status/v/1", **UPGRADE) as wire:
        assert wire.read(SILENCE) == "silent"
        assert wire.received == b""
        plan.release()
        wire.read_until(b"HTTP/1.1 101 ")
    scripted(plan, kind="delay", seconds=0.01)
    assert ask(ada, job_id)[1] == 4002
    assert logged(plan) == [(1, "delay", 101)]


@pytest.mark.parametrize("count", [0, 1])
def test_silence(ada: Client, job_id: str, plan: FaultPlan, count: int) -> None:
    scripted(plan, kind="stall", after_frames=count)
    with follow(ada, job_id) as stream:
        for _ in range(count):
            assert json.loads(stream.recv(timeout=PATIENCE)) == {"type": "authenticated"}
        with pytest.raises(TimeoutError):
            stream.recv(timeout=SILENCE)
        plan.release()
        seen, code, _ = frames(stream)
    assert types(seen) == ["authenticated", "job-status"][count:]
    assert code == 4002
    scripted(plan, kind="stall", after_frames=count, seconds=0.01)
    assert types(ask(ada, job_id)[0]) == ["authenticated", "job-status"]


@pytest.mark.parametrize("count", [0, 1])
def test_silence_ends_with_the_service(catalog: Catalog, count: int) -> None:
    fault = {"operation": "*", "kind": "stall", "calls": "3-", "after_frames": count}
    options = {"engine": FakeEngine(), "catalog": catalog, "prewarm": False}
    with ExitStack() as stack:
        with LocalService(faults=[fault], **options) as service:
            client = login(service)
            job = client.create()
            stream = stack.enter_context(follow(client, job["id"]))
            for _ in range(count):
                stream.recv(timeout=PATIENCE)
        _, code, _ = frames(stream)
    assert code == 1012
    assert not service.url


def test_a_wrong_frame(ada: Client, job_id: str, plan: FaultPlan) -> None:
    scripted(plan, kind="wrong_json", body={"type": "job-status", "data": None})
    seen, code, _ = ask(ada, job_id)
    assert seen == [{"type": "authenticated"}, {"type": "job-status", "data": None}]
    assert code == 4002
    scripted(plan, kind="wrong_json", after_frames=0)
    seen, _, _ = ask(ada, job_id)
    assert types(seen) == [None, "job-status"]
    assert "unexpected" in seen[0]


def test_an_expired_token(ada: Client, job_id: str, plan: FaultPlan) -> None:
    scripted(plan, kind="expired_token")
    for _ in range(2):
        seen, code, _ = ask(ada, job_id)
        assert types(seen) == ["authentication-failed"]
        assert code == 1008
    assert error_of(ada.get("/users/me")) == (401, 3445)


def test_an_expired_token_without_a_token(ada: Client, job_id: str, plan: FaultPlan) -> None:
    scripted(plan, kind="expired_token")
    url = f"{ada.url.replace('http', 'ws')}/jobs/{job_id}/status/v/1"
    with open_stream(url, proxy=None) as stream:
        stream.send("this is not JSON")
        assert types(frames(stream)[0]) == ["authentication-failed"]
    assert ada.get("/users/me").status_code == 200
