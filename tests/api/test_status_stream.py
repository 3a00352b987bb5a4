from __future__ import annotations

import json
import threading
from contextlib import contextmanager

import pytest
from websockets.sync.server import serve

from ibmq_backend._http.auth import RenewingToken, Token
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api import status_stream as stream
from ibmq_backend.api.classic.mapping import pushed_job
from ibmq_backend.api.status_stream import StatusStream, available
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import ApiConnectionError, ApiProtocolError
from tests.support.classic_replies import JOB_ID, job

DIRECT = NetworkSettings(trust_env=False, connect_timeout=5.0, read_timeout=5.0)


@contextmanager
def service(talk):
    """Run a websocket server whose side of every conversation is ``talk``."""
    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        port = server.socket.getsockname()[1]
        token = RenewingToken(lambda: Token("access-of-canary"))
        yield StatusStream(f"ws://127.0.0.1:{port}", token, DIRECT, pushed_job)
        server.shutdown()
        thread.join(5)


def status(word):
    return json.dumps({"type": "job-status", "data": job(status=word)})


def welcome(socket):
    assert json.loads(socket.recv()) == {"type": "authentication", "data": "access-of-canary"}
    assert socket.request.path == f"/jobs/{JOB_ID}/status/v/1"
    assert "access-of-canary" not in str(socket.request.headers)
    socket.send(json.dumps({"type": "authenticated"}))


def watch(status_stream, timeout=20.0):
    return [record.status for record in status_stream.watch(JOB_ID, timeout)]


def test_every_change_until_the_end():
    def talk(socket):
        welcome(socket)
        socket.send(status("QUEUED"))
        socket.send(status("RUNNING").encode())  # binary, as the real service sent it
        socket.send(status("COMPLETED"))

    with service(talk) as status_stream:
        assert watch(status_stream) == ["QUEUED", "RUNNING", "DONE"]


@pytest.mark.parametrize("code", [1000, 4002])
def test_a_service_that_has_no_more_to_say(code):
    def talk(socket):
        welcome(socket)
        socket.send(status("RUNNING"))
        socket.close(code)

    with service(talk) as status_stream:
        assert watch(status_stream) == ["RUNNING"]


@pytest.mark.parametrize("code", [4001, 4003, 1011])
def test_a_stream_that_breaks_off(code):
    def talk(socket):
        welcome(socket)
        socket.send(status("RUNNING"))
        socket.close(code)

    with service(talk) as status_stream, pytest.raises(ApiConnectionError, match=str(code)):
        watch(status_stream)


def test_a_refused_token():
    def talk(socket):
        socket.recv()
        socket.send(json.dumps({"type": "error"}))

    with service(talk) as status_stream, pytest.raises(ApiConnectionError, match="refused"):
        watch(status_stream)


@pytest.mark.parametrize(
    "message",
    [
        "<html>",
        "[" * 60_000,
        "[]",
        "{}",
        '{"data": 7}',
        '{"data": {"id": "x"}}',
        '{"data": {"status": "ODD"}}',
    ],
)
def test_messages_that_cannot_be_read(message):
    def talk(socket):
        welcome(socket)
        socket.send(message)

    with service(talk) as status_stream, pytest.raises(ApiProtocolError):
        watch(status_stream)


def test_nobody_there():
    token = RenewingToken(lambda: Token("t"))
    with pytest.raises(ApiConnectionError):
        watch(StatusStream("ws://127.0.0.1:1", token, DIRECT, pushed_job))


def test_the_callers_time_ends_the_stream_without_an_error():
    def talk(socket):
        welcome(socket)
        socket.send(status("RUNNING"))
        socket.recv()

    with service(talk) as status_stream:
        assert watch(status_stream, timeout=0.3) == ["RUNNING"]


def test_a_silent_stream_is_dead(monkeypatch):
    monkeypatch.setattr(stream, "SILENCE", 0.1)

    def talk(socket):
        welcome(socket)
        socket.recv()

    with service(talk) as status_stream, pytest.raises(ApiConnectionError):
        watch(status_stream, timeout=None)


def test_a_redirect_is_not_followed():
    elsewhere = []

    def stranger(socket):
        elsewhere.append(socket.recv())

    def redirect(location):
        def answer(connection, _request):
            response = connection.respond(302, "")
            response.headers["Location"] = location
            return response

        return answer

    with service(stranger) as other:
        location = f"{other.base_url}/jobs/{JOB_ID}/status/v/1"
        with serve(lambda _: None, "127.0.0.1", 0, process_request=redirect(location)) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            port = server.socket.getsockname()[1]
            status_stream = StatusStream(f"ws://127.0.0.1:{port}", other.token, DIRECT, pushed_job)
            with pytest.raises(ApiConnectionError):
                watch(status_stream)
            server.shutdown()
            thread.join(5)
    assert elsewhere == []


def test_a_login_on_the_way_keeps_to_the_callers_time():
    slow = threading.Event()

    def talk(socket):
        socket.recv()

    def log_in():
        assert time_left() is not None
        slow.set()
        raise ApiConnectionError("the login failed")

    with service(talk) as one, pytest.raises(ApiConnectionError, match="login failed"):
        watch(StatusStream(one.base_url, RenewingToken(log_in), DIRECT, pushed_job), timeout=1.0)
    assert slow.is_set()


def test_the_token_is_not_logged(caplog):
    caplog.set_level("DEBUG")

    def talk(socket):
        welcome(socket)
        socket.send(status("COMPLETED"))

    with service(talk) as status_stream:
        watch(status_stream)
    ours = [r for r in caplog.records if r.name.startswith("ibmq_backend")]
    assert ours
    assert not any("access-of-canary" in record.getMessage() for record in ours)


def test_with_a_proxy_in_between_jobs_are_polled(monkeypatch):
    assert available(DIRECT, "wss://ws.example")
    proxied = NetworkSettings(proxies={"urls": {"https": "http://proxy:1"}})
    assert not available(proxied, "wss://ws.example")
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    assert available(NetworkSettings(), "ws://127.0.0.1:9")
    assert not available(NetworkSettings(), "wss://ws.example")


@pytest.mark.parametrize(("said", "expected"), [("never", False), (" NEVER ", False), ("", True)])
def test_streams_can_be_forbidden(
    monkeypatch: pytest.MonkeyPatch, said: str, expected: bool
) -> None:
    monkeypatch.setenv("IBMQ_BACKEND_STREAM", said)
    assert available(DIRECT, "wss://ws.example") is expected
