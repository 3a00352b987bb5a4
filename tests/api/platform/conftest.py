"""A scripted service and a client of it that does not sleep."""

from __future__ import annotations

import pytest

from ibmq_backend.api.platform.client import PlatformAccountClient
from tests.support.platform_replies import Service


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def client(service, no_pauses) -> PlatformAccountClient:
    return service.open(sleep=lambda seconds: seconds and no_pauses.append(seconds))


@pytest.fixture
def no_pauses():
    return []
