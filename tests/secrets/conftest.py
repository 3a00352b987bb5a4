"""One emulated service of both dialects, one watch, and a home folder for all tests here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api import connect, exactly_once
from ibmq_backend.backoff import Backoff
from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.service_state import Settings
from tests.secrets.watch import Watch
from tests.secrets.wire import Wire
from tests.support.engines import FakeEngine
from tests.support.small_service import FewDevices

DEVICES = {"classic": "ibmq_vigo", "platform": "ibm_lagos"}
"""Where jobs run, by dialect."""


_engines: dict[int, FakeEngine] = {}


def engine_of(service: LocalService) -> FakeEngine:
    """The engine of a service of these tests."""
    return _engines[id(service)]


def account_of(dialect: str, service: LocalService, token: Any) -> tuple[list[Any], dict[str, Any]]:
    """What ``IBMQ.enable_account`` takes."""
    if dialect == "classic":
        return [token, service.url], {}
    return [token, service.platform_url], {"instance": "course"}


@dataclass(frozen=True)
class Secrets:
    """Drawn anew for every run, and of no shape that anybody knows."""

    api_token: str
    wrong_token: str
    account: str


@pytest.fixture
def drawn() -> Secrets:
    return Secrets(
        f"canary:{secrets.token_urlsafe(24)}",
        f"wrong canary {secrets.token_urlsafe(24)}",
        secrets.token_hex(16),
    )


@pytest.fixture
def watch(drawn: Secrets) -> Iterator[Watch]:
    watch = Watch()
    watch.learn("API token", drawn.api_token)
    watch.learn("refused API token", drawn.wrong_token)
    watch.learn("account of the CRN", drawn.account)
    with watch.listening():
        yield watch


@pytest.fixture
def service(drawn: Secrets, watch: Watch) -> Iterator[LocalService]:
    """A service that knows one user and no other token."""
    engine = FakeEngine()
    running = LocalService(
        settings=Settings(device_job_limit=-1, open_mode=False),
        catalog=FewDevices(DEVICES.values()),
        engine=engine,
        prewarm=False,
        users=[User("learner", drawn.api_token)],
        instances=[ServiceInstance("course", account_id=drawn.account)],
    )
    _engines[id(running)] = engine
    with running:
        yield running
    del _engines[id(running)]


@pytest.fixture
def wire(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(watch)
    wire.install(monkeypatch)
    return wire


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry at once, and once."""
    at_once = partial(NetworkSettings, retry=RetryPolicy(attempts=2, first_delay=0.0))
    monkeypatch.setattr(connect, "NetworkSettings", at_once)
    monkeypatch.setattr(exactly_once, "LOOK_UP", Backoff(0.0, tries=2))
    monkeypatch.setattr("ibmq_backend.job.cancel.SETTLING_SECONDS", 0.1)
