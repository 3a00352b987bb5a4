"""API keys, instances, plans, regions and usage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from accounts import DEVICE, GERMAN, OPEN, PREMIUM
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.accounts.exceptions import InvalidAccountError
from qiskit_ibm_runtime.exceptions import IBMInputValueError
from traffic import watched

Connect = Callable[..., QiskitRuntimeService]


def test_a_wrong_api_key_is_refused(connect: Connect) -> None:
    with pytest.raises(InvalidAccountError, match="valid API token"):
        connect(token="0" * 44).backends()


def test_instances_are_listed_with_their_plans(connect: Connect) -> None:
    with watched() as seen:
        listed = connect().instances()
    plans = {one["name"]: one["plan"] for one in listed}
    assert set(plans) == {OPEN, PREMIUM, GERMAN}
    assert (plans[OPEN], plans[PREMIUM]) == ("open", "premium")
    assert seen.count("POST", "/v3/resources/search") >= 1
    assert seen.count("POST", "/identity/token") >= 1


def test_an_instance_is_found_by_name(
    open_client: QiskitRuntimeService, crns: dict[str, str]
) -> None:
    assert open_client.active_instance() == crns[OPEN]


def test_requests_carry_token_instance_and_version(client: Any, crns: dict[str, str]) -> None:
    with watched() as seen:
        client.usage()
    (exchange,) = (one for one in seen.exchanges if one.path == "/api/v1/instances/usage")
    assert exchange.headers["Service-CRN"] == crns[PREMIUM]
    assert exchange.headers["Authorization"].startswith("Bearer ey")
    assert exchange.headers["IBM-API-Version"] == "2026-04-15"


def test_usage_with_and_without_limit(client: Any, open_client: Any) -> None:
    usage = open_client.usage()
    assert usage["usage_limit_seconds"] == 600
    assert usage["usage_limit_reached"] is False
    assert usage["usage_remaining_seconds"] <= 600
    assert "usage_limit_reached" not in client.usage()


def test_an_instance_of_another_region_is_asked_at_its_own_host(connect: Connect) -> None:
    with watched() as seen:
        assert connect(GERMAN).backends()
    hosts = {one.host for one in seen.exchanges if one.path.startswith("/api/v1/backends")}
    assert hosts == {"eu-de.quantum.cloud.ibm.com"}


def test_an_account_is_saved_loaded_and_deleted(api_key: str, crns: dict[str, str]) -> None:
    QiskitRuntimeService.save_account(
        channel="ibm_quantum_platform", token=api_key, instance=PREMIUM, name="mine",
        set_as_default=True,
    )  # fmt: skip
    assert QiskitRuntimeService.saved_accounts()["mine"]["instance"] == PREMIUM
    for service in (QiskitRuntimeService(), QiskitRuntimeService(name="mine")):
        assert service.active_instance() == crns[PREMIUM]
        assert service.active_account()["token"] == api_key
    assert QiskitRuntimeService.delete_account(name="mine")
    assert QiskitRuntimeService.saved_accounts() == {}


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        ({"plans_preference": ["open"]}, OPEN),
        ({"plans_preference": ["premium"], "region": "us-east"}, PREMIUM),
        ({"region": "eu-de"}, GERMAN),
        ({"instance": "auto"}, OPEN),
    ],
)
def test_an_instance_is_chosen_by_preference(
    api_key: str, crns: dict[str, str], choice: dict[str, Any], chosen: str
) -> None:
    service = QiskitRuntimeService(channel="ibm_quantum_platform", token=api_key, **choice)
    assert service.backend(DEVICE if chosen != GERMAN else "ibm_lagos")._instance == crns[chosen]


def test_an_unknown_instance_name_is_refused(connect: Connect) -> None:
    with pytest.raises(IBMInputValueError, match="not a valid instance name"):
        connect("nowhere")


def test_the_crn_of_an_unknown_instance_is_refused(connect: Connect, crns: dict[str, str]) -> None:
    service = crns[PREMIUM].rpartition(":a/")[0]
    unknown = f"{service}:a/{'0' * 32}:00000000-0000-4000-8000-000000000000::"
    with watched() as seen, pytest.raises(IBMInputValueError, match="does not have access"):
        connect(unknown).backends()
    assert {one.status for one in seen.exchanges} == {200}
