"""The emulator, an account of the original client, and jobs that several tests use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from accounts import BOOKED_BY_OTHERS, DEVICE, SIMULATOR, Tokens, accounts_document
from circuits import bell, constant, transpiled
from processes import running_emulator
from qiskit import IBMQ, assemble
from traffic import watched

SERIES_LENGTH = 46  # several pages of a job list


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture(scope="session")
def url(tokens: Tokens, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL at which the client logs in."""
    folder = tmp_path_factory.mktemp("emulator")
    # The noise of the calibration that the client reads, so that its noise models agree.
    options = ("--calibration", "published", "--noise", "gates")
    with running_emulator(folder, accounts_document(tokens), *options) as emulator:
        yield emulator.api_url


@pytest.fixture
def logged_out() -> Iterator[None]:
    """Log out before the test and after it."""
    _log_out()
    yield
    _log_out()


@pytest.fixture(scope="session")
def provider(url: str, tokens: Tokens) -> Any:
    """Return the provider of the open project; it works after the logout too."""
    _log_out()
    provider = IBMQ.enable_account(tokens.user, url=url)
    _log_out()
    return provider


@pytest.fixture(scope="session")
def device(provider: Any) -> Any:
    return provider.get_backend(DEVICE)


@pytest.fixture(scope="session")
def simulator(provider: Any) -> Any:
    return provider.get_backend(SIMULATOR)


@pytest.fixture(scope="session")
def booked_device(provider: Any) -> Any:
    return provider.get_backend(BOOKED_BY_OTHERS)


@pytest.fixture(scope="session")
def submitted_qobj(device: Any) -> SimpleNamespace:
    """Return a Bell pair submitted as a Qobj: the document, its job, and the traffic meanwhile."""
    document = assemble(transpiled(bell(), device), device, shots=4096)
    with watched() as seen:
        job = device.run(document)
    return SimpleNamespace(document=document, job=job, seen=seen)


@pytest.fixture(scope="session")
def named_job(device: Any) -> Any:
    """Return a finished job with name, tags, header and memory."""
    job = device.run(
        transpiled(bell(), device),
        shots=500,
        memory=True,
        header={"note": "kept", "number": 7},
        job_name="named bell",
        job_tags=["named", "bell"],
    )
    job.result()
    return job


@pytest.fixture(scope="session")
def failed_job(device: Any) -> Any:
    """Return a job with an instruction that the device does not have."""
    job = device.run(bell("not transpiled"), shots=100)
    job.wait_for_final_state()
    return job


@pytest.fixture(scope="session")
def series(simulator: Any) -> list[Any]:
    """Finished jobs with numbered names, tagged alternately."""
    circuit = constant(1, 1, "one")
    jobs = []
    for number in range(SERIES_LENGTH):
        parity = "odd" if number % 2 else "even"
        name = f"series {parity} {number}"
        jobs.append(simulator.run(circuit, shots=10, job_name=name, job_tags=["series", parity]))
    for job in jobs:
        job.wait_for_final_state()
    return jobs


@pytest.fixture
def submit_waiting(booked_device: Any) -> Iterator[Callable[[], Any]]:
    """Yield a function that submits a job to a booked device; the jobs are cancelled at the end."""
    circuit, jobs = transpiled(bell(), booked_device), []

    def submit() -> Any:
        jobs.append(booked_device.run(circuit, shots=100))
        return jobs[-1]

    yield submit
    for job in jobs:
        job.cancel()


def _log_out() -> None:
    if IBMQ.active_account():
        IBMQ.disable_account()
