"""Two dialects share one state but have separate jobs, also with equal hub names."""

from __future__ import annotations

import httpx
import pytest
from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Project
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient
from tests.support.emulator import Client, login
from tests.support.engines import FakeEngine

HUB = Instance("platform", "open", "main")
PATH = "/Network/platform/Groups/open/Projects/main"


@pytest.fixture
def service(make_service: ServiceMaker) -> LocalService:
    """A service with a classic hub that has the name of the other dialect."""
    return make_service(projects=[Project(OPEN_INSTANCE), Project(HUB)])


@pytest.fixture
def in_hub(service: LocalService) -> Client:
    return Client(service.url, service.api_token, PATH)


def test_a_job_of_a_classic_hub_named_platform(service: LocalService, in_hub: Client) -> None:
    ended = in_hub.wait(in_hub.submit())
    assert ended["status"] == "COMPLETED"
    assert ended["hubInfo"]["hub"]["name"] == "platform"
    assert in_hub.result(ended["id"])["results"][0]["data"]["counts"] == {"0x0": 60, "0x3": 40}


def test_job_lists_contain_one_dialect_only(service: LocalService, in_hub: Client) -> None:
    platform = PlatformClient(service)
    of_platform = {platform.done(), platform.done()}
    of_hub = {in_hub.submit(), in_hub.submit()}
    in_open = login(service)
    of_open = {in_open.submit()}
    for client, own in ((in_hub, of_hub), (in_open, of_open)):
        for job_id in own:
            assert client.wait(job_id)["status"] == "COMPLETED"
        assert {job["id"] for job in client.statuses()} == own
        for foreign in (of_hub | of_open | of_platform) - own:
            assert client.get(f"P/Jobs/{foreign}/status/v/1").status_code == 404
    assert {job["id"] for job in platform.json("jobs")["jobs"]} == of_platform
    for foreign in of_hub | of_open:
        assert platform.get(f"jobs/{foreign}").status_code == 404


def test_platform_instances_are_not_hubs(make_service: ServiceMaker) -> None:
    """Even when every hub exists, including one with the same name."""
    service = make_service(Settings(any_instance=True))
    platform = PlatformClient(service)
    job_id = platform.done()
    guid = service.crn.split(":")[7]
    client = Client(service.url, service.api_token, f"/Network/platform/Groups/{guid}/Projects/x")
    assert client.statuses() == []
    assert client.get(f"P/Jobs/{job_id}/status/v/1").status_code == 404


def test_job_limits_are_counted_per_dialect(make_service: ServiceMaker, engine: FakeEngine) -> None:
    engine.hold()
    service = make_service(
        Settings(device_job_limit=1, platform_devices=("ibmq_vigo",)),
        projects=[Project(OPEN_INSTANCE), Project(HUB)],
    )
    platform = PlatformClient(service)
    platform.submit(backend="ibmq_vigo")
    client = Client(service.url, service.api_token, PATH)
    limit = "P/devices/ibmq_vigo/jobsLimit"
    assert client.json(limit) == {"maximumJobs": 1, "runningJobs": 0}
    client.submit()
    assert client.json(limit) == {"maximumJobs": 1, "runningJobs": 1}
    platform.submit(backend="ibmq_vigo")


def test_the_administration_cancels_jobs_of_both_dialects(
    make_service: ServiceMaker, engine: FakeEngine
) -> None:
    engine.hold()
    service = make_service(users=[User("ada", "t")], projects=[Project(HUB)])
    service.service_state.accounts.set_admin_token("admin")
    jobs = {
        PlatformClient(service).submit(): "platform",
        Client(service.url, "t", PATH).submit(): "classic",
    }
    headers = {"Authorization": "Bearer admin"}
    url = f"{service.url}/admin/jobs"
    listed = httpx.get(url, headers=headers, trust_env=False).json()["jobs"]
    assert {job["id"]: job["dialect"] for job in listed} == jobs
    for job_id in jobs:
        reply = httpx.post(f"{url}/{job_id}/cancel", headers=headers, trust_env=False)
        assert reply.json() == {"id": job_id, "cancelled": True, "status": "CANCELLED"}


def test_the_documented_client_in_a_hub_named_platform(service: LocalService) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    platform = PlatformClient(service)
    own = platform.done()
    provider = IBMQ.enable_account(
        service.api_token, service.url, hub="platform", group="open", project="main"
    )
    try:
        backend = provider.get_backend("ibmq_qasm_simulator")
        job = backend.run(circuit)
        assert job.result().get_counts() == {"00": 60, "11": 40}
        assert [one.job_id() for one in provider.backend.jobs()] == [job.job_id()]
        assert {one["id"] for one in platform.json("jobs")["jobs"]} == {own}
    finally:
        IBMQ.disable_account()
