"""Platform services; every reply in a test is checked against the specification."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import EXCHANGES, PlatformClient
from tests.support.spec_check import contract


@pytest.fixture
def service(make_service: ServiceMaker) -> LocalService:
    """A service that accepts any API key."""
    return make_service(Settings(open_mode=True))


@pytest.fixture
def client(service: LocalService) -> PlatformClient:
    return PlatformClient(service)


@pytest.fixture(autouse=True)
def _replies_as_described() -> Iterator[None]:
    EXCHANGES.clear()
    yield
    found = []
    for exchange in EXCHANGES:
        parts = urlsplit(exchange.url)
        root = f"{parts.scheme}://{parts.netloc}"
        region = "/eu-de" if parts.path.startswith("/eu-de/") else ""
        for dialect, base in (("platform", f"{root}{region}/api"), ("cloud", root)):
            described = contract(dialect)
            if described.find(exchange, base) is not None:
                found += [
                    finding
                    for finding in described.findings([exchange], base=base, source=exchange.url)
                    if finding.pointer.startswith("/response")
                ]
                break
    EXCHANGES.clear()
    assert not found, "\n".join(str(finding) for finding in found)
