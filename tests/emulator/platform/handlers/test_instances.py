"""Selection of instances, and their limits."""

from __future__ import annotations

import re

import pytest

from ibmq_backend.emulator.__main__ import main
from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import (
    PREMIUM_PLAN,
    USAGE_PERIOD_SECONDS,
    Instances,
    Plan,
    ServiceInstance,
)
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import (
    PlatformClient,
    instance_of,
    refused,
)
from tests.support.engines import FakeEngine


def test_parts_of_a_crn() -> None:
    crn = ServiceInstance("mine", region="eu-de").crn
    assert re.fullmatch(
        r"crn:v1:bluemix:public:quantum-computing:eu-de:a/[0-9a-f]{32}:[0-9a-f-]{36}::", crn
    )
    assert crn == ServiceInstance("mine", region="eu-de").crn
    assert crn != ServiceInstance("other", region="eu-de").crn


def test_invalid_instances() -> None:
    with pytest.raises(EmulatorError, match="twice"):
        Instances([ServiceInstance("a"), ServiceInstance("a")])
    with pytest.raises(EmulatorError, match="region"):
        Instances([ServiceInstance("a", region="moon")])
    with pytest.raises(EmulatorError, match="no instance"):
        _ = Instances([]).default


def test_an_instance_with_an_unknown_device(make_service: ServiceMaker) -> None:
    with pytest.raises(EmulatorError, match="ibm_nowhere"):
        make_service(instances=[ServiceInstance("a", devices=("ibm_nowhere",))])


def test_no_crn(client: PlatformClient) -> None:
    del client.http.headers["Service-CRN"]
    assert refused(client.get("backends")) == (400, 1241)


@pytest.mark.parametrize("text", ["x", "crn:v1:bluemix", "open-instance", "crn:" * 200])
def test_an_invalid_crn(client: PlatformClient, text: str) -> None:
    client.http.headers["Service-CRN"] = text
    assert refused(client.get("backends")) == (400, 1348)


def test_an_instance_that_does_not_exist(client: PlatformClient) -> None:
    client.http.headers["Service-CRN"] = ServiceInstance("nobody's").crn
    assert refused(client.get("backends")) == (404, 1279)


def test_an_instance_of_another_account(client: PlatformClient) -> None:
    client.http.headers["Service-CRN"] = ServiceInstance("x", account_id="0" * 32).crn
    assert refused(client.get("backends")) == (403, None)


def test_an_instance_of_another_user(make_service: ServiceMaker) -> None:
    service = make_service(
        instances=[ServiceInstance("ada's", users=("ada",))], users=[User("ada", "ada's key")]
    )
    assert PlatformClient(service, "ada's key").get("backends").status_code == 200
    assert refused(PlatformClient(service).get("backends")) == (403, None)


def test_the_region_of_the_url_counts(service: LocalService, client: PlatformClient) -> None:
    german = instance_of(service, "frankfurt-instance")
    url = service.regional_url("eu-de")
    assert refused(client.http.get(f"{url}/v1/backends")) == (404, 1279)
    client.http.headers["Service-CRN"] = german.crn
    assert refused(client.get("backends")) == (404, 1279)
    assert client.http.get(f"{url}/v1/backends").status_code == 200
    assert client.http.get(f"{url}/v1/versions").status_code == 200
    hosted = {"Host": "eu-de.localhost"}
    assert client.http.get("/v1/backends", headers=hosted).status_code == 200
    private = {"Host": "private.eu-de.localhost"}
    assert client.http.get("/v1/backends", headers=private).status_code == 200


def test_jobs_stay_in_their_instance(service: LocalService, client: PlatformClient) -> None:
    job_id = client.done()
    other = PlatformClient(service, crn=instance_of(service, "open-instance").crn)
    assert refused(other.get(f"jobs/{job_id}")) == (404, 1291)
    assert other.json("jobs")["jobs"] == []


def test_users_see_their_own_jobs(service: LocalService) -> None:
    job_id = PlatformClient(service).done()
    other = PlatformClient(service, "another key")
    assert refused(other.get(f"jobs/{job_id}")) == (404, 1291)
    assert refused(other.get(f"jobs/{job_id}/results")) == (404, 1291)
    assert other.json("jobs")["count"] == 0


def test_devices_of_an_instance(make_service: ServiceMaker) -> None:
    service = make_service(instances=[ServiceInstance("small", devices=("ibm_oslo",))])
    client = PlatformClient(service)
    assert [one["name"] for one in client.json("backends")["devices"]] == ["ibm_oslo"]
    assert client.json("instance")["backends"] == ["ibm_oslo"]
    assert refused(client.create()) == (404, None)


