"""Wrong logins are slowed down, correct ones are not."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.types import ASGIApp

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.core.errors import TooManyLogins, WrongLogin
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.dialects import create_dialects
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.login_guard import (
    FORGET_SECONDS,
    MAX_ADDRESSES,
    MAX_DELAYED_REPLIES,
    LoginGuard,
)
from tests.support.emulated_platform import GRANT

ADA, ADMIN = "the right token", "the-admin-token"
HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"


class Time:
    """A clock that the test controls; a sleep ends when the clock reaches its end."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._moved = anyio.Event()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.now + seconds
        while self.now < until:
            await self._moved.wait()

    def move(self, seconds: float) -> None:
        self.now += seconds
        self._moved.set()
        self._moved = anyio.Event()


def refuse() -> None:
    raise WrongLogin


def wrong(guard: LoginGuard, address: str | None = HERE) -> float:
    """Log in with a wrong token and return the delay of the reply."""
    with pytest.raises(WrongLogin) as caught:
        guard.check_login(address, refuse)
    return caught.value.delay_seconds


def test_the_delay_doubles_after_the_third_wrong_login_up_to_a_limit() -> None:
    time = Time()
    guard = LoginGuard(time.clock)
    delays = []
    for _ in range(12):
        delays.append(wrong(guard))
        time.now += 10
    assert delays == [0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 5.0]
    for _ in range(2000):
        time.now += 10
        assert wrong(guard) == 5.0


def test_wrong_logins_are_forgotten() -> None:
    time = Time()
    guard = LoginGuard(time.clock)
    for _ in range(5):
        delay = wrong(guard)
        time.now += 1
    assert delay > 0.1
    time.now += FORGET_SECONDS
    assert wrong(guard) == 0.1


def test_other_addresses_do_not_wait() -> None:
    guard = LoginGuard(Time().clock)
    for _ in range(MAX_DELAYED_REPLIES):
        wrong(guard)
    with pytest.raises(TooManyLogins):
        guard.check_login(HERE, lambda: "not called")
    assert guard.check_login(ELSEWHERE, lambda: "called") == "called"


def test_logins_are_rejected_only_while_replies_are_delayed() -> None:
    time = Time()
    guard = LoginGuard(time.clock)
    for _ in range(20):
        wrong(guard)
        time.now += 5
    for _ in range(MAX_DELAYED_REPLIES):
        wrong(guard)
        time.now += 0.5
    with pytest.raises(TooManyLogins) as caught:
        guard.check_login(HERE, lambda: "not called")
    assert caught.value.retry_after_seconds == 3
    time.now += caught.value.retry_after_seconds
    assert guard.check_login(HERE, lambda: "called") == "called"


def test_ipv6_clients_are_counted_by_network() -> None:
    guard = LoginGuard(Time().clock)
    for last in range(MAX_DELAYED_REPLIES):
        wrong(guard, f"2001:db8:1:2::{last}")
    with pytest.raises(TooManyLogins):
        guard.check_login("2001:db8:1:2:ffff::1", refuse)
    wrong(guard, "2001:db8:1:3::1")
    for name in ("::ffff:192.0.2.1", "192.0.2.1", "::1", None, "testclient"):
        wrong(guard, name)
    assert sorted(guard._clients) == [
        "192.0.2.1",
        "2001:db8:1:2::/64",
        "2001:db8:1:3::/64",
        "::1",
        "an unknown address",
    ]


def test_the_number_of_remembered_addresses_is_limited() -> None:
    guard = LoginGuard(Time().clock)
    for number in range(MAX_ADDRESSES + 50):
        wrong(guard, f"10.0.{number // 250}.{number % 250}")
    assert len(guard._clients) == MAX_ADDRESSES
    assert "10.0.0.0" not in guard._clients


