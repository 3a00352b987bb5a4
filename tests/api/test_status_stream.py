from __future__ import annotations

import json
import threading
import time
import traceback
from contextlib import contextmanager

import pytest
from attrs import evolve
from websockets.sync.server import serve

from ibmq_backend._http.auth import RenewingToken, Token
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api import status_stream as stream
from ibmq_backend.api.classic.mapping import pushed_job
from ibmq_backend.api.status_stream import StatusStream, _WithoutFrames, is_available
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import ApiConnectionError, ApiProtocolError
from tests.support.classic_replies import JOB_ID, job

DIRECT = NetworkSettings(trust_env=False, connect_timeout=30.0, read_timeout=30.0)


@contextmanager
def service(talk, **options):
    """Run a websocket server that handles each connection with ``talk``."""
    with serve(talk, "127.0.0.1", 0, **options) as server:
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


def watch(status_stream, timeout=60.0):
    return [record.status for record in status_stream.watch(JOB_ID, timeout)]


def test_every_status_until_the_end():
    def talk(socket):
        welcome(socket)
        socket.send(status("QUEUED"))
        socket.send(status("RUNNING").encode())  # binary, as the real service sent it
        socket.send(status("COMPLETED"))

    with service(talk) as status_stream:
        assert watch(status_stream) == ["QUEUED", "RUNNING", "DONE"]


@pytest.mark.parametrize("code", [1000, 4002])
def test_a_stream_that_the_service_closes_normally(code):
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


def test_no_server_at_the_url():
    token = RenewingToken(lambda: Token("t"))
    with pytest.raises(ApiConnectionError):
        watch(StatusStream("ws://127.0.0.1:1", token, DIRECT, pushed_job))


def test_the_callers_time_ends_the_stream_without_an_error():
    def talk(socket):
        welcome(socket)
        socket.send(status("RUNNING"))
        socket.recv()

    begun = []
    with service(talk) as status_stream:
        # The time begins with the first message, which may be late.
        status_stream = evolve(
            status_stream, clock=lambda: time.monotonic() - begun[0] if begun else 0.0
        )
        seen = []
        for record in status_stream.watch(JOB_ID, 0.3):
            begun.append(time.monotonic())
            seen.append(record.status)
    assert seen == ["RUNNING"]


def test_a_silent_stream_is_an_error(monkeypatch):
    monkeypatch.setattr(stream, "MAX_SILENCE_SECONDS", 0.1)

    def talk(socket):
        welcome(socket)
        socket.recv()

    with service(talk) as status_stream, pytest.raises(ApiConnectionError):
        watch(status_stream, timeout=None)


def test_a_redirect_is_not_followed():
    elsewhere = []

    def other_server(socket):
        elsewhere.append(socket.recv())

    def redirect(location):
        def answer(connection, _request):
            response = connection.respond(302, "")
            response.headers["Location"] = location
            return response

        return answer

    with service(other_server) as other:
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


def test_a_login_during_the_stream_respects_the_timeout():
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


def test_errors_of_websockets_are_not_logged(caplog):
    """Without logging set up, they would be on the terminal of a user whose job is polled then."""
    logger = _WithoutFrames(get_logger("ibmq_backend.api.status_stream"))
    logger.error("keepalive ping failed", exc_info=True)
    logger.warning("visible")
    assert [record.getMessage() for record in caplog.records] == ["visible"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("broken")], ids=repr)
def test_the_token_is_not_in_the_variables_of_a_failed_login(error):
    class Broken:
        def send(self, message):
            assert "access-of-canary" in message
            raise error

    token = RenewingToken(lambda: Token("access-of-canary"))
    status_stream = StatusStream("ws://127.0.0.1", token, DIRECT, pushed_job)
    with pytest.raises(type(error)) as raised:
        status_stream._authenticate(Broken(), None)
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert shown.stack[-1].name == "send"
    assert not shown.stack[-1].locals


def test_with_a_proxy_jobs_are_polled(monkeypatch):
    assert is_available(DIRECT, "wss://ws.example")
    proxied = NetworkSettings(proxies={"urls": {"https": "http://proxy:1"}})
    assert not is_available(proxied, "wss://ws.example")
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    assert is_available(NetworkSettings(), "ws://127.0.0.1:9")
    assert not is_available(NetworkSettings(), "wss://ws.example")


@pytest.mark.parametrize(("said", "expected"), [("never", False), (" NEVER ", False), ("", True)])
def test_streams_can_be_forbidden(
    monkeypatch: pytest.MonkeyPatch, said: str, expected: bool
) -> None:
    monkeypatch.setenv("IBMQ_BACKEND_STREAM", said)
    assert is_available(DIRECT, "wss://ws.example") is expected


@pytest.mark.parametrize(("status_code", "is_remembered"), [(404, True), (503, False)])
def test_a_refused_websocket_is_remembered_for_a_while(status_code, is_remembered):
    def refuse(connection, request):
        return connection.respond(status_code, "no websockets here")

    now = [1000.0]
    with service(None, process_request=refuse) as status_stream:
        status_stream = evolve(status_stream, clock=lambda: now[0])
        with pytest.raises(ApiConnectionError):
            watch(status_stream)
        assert status_stream.is_refused is is_remembered
        now[0] += stream.RETRY_SECONDS
        assert not status_stream.is_refused
