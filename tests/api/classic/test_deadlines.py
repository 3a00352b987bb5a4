"""The transport respects the deadline of the caller."""

from __future__ import annotations

import pytest

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.deadline import time_left, time_limit
from ibmq_backend.exceptions import ApiTimeoutError
from ibmq_backend.job.wait import Waiter
from tests.support.fake_account import FakeAccount
from tests.support.http_faults import faulty_server, json_reply
from tests.support.virtual_time import VirtualTime

PATIENT = NetworkSettings(trust_env=False, read_timeout=600.0)


@pytest.fixture
def stalled():
    """A client of a service that accepts requests but never replies."""
    with faulty_server() as server:
        server.acts = [
            json_reply(b'{"id": "an-access-token"}'),
            json_reply(
                f'{{"urls": {{"http": "{server.url}", "ws": "ws://127.0.0.1:1"}}}}'.encode()
            ),
            json_reply(b'[{"name": "h", "groups": {"g": {"projects": {"p": {}}}}}]'),
            server.stalled(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
        ]
        account = ClassicServiceClient(server.url, "a-token-for-the-test", PATIENT)
        yield account.open(account.instances()[0].id)
        account.close()
        server.released.set()


def test_a_stalled_request_ends_at_the_deadline(stalled):
    with time_limit(0.3), pytest.raises(ApiTimeoutError):
        stalled.job_status("x")


def test_no_request_is_sent_after_the_deadline(stalled):
    with time_limit(0.0), pytest.raises(ApiTimeoutError) as caught:
        stalled.job_status("x")
    assert caught.value.accepted is False


def test_waiting_sets_the_deadline():
    seen, time = [], VirtualTime()

    def stay_silent():
        seen.append(time_left())
        raise ApiTimeoutError("no answer")

    waiter = Waiter(FakeAccount(stay_silent), "x", clock=time, sleep=time.sleep)
    with pytest.raises(TimeoutError):
        waiter.wait(3.0, None, lambda record: None, None)
    assert 2.5 < seen[0] <= 3.0
    assert 0.0 < min(seen) <= 0.5
