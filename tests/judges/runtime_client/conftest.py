"""The emulator, the client in its instances, and jobs that several tests use."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from accounts import BOOKED_DEVICE, DEVICE, OPEN, PREMIUM, accounts_document
from circuits import bell, transpiled
from processes import running_emulator
from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2
from traffic import redirected

logging.getLogger("qiskit_ibm_runtime").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session")
def api_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the API key of a user of the emulator, to which all requests are sent from here on."""
    key, folder = secrets.token_hex(22), tmp_path_factory.mktemp("emulator")
    # The client asks for the service's hosts, by which the emulator distinguishes regions.
    options = ("--allowed-host", "*.cloud.ibm.com")
    with (
        running_emulator(folder, accounts_document(key), *options) as emulator,
        redirected(emulator.root),
    ):
        yield key


@pytest.fixture(scope="session")
def connect(api_key: str) -> Callable[..., QiskitRuntimeService]:
    """Log in to an instance: its name, its CRN, or none."""

    def log_in(instance: str | None = None, token: str = api_key) -> QiskitRuntimeService:
        return QiskitRuntimeService(channel="ibm_quantum_platform", token=token, instance=instance)

    return log_in


@pytest.fixture(scope="session")
def crns(connect: Callable[..., QiskitRuntimeService]) -> dict[str, str]:
    """Return the CRN of each instance by its name."""
    return {one["name"]: one["crn"] for one in connect().instances()}


@pytest.fixture(scope="session")
def client(connect: Callable[..., QiskitRuntimeService]) -> QiskitRuntimeService:
    return connect(PREMIUM)


@pytest.fixture(scope="session")
def open_client(connect: Callable[..., QiskitRuntimeService]) -> QiskitRuntimeService:
    return connect(OPEN)


@pytest.fixture(scope="session")
def device(client: QiskitRuntimeService) -> Any:
    return client.backend(DEVICE)


@pytest.fixture(scope="session")
def booked_device(client: QiskitRuntimeService) -> Any:
    return client.backend(BOOKED_DEVICE)


@pytest.fixture(scope="session")
def bell_job(device: Any) -> Any:
    """Return a finished job with tags and metadata."""
    circuit = bell()
    circuit.metadata = {"lesson": 3}
    sampler = SamplerV2(mode=device)
    sampler.options.environment.job_tags = ["lesson", "bell"]
    job = sampler.run([transpiled(circuit, device)], shots=500)
    job.result()
    return job


@pytest.fixture
def waiting_job(booked_device: Any) -> Iterator[Any]:
    """Yield a job that stays in the queue until it is cancelled."""
    circuit = transpiled(bell(), booked_device)
    job = SamplerV2(mode=booked_device).run([circuit], shots=10)
    yield job
    if job.status() != "CANCELLED":
        job.cancel()
