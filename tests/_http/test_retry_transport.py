from __future__ import annotations

import ssl

import httpx
import pytest

from ibmq_backend._http.client import build_client
from ibmq_backend._http.retry import Failure, RetryPolicy
from ibmq_backend._http.retry_transport import RetryTransport, classify
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.deadline import time_limit
from tests.support.any_operation import SAFE, UNSAFE, safe
from tests.support.http_faults import (
    faulty_server,
    hang_up,
    json_reply,
    reply,
    reset,
    truncated,
)


class Time:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


class Script(httpx.BaseTransport):
    """A transport that returns replies and raises exceptions in turn, repeating the last."""

    def __init__(self, *steps) -> None:
        self.steps = steps
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        step = self.steps[min(len(self.requests), len(self.steps) - 1)]
        self.requests.append(request)
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step) if isinstance(step, int) else step


def client_of(script, time, *, safe=True, policy=None):
    transport = RetryTransport(
        script,
        NetworkSettings(retry=policy or RetryPolicy()),
        lambda _: SAFE if safe else UNSAFE,
        clock=time,
        sleep=time.sleep,
        jitter=lambda: 1.0,
    )
    return httpx.Client(transport=transport, base_url="http://127.0.0.1")


TEMPORARY = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.ReadTimeout("stalled"),
    httpx.WriteError("broken pipe"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    429,
    503,
    524,
]


@pytest.mark.parametrize("step", TEMPORARY, ids=repr)
def test_a_safe_request_is_retried_after_a_temporary_fault(step):
    script, time = Script(step, 200), Time()
    with client_of(script, time) as client:
        assert client.get("/x").status_code == 200
    assert len(script.requests) == 2
    assert time.sleeps == [0.5]


@pytest.mark.parametrize("step", TEMPORARY, ids=repr)
def test_an_unsafe_request_is_retried_only_if_it_was_not_accepted(step):
    script, time = Script(step, 200), Time()
    not_accepted = isinstance(step, httpx.ConnectError | httpx.ConnectTimeout) or step == 429
    with client_of(script, time, safe=False) as client:
        if not_accepted:
            assert client.post("/x", json={}).status_code == 200
        elif isinstance(step, Exception):
            with pytest.raises(type(step)):
                client.post("/x", json={})
        else:
            assert client.post("/x", json={}).status_code == step
    assert len(script.requests) == (2 if not_accepted else 1)


def test_an_outage_uses_all_attempts_and_pauses():
    script, time = Script(503), Time()
    with client_of(script, time) as client:
        assert client.get("/x").status_code == 503
    assert len(script.requests) == 6
    assert time.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_the_server_decides_how_long_to_wait():
    script, time = Script(httpx.Response(429, headers={"retry-after": "7"}), 200), Time()
    with client_of(script, time, safe=False) as client:
        assert client.post("/x").status_code == 200
    assert time.sleeps == [7.5]


def test_every_attempt_has_the_same_body():
    script, time = Script(503, 503, 200), Time()
    with client_of(script, time) as client:
        client.put("/x", json={"a": 1})
    assert [request.content for request in script.requests] == [b'{"a":1}'] * 3


def test_a_body_that_can_be_sent_only_once_is_sent_only_once():
    script, time = Script(503, 200), Time()
    with client_of(script, time) as client:
        assert client.put("/x", content=iter([b"a"])).status_code == 503


def test_the_callers_deadline_ends_retries_and_shortens_timeouts():
    script, time = Script(503), Time()
    with client_of(script, time) as client, time_limit(2.0, clock=time):
        assert client.get("/x", timeout=60.0).status_code == 503
    assert time.sleeps == [0.5, 1.0]
    assert script.requests[0].extensions["timeout"]["read"] == 0.5  # cut again for each attempt


def test_no_request_is_sent_after_the_callers_deadline():
    script, time = Script(200), Time()
    with client_of(script, time) as client, time_limit(1.0, clock=time):
        time.now = 2.0
        with pytest.raises(httpx.PoolTimeout):
            client.get("/x")
    assert script.requests == []


def test_an_untrusted_certificate_is_not_retried():
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert classify(error) is Failure.LASTING
    script, time = Script(error), Time()
    with client_of(script, time) as client, pytest.raises(httpx.ConnectError):
        client.get("/x")
    assert len(script.requests) == 1


def test_log_records_name_the_request_without_secrets(caplog):
    caplog.set_level("DEBUG", logger="ibmq_backend")
    script, time = Script(200), Time()
    with client_of(script, time) as client:
        client.get("/Jobs?access_token=canary", headers={"X-Access-Token": "canary-2"})
    [line] = [r.message for r in caplog.records if r.name.endswith("retry_transport")]
    assert line == "GET /Jobs -> 200 in 0 ms (attempt 1)"


FAST = NetworkSettings(retry=RetryPolicy(attempts=2, first_delay=0.0))


@pytest.mark.parametrize(
    "fault",
    [reset, hang_up, truncated(b'{"a"', 100), reply("502 Bad Gateway", b"<html>")],
    ids=["reset", "hang up", "truncated", "502"],
)
def test_faults_on_a_real_socket_are_retried(fault):
    with (
        faulty_server([fault, json_reply(b'{"a": 1}')]) as server,
        build_client(FAST, base_url=server.url, operation_of=safe) as client,
    ):
        assert client.get("/x").json() == {"a": 1}
    assert len(server.requests) == 2


def test_a_stalled_body_ends_in_a_timeout():
    with faulty_server() as server:
        server.acts = [server.stalled(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12")]
        one = NetworkSettings(read_timeout=0.2, retry=RetryPolicy(attempts=1))
        with build_client(one, base_url=server.url, operation_of=safe) as client:
            with pytest.raises(httpx.ReadTimeout):
                client.get("/x")
            server.released.set()
