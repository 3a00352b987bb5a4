from __future__ import annotations

import threading

import httpx
import pytest

from ibmq_backend._http.auth import HeaderTokenAuth, RenewingToken, Token
from ibmq_backend._http.client import build_client
from ibmq_backend._http.operations import Operation, OperationTable
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.exceptions import ApiAuthError

HOST = httpx.URL("https://api.example")


class Logins:
    def __init__(self, lifetime=None) -> None:
        self.count = 0
        self.lifetime = lifetime

    def __call__(self) -> Token:
        self.count += 1
        return Token(f"token-{self.count}", self.lifetime)


OPERATIONS = OperationTable.of(
    [
        Operation("get", "GET", "/x", retry_safe=True),
        Operation("create", "POST", "/x", retry_safe=False, resend_after_renewal=False),
        Operation("version", "GET", "/version", retry_safe=True, authenticated=False),
    ]
)


def client_of(token, respond):
    return build_client(
        NetworkSettings(),
        auth=HeaderTokenAuth(token, "X-Access-Token", [HOST], OPERATIONS),
        is_safe=lambda _: True,
        leaf=httpx.MockTransport(respond),
    )


def test_a_token_is_replaced_before_it_lapses():
    now = [0.0]
    logins = Logins(lifetime=1000.0)
    token = RenewingToken(logins, clock=lambda: now[0])
    assert token.text() == "token-1"
    now[0] = 939.0
    assert token.text() == "token-1"
    now[0] = 941.0
    assert token.text() == "token-2"


def test_a_short_lived_token_is_used_for_nine_tenths_of_its_life():
    now = [0.0]
    token = RenewingToken(Logins(lifetime=10.0), clock=lambda: now[0])
    token.text()
    now[0] = 8.9
    assert token.text() == "token-1"
    now[0] = 9.1
    assert token.text() == "token-2"


def test_a_refused_token_is_renewed_once_and_the_request_repeated():
    logins, seen = Logins(), []

    def respond(request):
        seen.append(request.headers["x-access-token"])
        return httpx.Response(200 if seen[-1] == "token-2" else 401)

    with client_of(RenewingToken(logins), respond) as client:
        assert client.get("https://api.example/x").status_code == 200
        assert client.get("https://api.example/x").status_code == 200
    assert seen == ["token-1", "token-2", "token-2"]


def test_a_second_refusal_is_an_error_not_a_loop():
    logins = Logins()
    client = client_of(RenewingToken(logins), lambda _: httpx.Response(401))
    with client, pytest.raises(ApiAuthError):
        client.get("https://api.example/x")
    assert logins.count == 2


def test_a_request_that_must_not_be_repeated_is_not():
    seen = []

    def respond(request):
        seen.append(request)
        return httpx.Response(401)

    client = client_of(RenewingToken(Logins()), respond)
    with client, pytest.raises(ApiAuthError):
        client.post("https://api.example/x")
    assert len(seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/x",
        "http://api.example/x",
        "https://api.example:8443/x",
        "https://api.example/version",
        "https://api.example/unknown",
    ],
)
def test_other_hosts_and_open_operations_never_see_the_token(url):
    def respond(request):
        assert "x-access-token" not in request.headers
        return httpx.Response(200)

    logins = Logins()
    with client_of(RenewingToken(logins), respond) as client:
        client.get(url)
    assert logins.count == 0


def test_fifty_threads_refused_together_log_in_once():
    logins, valid = Logins(), {"token-1"}
    token = RenewingToken(logins)
    token.text()
    valid.clear()
    valid.add("token-2")
    refused_together = threading.Barrier(50)
    failures = []

    def respond(request):
        text = request.headers["x-access-token"]
        if text not in valid:
            refused_together.wait(10)
            return httpx.Response(401)
        return httpx.Response(200)

    with client_of(token, respond) as client:

        def work():
            try:
                client.get("https://api.example/x")
            except Exception as error:  # any failure fails the test below
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert logins.count == 2


def test_nothing_shows_the_token():
    token = RenewingToken(Logins())
    auth = HeaderTokenAuth(token, "X-Access-Token", [HOST], OPERATIONS)
    assert "token-1" not in f"{token!r}{auth!r}{Token('token-1')!r}" + repr(vars(auth))
    assert token.text() == "token-1"
    assert "token-1" not in repr(vars(auth))
