"""Keys, instances, plans, regions, usage."""

from __future__ import annotations

from checks import check, equal, raises
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.accounts.exceptions import InvalidAccountError
from qiskit_ibm_runtime.exceptions import IBMInputValueError
from scene import Scene
from service import GERMAN, OPEN, PREMIUM
from steps import Steps
from traffic import watched

steps = Steps("account")


@steps("a wrong key is refused")
def wrong_key(_scene: Scene) -> None:
    raises(
        InvalidAccountError,
        lambda: QiskitRuntimeService(channel="ibm_quantum_platform", token="0" * 44).backends(),
        "valid API token",
    )


@steps("instances are found with their plans")
def instances(scene: Scene) -> None:
    with watched() as seen:
        client = QiskitRuntimeService(channel="ibm_quantum_platform", token=scene.service.key)
        listed = client.instances()
    scene.crns = {one["name"]: one["crn"] for one in listed}
    equal(set(scene.crns), {OPEN, PREMIUM, GERMAN}, "names")
    plans = {one["name"]: (one["plan"], one.get("pricing_type")) for one in listed}
    equal(plans[OPEN][0], "open", "plan")
    equal(plans[PREMIUM][0], "premium", "plan")
    check(seen.count("POST", "/v3/resources/search") >= 1, "the search was not asked")
    check(seen.count("POST", "/identity/token") >= 1, "no token was asked for")


@steps("an instance is found by its name")
def by_name(scene: Scene) -> None:
    client = scene.client(OPEN)
    equal(client.active_instance(), scene.crns[OPEN], "instance")


@steps("a token, the instance and the version go with every request")
def headers(scene: Scene) -> None:
    with watched() as seen:
        scene.client().usage()
    sent = seen.headers["/api/v1/instances/usage"]
    equal(sent["Service-CRN"], scene.crns[PREMIUM], "instance")
    check(sent["Authorization"].startswith("Bearer ey"), "no bearer token")
    equal(sent["IBM-API-Version"], "2026-04-15", "version")


@steps("usage of an instance with a limit and of one without")
def usage(scene: Scene) -> None:
    limited = scene.client(OPEN).usage()
    equal(limited["usage_limit_seconds"], 600, "limit")
    equal(limited["usage_limit_reached"], False, "limit reached")
    check(limited["usage_remaining_seconds"] <= 600, f"left: {limited}")
    check("usage_limit_reached" not in scene.client().usage(), "a limit without a plan for it")


@steps("an instance of another region is asked at its own host")
def region(scene: Scene) -> None:
    with watched() as seen:
        client = scene.client(GERMAN)
        check(client.backends(), "no devices")
    hosts = {one[1] for one in seen.requests if one[2].startswith("/api/v1/backends")}
    equal(hosts, {"eu-de.quantum.cloud.ibm.com"}, "hosts")


@steps("a CRN of nobody's is refused")
def foreign(scene: Scene) -> None:
    crn = scene.crns[PREMIUM].replace("premium", "x").rpartition(":a/")[0]
    crn += ":a/" + "0" * 32 + ":00000000-0000-4000-8000-000000000000::"
    with watched() as seen:
        raises(
            IBMInputValueError,
            lambda: QiskitRuntimeService(
                channel="ibm_quantum_platform", token=scene.service.key, instance=crn
            ).backends(),
            "does not have access",
        )
    check(all(one[4] == 200 for one in seen.requests), f"requests: {seen.requests}")
