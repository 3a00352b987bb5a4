"""The websocket with the status of a job."""

from __future__ import annotations

import json
import logging
from collections.abc import MutableMapping
from typing import Any

import anyio
import pytest
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame
from websockets.sync.client import ClientConnection, connect

from ibmq_backend.emulator.classic.handlers.stream import StatusStream
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import Client, login
from tests.support.engines import FakeEngine


def open_stream(client: Client, job_id: str) -> ClientConnection:
    base = client.json("/users/me")["urls"]["ws"].rstrip("/")
    return connect(f"{base}/jobs/{job_id}/status/v/1", proxy=None)


def authenticate(stream: ClientConnection, token: str) -> None:
    stream.send(json.dumps({"type": "authentication", "data": token}))


def receive(stream: ClientConnection) -> dict[str, Any]:
    frame = stream.recv(timeout=90)
    assert isinstance(frame, bytes)  # older clients decode bytes only
    message: dict[str, Any] = json.loads(frame)
    return message


def close_code(stream: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as caught:
        stream.recv(timeout=90)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_every_change_is_sent(service: LocalService, engine: FakeEngine, prefix: str) -> None:
    client = Client(service.url + prefix, service.api_token)
    engine.hold()
    job_id = client.submit()
    client.wait(job_id, "RUNNING")
    with open_stream(client, job_id) as stream:
        authenticate(stream, client.token)
        assert receive(stream) == {"type": "authenticated"}
        message = receive(stream)
        assert message == {"type": "job-status", "data": client.status(job_id)}
        client.put(f"P/Jobs/{job_id}", json={"name": "renamed"})
        assert receive(stream)["data"]["name"] == "renamed"
        engine.release()
        final = receive(stream)["data"]
        assert final == client.status(job_id)
        assert final["status"] == "COMPLETED"
        assert close_code(stream) == 4002


@pytest.mark.parametrize("lost", ["authenticated", "job-status", "websocket.close"])
@pytest.mark.parametrize("error", [OSError, RuntimeError])
def test_a_disconnected_client_ends_the_stream(
    service: LocalService, client: Client, lost: str, error: type[Exception]
) -> None:
    """Also while a frame is being sent, without an error in the log.

    Uvicorn raises ``RuntimeError`` after it has closed a connection whose pings were not answered.
    """
    job_id = client.submit()
    client.wait(job_id)
    token = json.dumps({"type": "authentication", "data": client.token})
    said = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": token}]
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        if not said:
            await anyio.sleep_forever()
        return said.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(json.loads(message.get("bytes", "{}")).get("type", message["type"]))
        if sent[-1] == lost:
            raise error("the connection is closing")

    scope = {"type": "websocket", "path_params": {"job_id": job_id}, "headers": []}
    stream = StatusStream(service.dialects.classic.state, anyio.CapacityLimiter(1))
    anyio.run(stream.serve, WebSocket(scope, receive, send))
    assert sent[-1] == lost


@pytest.mark.parametrize("shown", [20, 75])
def test_no_part_of_a_token_is_logged(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    shown: int,
) -> None:
    """The library abbreviates frames, so that its log can contain a part of the token."""
    monkeypatch.setattr(Frame, "MAX_LOG_SIZE", shown)
    job_id = client.submit()
    client.wait(job_id)
    caplog.set_level(logging.WARNING, logger="websockets")  # the test's own client
    with caplog.at_level(logging.DEBUG, logger="uvicorn"), open_stream(client, job_id) as stream:
        authenticate(stream, client.token)
        receive(stream)
    assert "< TEXT ... [" in caplog.text
    assert client.token[-5:] not in caplog.text


def test_a_final_status_is_sent_immediately(client: Client) -> None:
    job_id = client.submit()
    client.wait(job_id)
    with open_stream(client, job_id) as stream:
        authenticate(stream, client.token)
        assert receive(stream)["type"] == "authenticated"
        assert receive(stream)["data"]["status"] == "COMPLETED"
        assert close_code(stream) == 4002


def test_from_creation_to_the_end(client: Client) -> None:
    """The statuses are in order, and the last one is final."""
    job = client.create()
    with open_stream(client, job["id"]) as stream:
        authenticate(stream, client.token)
        receive(stream)
        assert receive(stream)["data"]["status"] == "CREATING"
        client.upload(job, {"wrong": 1})
        client.post(f"P/Jobs/{job['id']}/jobDataUploaded")
        seen = []
        while not seen or seen[-1] != "ERROR_VALIDATING_JOB":
            seen.append(receive(stream)["data"]["status"])
        assert close_code(stream) == 4002
    order = ["CREATED", "VALIDATING", "ERROR_VALIDATING_JOB"]
    assert seen == [status for status in order if status in seen]


def test_queue_positions_are_sent(make_service: ServiceMaker, clock: ManualClock) -> None:
    service = make_service(Settings(speed="realistic"), clock=clock)
    service_state, client = service.service_state, login(service)
    busy = next(
        one
        for one in service_state.catalog
        if service_state.speed.others(one, service_state.jobs.now()) > 5
    )
    job_id = client.submit(backend=busy.name)
    client.wait(job_id, "VALIDATING")
    clock.advance(5)
    first = client.wait(job_id, "QUEUED")["infoQueue"]["position"]
    assert first > 2
    with open_stream(client, job_id) as stream:
        authenticate(stream, client.token)
        receive(stream)
        assert receive(stream)["data"]["infoQueue"]["position"] == first
        clock.advance(50)
        assert receive(stream)["data"]["infoQueue"]["position"] == first - 2
    client.post(f"P/Jobs/{job_id}/cancel")


@pytest.mark.parametrize(
    "frame",
    [
        "foo",
        b"\xff",
        "[]",
        json.dumps({"type": "authentication", "data": "bad"}),
        json.dumps({"type": "authentication", "data": 5}),
        json.dumps({"type": "hello", "data": "x"}),
    ],
)
def test_invalid_authentication_is_rejected(client: Client, frame: str | bytes) -> None:
    job_id = client.submit()
    with open_stream(client, job_id) as stream:
        stream.send(frame)
        assert receive(stream)["type"] != "authenticated"
        assert close_code(stream) == 1008


def test_unknown_and_foreign_jobs(service: LocalService, client: Client) -> None:
    foreign = login(service, "bob").submit()
    for job_id in ("0" * 24, "nonsense", foreign):
        with open_stream(client, job_id) as stream:
            authenticate(stream, client.token)
            assert receive(stream) == {"type": "authenticated"}
            assert close_code(stream) == 4003


def test_a_job_deleted_during_the_stream(client: Client, engine: FakeEngine) -> None:
    engine.hold()
    job_id = client.submit()
    client.wait(job_id, "RUNNING")
    with open_stream(client, job_id) as stream:
        authenticate(stream, client.token)
        receive(stream)
        receive(stream)
        client.delete(f"P/Jobs/{job_id}")
        assert close_code(stream) == 4003
    engine.release()


def test_disconnected_clients_do_not_disturb_others(client: Client, engine: FakeEngine) -> None:
    engine.hold()
    job_id = client.submit()
    for _ in range(5):
        with open_stream(client, job_id) as stream:
            authenticate(stream, client.token)
            receive(stream)
    with open_stream(client, job_id):
        pass
    engine.release()
    assert client.wait(job_id)["status"] == "COMPLETED"


def test_a_stopping_service_closes_streams(make_service: ServiceMaker, engine: FakeEngine) -> None:
    service = make_service()
    client = login(service)
    engine.hold()
    job_id = client.submit()
    client.wait(job_id, "RUNNING")
    with open_stream(client, job_id) as stream:
        authenticate(stream, client.token)
        receive(stream)
        receive(stream)
        service.stop()
        assert close_code(stream) in (1001, 1012)