def test_usage_is_counted_for_28_days(make_service: ServiceMaker, clock: ManualClock) -> None:
    client = PlatformClient(make_service(clock=clock))
    assert client.json("instances/usage")["usage_consumed_seconds"] == 0
    job_id = client.done()
    used = client.job(job_id)["usage"]["qpu_charge_time_seconds"]
    assert used > 0
    usage = client.json("instances/usage")
    assert usage["usage_consumed_seconds"] == used
    assert usage["instance_id"] == client.service.crn
    assert "usage_limit_reached" not in usage
    clock.advance(1800)
    client.delete(f"jobs/{job_id}")
    assert client.json("instances/usage")["usage_consumed_seconds"] == used
    clock.advance(USAGE_PERIOD_SECONDS)
    client.http.headers["Authorization"] = f"Bearer {client.token()}"
    assert client.json("instances/usage")["usage_consumed_seconds"] == 0


def test_the_open_plan_is_used_up(make_service: ServiceMaker, engine: FakeEngine) -> None:
    engine.executions = [1_000_000] * 10
    service = make_service(Settings())
    client = PlatformClient(service, crn=instance_of(service, "open-instance").crn)
    usage = client.json("instances/usage")
    assert usage["usage_limit_seconds"] == usage["usage_allocation_seconds"] == 600
    assert usage["usage_limit_reached"] is False
    job_id = client.submit()
    document = client.wait(job_id)
    # The maximum run time of a job is the whole usage of the plan.
    assert document["cost"] == 600
    assert document["state"]["reason_code"] == 1305
    assert client.json("instances/usage")["usage_limit_reached"] is True
    assert refused(client.create()) == (403, 4317)


def test_a_limit_of_the_owner(make_service: ServiceMaker, engine: FakeEngine) -> None:
    engine.executions = [40_000]
    service = make_service(instances=[ServiceInstance("a", PREMIUM_PLAN, usage_limit_seconds=10)])
    client = PlatformClient(service)
    assert client.json("instances/configuration") == {"instance_limit": 10}
    assert client.json("instance")["instance_limit_seconds"] == "10"
    client.done()
    assert refused(client.create()) == (409, None)


def test_creations_per_minute(make_service: ServiceMaker, clock: ManualClock) -> None:
    plan = Plan("busy", "paid", creations_per_minute=2)
    client = PlatformClient(make_service(instances=[ServiceInstance("a", plan)], clock=clock))
    client.submit()
    clock.advance(20)
    client.submit()
    reply = client.create()
    assert refused(reply) == (429, 1202)
    assert reply.headers["retry-after"] == "40"
    assert client.json("jobs")["count"] == 2
    clock.advance(40)
    assert client.create().status_code == 200
    assert refused(client.create()) == (429, 1202)


def test_pending_jobs(make_service: ServiceMaker, engine: FakeEngine) -> None:
    plan = Plan("narrow", "paid", pending_jobs=2)
    client = PlatformClient(make_service(instances=[ServiceInstance("a", plan)]))
    engine.hold()
    jobs = [client.submit(), client.submit()]
    assert refused(client.create()) == (409, 3458)
    assert client.cancel(jobs[1]).status_code == 204
    assert client.create().status_code == 200


def test_plans_of_the_account(service: LocalService, client: PlatformClient) -> None:
    account_id = service.crn.split(":")[6].removeprefix("a/")
    plans = client.json(f"accounts/{account_id}")["plans"]
    assert len(plans) == 3
    assert plans[0]["usage_allocation_seconds"] == 600
    one = client.json(f"accounts/{account_id}", plan_id=plans[1]["plan_id"])["plans"]
    assert one == [plans[1]]
    assert refused(client.get("accounts/nobody")) == (404, None)


def test_versions_need_no_login(client: PlatformClient) -> None:
    for header in ("Authorization", "Service-CRN"):
        del client.http.headers[header]
    listed = client.json("versions")["versions"]
    assert listed[-1] == {"version": "2026-04-15", "status": "live"}
    assert client.at("2025-05-01").json("versions")["versions"][0] == "2024-01-01"


def test_the_command_line_names_unknown_devices(
    capsys: pytest.CaptureFixture[str], tmp_path
) -> None:
    arguments = ["--platform-device", "ibm_nowhere", "--store", str(tmp_path / "s.sqlite")]
    assert main(arguments) == 1
    assert "ibm_nowhere" in capsys.readouterr().err
