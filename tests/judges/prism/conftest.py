"""The emulator with prism in front of it; a test fails when prism reports a violation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from proxies import Front, running_prism

from ibmq_backend.emulator.http.embedded import LocalService


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


@pytest.fixture(scope="session")
def front(service: LocalService, summary: list[str]) -> Iterator[Front]:
    """Yield the server that the tests send their requests to."""
    with (
        running_prism("platform.yaml", service.platform_url) as platform,
        running_prism("cloud.yaml", service.url) as cloud,
    ):
        front = Front(platform, cloud)
        yield front
        front.close()
    paths = {(method, path) for method, path, _ in front.exchanges}
    summary.append(f"{len(front.exchanges)} requests to {len(paths)} paths")


@pytest.fixture(autouse=True)
def no_violations(front: Front) -> Iterator[None]:
    """Fail the test in which prism reports a violation, or in which its fixtures were set up."""
    yield
    assert front.take_violations() == []
