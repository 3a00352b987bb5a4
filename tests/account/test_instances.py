"""The instances of an account of IBM Quantum Platform: which are used, and what each has."""

from __future__ import annotations

import json

import pytest
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend import IBMQ
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import (
    OPEN_PLAN,
    PAYGO_PLAN,
    PREMIUM_PLAN,
    ServiceInstance,
)
from ibmq_backend.exceptions import IBMQAccountError, IBMQAccountValueError, IBMQProviderError
from tests.support.engines import FakeEngine

CHANNEL = "ibm_quantum_platform"
DEAR = ServiceInstance("dear", PREMIUM_PLAN, devices=("ibm_perth", "ibm_lagos"), tags=("course",))
GERMAN = ServiceInstance(
    "frankfurt", PAYGO_PLAN, "eu-de", devices=("ibm_nairobi",), tags=("course", "lab:a")
)
FREE = ServiceInstance("free", OPEN_PLAN, devices=("ibm_perth",))
FILTERS = [
    ({"region": "eu-de"}, ["frankfurt"]),
    ({"region": "us-east"}, ["free", "dear"]),
    ({"plans_preference": ["premium", "open"]}, ["dear", "free"]),
    ({"plans_preference": ["Pay-As-You-Go"]}, ["frankfurt"]),
    ({"tags": ["Course"]}, ["frankfurt", "dear"]),
    ({"tags": ["course", "lab:a"]}, ["frankfurt"]),
    ({"region": "us-east", "plans_preference": ["premium", "pay-as-you-go"]}, ["dear"]),
]


@pytest.fixture(scope="module")
def service():
    with LocalService(
        instances=(DEAR, GERMAN, FREE), engine=FakeEngine(), prewarm=False
    ) as running:
        yield running


@pytest.fixture
def enable(service):
    return lambda **options: IBMQ.enable_account(service.api_key, service.platform_url, **options)


def labels():
    return [provider._api_client.instance.label for provider in IBMQ.providers()]


def write_official(home, service, **account):
    folder = home / ".qiskit"
    folder.mkdir(exist_ok=True)
    entry = {
        "channel": CHANNEL,
        "private_endpoint": False,
        "token": service.api_key,
        "url": service.platform_url,
        **account,
    }
    (folder / "qiskit-ibm.json").write_text(json.dumps({"default-ibm-quantum-platform": entry}))


# -- which instances are used ---------------------------------------------------------------------


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_filters_of_the_official_client(service, clean_account, filters, expected):
    write_official(clean_account, service, **filters)
    provider = IBMQ.load_account()
    assert labels() == expected
    assert provider is IBMQ.providers()[0]
    assert IBMQ.stored_account() == {
        "token": service.api_key,
        "url": service.platform_url,
        **filters,
    }


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_filters_given_and_saved(service, enable, filters, expected):
    enable(**filters)
    assert labels() == expected
    IBMQ.disable_account()
    IBMQ.save_account(service.api_key, service.platform_url, **filters)
    IBMQ.load_account()
    assert labels() == expected
    assert not set(IBMQ.active_account()) & set(filters)  # it has an instance
    IBMQ.disable_account()
    IBMQ.enable_account(**IBMQ.stored_account())
    assert labels() == expected


def test_filters_that_no_instance_meets(enable):
    with pytest.raises(IBMQAccountError) as caught:
        enable(region="eu-de", plans_preference=["open"])
    assert caught.value.message == (
        "No instance of this account has region='eu-de', plans_preference=['open']. It has: "
        "'free' (plan open, us-east); 'frankfurt' (plan pay-as-you-go, eu-de); "
        "'dear' (plan premium, us-east). To use one: "
        "IBMQ.save_account(token, instance='free', overwrite=True)."
    )
    with pytest.raises(IBMQAccountError, match=r"'dear' \(plan premium, us-east\), tags \['cou"):
        enable(tags=["nothing"])
    with pytest.raises(IBMQAccountError, match="region='eu'"):
        enable(region="eu")
    assert IBMQ.providers() == []


@pytest.mark.parametrize(
    "wrong", [{"region": 5}, {"plans_preference": {"open": 1}}, {"tags": [None]}]
)
def test_filters_of_another_type(enable, wrong):
    with pytest.raises(IBMQAccountValueError, match=next(iter(wrong))):
        enable(**wrong)


def test_a_filter_does_not_make_a_project_an_instance(clean_account):
    IBMQ.save_account("a" * 44, instance="hub/group/project", region="eu-de")
    assert IBMQ.stored_account().items() >= {"instance": "hub/group/project"}.items()
    assert "quantum.cloud" not in IBMQ.stored_account()["url"]


@pytest.mark.parametrize("named", [DEAR.name, DEAR.crn])
def test_a_named_instance_needs_no_filter(service, clean_account, named):
    write_official(clean_account, service, instance=named, region="eu-de", tags=["none"])
    assert IBMQ.load_account().credentials.instance == DEAR.crn


def test_the_instance_auto_of_the_official_client(service, clean_account):
    write_official(clean_account, service, instance="auto", plans_preference=["premium"])
    IBMQ.load_account()
    assert labels() == ["dear"]


# -- what another instance has --------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{"instance": "free"}, {"instance": FREE.crn}, {"region": "us-east"}],
    ids=["name", "crn", "filter"],
)
@pytest.mark.parametrize(
    ("device", "owner", "details"),
    [
        ("ibm_lagos", DEAR, "plan premium, us-east"),
        ("ibm_nairobi", GERMAN, "plan pay-as-you-go, eu-de"),
    ],
)
def test_a_device_of_another_instance_is_named_with_the_line_to_use_it(
    enable, options, device, owner, details
):
    provider = enable(**options)
    line = f"IBMQ.get_provider(instance={owner.name!r}).get_backend({device!r})"
    message = (
        f"This instance has no backend {device!r}, but {owner.name!r} ({details}) has it: {line}."
    )
    with pytest.raises(QiskitBackendNotFoundError) as caught:
        provider.get_backend(device)
    assert caught.value.message == message
    with pytest.raises(AttributeError) as caught:
        getattr(provider.backends, device)
    assert str(caught.value) == message
    assert provider.backends(device) == []
    backend = eval(line)
    assert backend.name() == device
    assert backend.provider().credentials.instance == owner.crn
    assert backend.provider() in IBMQ.providers()


def test_a_device_that_no_instance_has(enable, asked):
    provider = enable(instance=FREE.crn)
    provider.backends()
    asked.clear()
    for _ in range(2):
        with pytest.raises(QiskitBackendNotFoundError, match="'ibm_nowhere'. Available: ibm_p"):
            provider.get_backend("ibm_nowhere")
    plans = ["getCatalogEntry"] * 3
    assert asked == ["searchInstances", *plans, "listBackends", "listBackends"]
    asked.clear()
    for name in ("_repr_mimebundle_", "get_backend", "vigo"):
        assert not hasattr(provider.backends, name)
    assert asked == []


def test_an_instance_that_is_not_listed_is_looked_up(enable, asked):
    provider = enable(instance=FREE.crn)
    assert IBMQ.get_provider(instance="free") is provider
    assert IBMQ.get_provider(instance=GERMAN.crn).credentials.instance == GERMAN.crn
    assert IBMQ.get_provider(instance="frankfurt") in IBMQ.providers()
    with pytest.raises(IBMQProviderError, match="No provider matches instance='other'"):
        IBMQ.get_provider(instance="other")
    assert asked.count("searchInstances") == 1
    assert len(IBMQ.providers()) == 2
