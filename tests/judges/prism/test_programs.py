"""Programs of our client, on the platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from circuits import bell, share, transpiled
from proxies import Front

from ibmq_backend import IBMQ
from ibmq_backend.api.connect import connect
from ibmq_backend.credentials import Credentials
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DeviceState
from ibmq_backend.exceptions import IBMQError
from ibmq_backend.records import JobQuery

DEVICE = "ibm_lagos"
UNAVAILABLE_DEVICE = "ibm_oslo"


@pytest.fixture(scope="module", params=["CRN", "name"])
def provider(request: pytest.FixtureRequest, service: LocalService, front: Front) -> Iterator[Any]:
    """Yield the provider of an instance that is given by its CRN, or by a name to search for."""
    instance = service.crn if request.param == "CRN" else "premium-instance"
    yield IBMQ.enable_account(service.api_key, f"{front.url}/api", instance=instance)
    IBMQ.disable_account()


@pytest.fixture(scope="module")
def backend(provider: Any) -> Any:
    return provider.get_backend(DEVICE)


@pytest.fixture(scope="module")
def circuit(backend: Any) -> Any:
    return transpiled(bell(), backend)


@pytest.fixture(scope="module")
def job(backend: Any, circuit: Any) -> Any:
    """Return a finished job."""
    job = backend.run(circuit, shots=500, job_name="first", job_tags=["course"])
    job.result(timeout=60, wait=0.5)
    return job


def test_backends(provider: Any) -> None:
    assert provider.backends()


def test_configuration(backend: Any) -> None:
    assert backend.configuration().n_qubits == 7


def test_properties(backend: Any) -> None:
    assert backend.properties(refresh=True).backend_name == DEVICE


def test_status(backend: Any) -> None:
    assert backend.status().operational


def test_defaults(backend: Any) -> None:
    assert backend.defaults(refresh=True) is None


def test_job_limit(backend: Any) -> None:
    assert backend.job_limit().maximum_jobs is None  # of the premium plan


def test_run_and_result(job: Any) -> None:
    counts = job.result().get_counts()
    assert sum(counts.values()) == 500
    assert share(counts, "00", "11") > 0.7


def test_job_status(job: Any) -> None:
    assert job.status().name == "DONE"


def test_times_from_the_metrics(job: Any) -> None:
    assert job.time_per_step()


def test_job_properties(job: Any) -> None:
    assert job.properties().backend_name == DEVICE


@pytest.mark.parametrize("tags", [None, ["course"]])
def test_jobs(backend: Any, job: Any, tags: list[str] | None) -> None:
    found = backend.jobs(limit=5, job_tags=tags)
    assert job.job_id() in [one.job_id() for one in found]


def test_retrieve_job(backend: Any, job: Any) -> None:
    again = backend.retrieve_job(job.job_id())
    assert again.result().get_counts() == job.result().get_counts()


def test_update_tags(backend: Any, circuit: Any) -> None:
    job = backend.run(circuit, shots=10)
    assert job.update_tags(["late"]) == ["late"]


def test_update_name(backend: Any, circuit: Any) -> None:
    job = backend.run(circuit, shots=10)
    assert job.update_name("second") == "second"


def test_cancel(provider: Any, service: LocalService, circuit: Any) -> None:
    unavailable = DeviceState(status="maintenance")
    service.service_state.set_device_state(UNAVAILABLE_DEVICE, unavailable)
    job = provider.get_backend(UNAVAILABLE_DEVICE).run(circuit)
    assert job.cancel()
    assert job.status().name == "CANCELLED"


def test_an_unknown_job(backend: Any) -> None:
    with pytest.raises(IBMQError):
        backend.retrieve_job("0" * 20)


def test_delete_a_job_below_the_documented_classes(
    service: LocalService, front: Front, backend: Any, circuit: Any
) -> None:
    job = backend.run(circuit, shots=10)
    job.result(timeout=60, wait=0.5)
    adapter = connect(Credentials(service.api_key, f"{front.url}/api", instance=service.crn))
    try:
        client = adapter.open(adapter.instances()[0].id)
        client.delete(job.job_id())
        assert job.job_id() not in [one.job_id for one in client.jobs(JobQuery(), limit=None)]
    finally:
        adapter.close()
