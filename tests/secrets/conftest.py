"""An emulator with both dialects, a leak detector, and request faults."""

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
from tests.secrets.leak_detector import LeakDetector
from tests.secrets.request_faults import RequestFaults
from tests.support.engines import FakeEngine
from tests.support.small_service import FewDevices

DEVICES = {"classic": "ibmq_vigo", "platform": "ibm_lagos"}
"""The device that runs jobs, by dialect."""


_engines: dict[int, FakeEngine] = {}


def engine_of(service: LocalService) -> FakeEngine:
    """Return the engine of a service."""
    return _engines[id(service)]


def account_of(dialect: str, service: LocalService, token: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return arguments for ``IBMQ.enable_account``."""
    if dialect == "classic":
        return [token, service.url], {}
    return [token, service.platform_url], {"instance": "course"}


@dataclass(frozen=True)
class Secrets:
    """Random secrets in a form that no pattern recognizes."""

    api_token: str
    wrong_token: str
    account: str


@pytest.fixture
def drawn_secrets() -> Secrets:
    return Secrets(
        f"canary:{secrets.token_urlsafe(24)}",
        f"wrong canary {secrets.token_urlsafe(24)}",
        secrets.token_hex(16),
    )


@pytest.fixture
def detector(drawn_secrets: Secrets) -> Iterator[LeakDetector]:
    detector = LeakDetector()
    detector.add_secret("API token", drawn_secrets.api_token)
    detector.add_secret("wrong API token", drawn_secrets.wrong_token)
    detector.add_secret("account of the CRN", drawn_secrets.account)
    with detector.recording_logs():
        yield detector


@pytest.fixture
def service(drawn_secrets: Secrets, detector: LeakDetector) -> Iterator[LocalService]:
    """Run a service with one user."""
    engine = FakeEngine()
    running = LocalService(
        settings=Settings(device_job_limit=-1, open_mode=False),
        catalog=FewDevices(DEVICES.values()),
        engine=engine,
        prewarm=False,
        users=[User("learner", drawn_secrets.api_token)],
        instances=[ServiceInstance("course", account_id=drawn_secrets.account)],
    )
    _engines[id(running)] = engine
    with running:
        yield running
    del _engines[id(running)]


@pytest.fixture
def faults(detector: LeakDetector, monkeypatch: pytest.MonkeyPatch) -> RequestFaults:
    faults = RequestFaults(detector)
    faults.install(monkeypatch)
    return faults


@pytest.fixture(autouse=True)
def fast_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry once and without delay."""
    at_once = partial(NetworkSettings, retry=RetryPolicy(attempts=2, first_delay=0.0))
    monkeypatch.setattr(connect, "NetworkSettings", at_once)
    monkeypatch.setattr(exactly_once, "LOOK_UP", Backoff(0.0, tries=2))
    monkeypatch.setattr("ibmq_backend.job.cancel.MAX_CANCEL_WAIT_SECONDS", 0.1)