def test_wrong_logins_are_logged_with_their_number(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    guard = LoginGuard(time.clock)
    for _ in range(100):
        wrong(guard)
        time.now += 10
    assert caplog.messages == [
        f"{number} wrong logins from {HERE}" for number in (4, 8, 16, 32, 64)
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


# -- over HTTP ------------------------------------------------------------------------------------


@pytest.fixture
def service_state(tmp_path: Path, catalog: Catalog) -> Iterator[ServiceState]:
    users = [User("ada", ADA), User("new", "new", license_accepted=False)]
    made = ServiceState(str(tmp_path / "store.sqlite"), catalog=catalog, users=users)
    made.accounts.set_admin_token(ADMIN)
    yield made
    made.close()


Client = httpx.AsyncClient
Login = Callable[[Client, str], Awaitable[httpx.Response]]


async def classic(client: Client, token: str) -> httpx.Response:
    return await client.post("/api/users/loginWithToken", json={"apiToken": token})


async def exchange(client: Client, token: str) -> httpx.Response:
    return await client.post("/identity/token", data={"grant_type": GRANT, "apikey": token})


async def key_itself(client: Client, token: str) -> httpx.Response:
    body = {"query": "service_name:quantum-computing"}
    headers = {"Authorization": f"ApiKey {token}"}
    return await client.post("/v3/resources/search", json=body, headers=headers)


async def admin(client: Client, token: str) -> httpx.Response:
    return await client.get("/admin/jobs", headers={"Authorization": f"Bearer {token}"})


WAYS: list[tuple[Login, str, int]] = [
    (classic, ADA, 401),
    (exchange, ADA, 400),
    (key_itself, ADA, 401),
    (admin, ADMIN, 401),
]


@pytest.mark.parametrize(("login", "right", "refused"), WAYS)
def test_parallel_guessing_has_no_advantage(
    service_state: ServiceState, login: Login, right: str, refused: int
) -> None:
    anyio.run(guess, service_state, login, right, refused)


def app_of(service_state: ServiceState, logins: LoginGuard) -> ASGIApp:
    return create_app(service_state, create_dialects(service_state), logins=logins)


async def guess(service_state: ServiceState, login: Login, right: str, refused: int) -> None:
    time = Time()
    app = create_app(
        service_state, create_dialects(service_state), logins=LoginGuard(time.clock, time.sleep)
    )

    def client(address: str) -> Client:
        transport = httpx.ASGITransport(app, client=(address, 1))
        return Client(transport=transport, base_url="http://127.0.0.1")

    replies: list[httpx.Response] = []
    async with client(HERE) as here, client(ELSEWHERE) as elsewhere:

        async def guess_once(number: int) -> None:
            replies.append(await login(here, f"guess {number}"))

        assert (await login(here, right)).status_code == 200
        async with anyio.create_task_group() as group:
            for number in range(MAX_DELAYED_REPLIES):
                group.start_soon(guess_once, number)
                with anyio.fail_after(30):
                    while len(time.slept) <= number:
                        await anyio.sleep(0.001)
            assert replies == []
            assert time.slept == [0.1, 0.1, 0.1, 0.2]
            for token in ("another guess", right):
                reply = await login(here, token)
                assert reply.status_code == 429
                assert reply.headers["Retry-After"] == "1"
                assert "Too many wrong logins from this address" in reply.text
            assert (await login(elsewhere, right)).status_code == 200
            time.move(0.2)
        assert [reply.status_code for reply in replies] == [refused] * MAX_DELAYED_REPLIES
        assert (await login(here, right)).status_code == 200
    assert len(time.slept) == MAX_DELAYED_REPLIES


def test_correct_logins_are_not_delayed(service_state: ServiceState) -> None:
    async def ask() -> None:
        app = create_app(
            service_state, create_dialects(service_state), logins=LoginGuard(time.clock, time.sleep)
        )
        transport = httpx.ASGITransport(app)
        async with Client(transport=transport, base_url="http://127.0.0.1") as client:
            assert (await classic(client, "")).status_code == 400
            assert (await exchange(client, "")).status_code == 400
            licence = await classic(client, "new")
            assert licence.json()["error"]["code"] == 3452
            assert (await exchange(client, "new")).status_code == 400
            assert (await key_itself(client, "new")).status_code == 401
            assert (await admin(client, "")).status_code == 401
            bearer = {"Authorization": "Bearer nonsense"}
            assert (await client.get("/v1/jobs", headers=bearer)).status_code == 401

    time = Time()
    anyio.run(ask)
    assert time.slept == []
