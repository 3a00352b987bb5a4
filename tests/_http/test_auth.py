from __future__ import annotations

import threading

import httpx
import pytest

from ibmq_backend._http.auth import HeaderTokenAuth, RenewingToken, Token
from ibmq_backend._http.client import build_client
from ibmq_backend._http.operations import Operation, OperationTable
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiAuthError, ApiServerError, ApiTimeoutError
from tests.support.any_operation import safe

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
        operation_of=safe,
        leaf=httpx.MockTransport(respond),
    )


def test_a_token_is_replaced_before_it_expires():
    now = [0.0]
    logins = Logins(lifetime=1000.0)
    token = RenewingToken(logins, clock=lambda: now[0])
    assert token.text() == "token-1"
    now[0] = 939.0
    assert token.text() == "token-1"
    now[0] = 941.0
    assert token.text() == "token-2"


def test_a_short_lived_token_is_used_for_nine_tenths_of_its_lifetime():
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
def test_the_token_is_not_sent_to_other_hosts_or_open_operations(url):
    def respond(request):
        assert "x-access-token" not in request.headers
        return httpx.Response(200)

    logins = Logins()
    with client_of(RenewingToken(logins), respond) as client:
        client.get(url)
    assert logins.count == 0


def test_fifty_threads_with_a_refused_token_log_in_once():
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


def outage():
    return ApiServerError("503", status_code=503)


class Unsteady(Logins):
    """A login that raises the given errors, then works."""

    def __init__(self, *failures, lifetime=None) -> None:
        super().__init__(lifetime)
        self.failures = list(failures)
        self.tried = 0

    def __call__(self) -> Token:
        self.tried += 1
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure
        return super().__call__()


def test_a_valid_token_is_used_while_the_login_is_unavailable():
    now = [0.0]
    logins = Unsteady(None, outage(), outage(), lifetime=1000.0)
    token = RenewingToken(logins, clock=lambda: now[0])
    assert token.text() == "token-1"
    now[0] = 950.0  # due for renewal, valid for another 50 s
    assert token.text() == "token-1"
    assert token.text() == "token-1"
    assert logins.tried == 2  # not repeated with each request
    now[0] = 956.0
    assert token.text() == "token-1"
    now[0] = 970.0
    assert token.text() == "token-2"


@pytest.mark.parametrize(
    ("failure", "now"), [(outage(), 1001.0), (ApiAuthError("no", status_code=401), 950.0)]
)
def test_an_expired_or_refused_token_is_not_kept(failure, now):
    clock = [0.0]
    token = RenewingToken(Unsteady(None, failure, lifetime=1000.0), clock=lambda: clock[0])
    token.text()
    clock[0] = now
    with pytest.raises(type(failure)):
        token.text()


@pytest.mark.parametrize("lifetime", [0, -3600.0])
def test_an_impossible_lifetime_is_ignored(lifetime):
    logins = Logins(lifetime=lifetime)
    token = RenewingToken(logins)
    assert {token.text() for _ in range(3)} == {"token-1"}


def test_all_waiting_threads_get_the_error_of_a_failed_login():
    began, go = threading.Event(), threading.Event()
    tried = []

    def fetch():
        tried.append(1)
        began.set()
        assert go.wait(10)
        raise outage()

    token = RenewingToken(fetch)
    failures = []

    def work():
        try:
            token.text()
        except ApiServerError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(10)]
    threads[0].start()
    assert began.wait(10)
    waiting = token._lock = CountedLock(token._lock)
    for thread in threads[1:]:
        thread.start()
    assert waiting.reached(9)
    go.set()
    for thread in threads:
        thread.join()
    assert len(failures) == 10
    assert len({id(error) for error in failures}) == 10  # each has its own traceback
    assert len(tried) == 1


class CountedLock:
    """A lock that counts the threads waiting for it."""

    def __init__(self, lock) -> None:
        self._lock = lock
        self._asked = threading.Semaphore(0)

    def acquire(self, timeout=-1):
        self._asked.release()
        return self._lock.acquire(timeout=timeout)

    def release(self):
        self._lock.release()

    def reached(self, count):
        return all(self._asked.acquire(timeout=10) for _ in range(count))


def test_waiting_for_the_login_of_another_thread_ends_at_the_deadline():
    token = RenewingToken(Logins())
    with token._login_lock():
        failures = []

        def work():
            with time_limit(0.1), pytest.raises(ApiTimeoutError) as caught:
                token.text()
            failures.append(caught.value)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(10)
    assert [error.accepted for error in failures] == [False]


def test_a_request_whose_login_failed_was_not_sent():
    client = client_of(RenewingToken(Unsteady(outage())), lambda _: httpx.Response(200))
    with client, pytest.raises(ApiServerError) as caught:
        client.post("https://api.example/x")
    assert caught.value.accepted is False
