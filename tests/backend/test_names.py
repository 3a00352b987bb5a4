"""Names of backends, and the errors for names that a service does not have."""

import re

import pytest
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend import IBMQ, AccountProvider
from ibmq_backend.backend.names import (
    RETIRED,
    RETIRED_SIMULATORS,
    STAND_INS,
    describe_unknown,
    identifiers,
    resolve,
)
from ibmq_backend.credentials import Credentials
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from tests.support.platform_replies import API_KEY, BASE, CRN, Service

KNOWN = ["ibmq_vigo", "ibmqx2", "ibmq_16_melbourne", "ibmq_qasm_simulator", "ibm_lagos"]


def test_aliases_are_resolved():
    assert resolve("ibmq_5_yorktown") == "ibmqx2"
    assert resolve("ibmq_5_tenerife") == "ibmqx4"
    assert resolve("ibmq_vigo") == "ibmq_vigo"


def test_identifiers_are_snake_case_and_distinct():
    found = identifiers(["ibmq_vigo", "QS1_1", "my-device", "my_device", "2nd"])
    assert found == {
        "ibmq_vigo": "ibmq_vigo",
        "qs1_1": "QS1_1",
        "my_device": "my-device",
        "my_device_": "my_device",
        "_2nd": "2nd",
    }
    assert all(name.isidentifier() for name in found)


def test_the_error_for_an_unknown_name_has_the_nearest_only():
    text = describe_unknown("ibmq_vigoo", KNOWN)
    assert text == "There is no backend 'ibmq_vigoo'. Nearest: ibmq_vigo."


@pytest.mark.parametrize(
    "name", ["ibmq_vgio", "ibm_kyiv", "vigo", "simulator", "zzzzzz", "ibmq_", ""]
)
def test_a_long_list_of_names_is_not_in_the_error(name):
    text = describe_unknown(name, Catalog().names())
    assert sum(re.search(rf"\b{known}\b", text) is not None for known in Catalog().names()) <= 5
    assert len(text) < 200


def test_nearest_ignores_prefix_and_qubit_count():
    assert "Nearest: ibmq_16_melbourne." in describe_unknown("melbourne", KNOWN)
    assert "Nearest: ibm_lagos." in describe_unknown("ibmq_lagos", KNOWN)


def test_a_device_that_the_emulator_has_at_other_times():
    text = describe_unknown("ibmq_manila", KNOWN)
    assert text.startswith(
        "There is no backend 'ibmq_manila' on the date of the emulation or in this project, but "
        "IBMQ.enable_local() without a date has it."
    )


def test_nearest_ignores_capitals():
    assert "Nearest: ibmq_vigo." in describe_unknown("IBMQ_VIGO", KNOWN)


def test_no_suggestion_without_a_near_name():
    assert "Nearest" not in describe_unknown("zzzzzz", KNOWN)
    assert "Available: none." in describe_unknown("x", [])
    assert "backends() lists all 6" in describe_unknown("zzzzzz", [*KNOWN, "ibm_oslo"])


# -- names of the classic service on other services ------------------------------------------------

REMOTE = {"ibm_small": 20, "ibm_middle": 133, "ibm_large": 156}
EMULATED = re.compile(r"IBMQ\.enable_local\(\)\.get_backend\('(\w+)'\)")


def test_the_known_retired_names_are_those_of_the_emulator():
    devices = {each.name: each.configuration() for each in Catalog()}
    qubits = {name: each["n_qubits"] for name, each in devices.items() if not each["simulator"]}
    assert qubits == RETIRED
    assert {name for name, each in devices.items() if each["simulator"]} == RETIRED_SIMULATORS


@pytest.mark.parametrize(
    "name", [*RETIRED, *sorted(RETIRED_SIMULATORS), "ibmq_5_yorktown", *STAND_INS]
)
def test_an_old_name_gives_the_nearest_device_and_the_line_that_emulates(name):
    text = describe_unknown(name, REMOTE, REMOTE)
    emulated = EMULATED.search(text)[1]
    assert emulated in Catalog()
    wanted = resolve(name)
    assert emulated == STAND_INS.get(wanted, wanted)
    assert ("is retired" in text) == (wanted not in STAND_INS)
    if emulated in RETIRED:
        nearest, size = re.search(
            r"Nearest device of this account: (\w+) \((\d+) qubits\)", text
        ).groups()
        assert REMOTE[nearest] == int(size)
        assert nearest == ("ibm_small" if RETIRED[emulated] <= 20 else "ibm_middle")
        assert f"the smallest with at least {RETIRED[emulated]}." in text
    else:
        assert "Nearest" not in text
    assert len(text) < 300


def test_the_largest_device_is_nearest_to_a_larger_one():
    text = describe_unknown("ibmq_manhattan", ["a", "b"], {"a": 5, "b": 27})
    assert "Nearest device of this account: b (27 qubits), the largest." in text
    assert "Nearest" not in describe_unknown("ibmq_manhattan", [], {})


def test_a_misspelled_old_name_is_recognized():
    text = describe_unknown("ibmq_vgio", REMOTE, REMOTE)
    assert text.startswith("There is no backend 'ibmq_vgio'. Nearest: ibmq_vigo, which is retired.")
    assert EMULATED.search(text)[1] == "ibmq_vigo"
    assert "retired" not in describe_unknown("ibm_midle", REMOTE, REMOTE)
    assert "retired" not in describe_unknown("zzzzzz", REMOTE, REMOTE)


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["platform", "classic"])
@pytest.mark.parametrize("how", ["name", "attribute"])
def test_the_line_of_the_error_works_beside_the_account(engine, kind, how):
    with LocalService(engine=engine, instances=[ServiceInstance("only")]) as service:
        if kind == "platform":
            IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
        else:
            IBMQ.enable_account(service.api_token, service.url)
        provider = IBMQ.providers()[0]
        kept = provider.backends(simulator=False)[0]
        gone = next(name for name in sorted(RETIRED) if name != kept.name())
        provider.backend._records = {kept.name(): provider.backend._records[kept.name()]}
        with pytest.raises((AttributeError, QiskitBackendNotFoundError)) as raised:
            provider.get_backend(gone) if how == "name" else getattr(provider.backends, gone)
        text = str(raised.value)
        assert f"'{gone}' is retired" in text
        assert f"{kept.name()} ({kept.configuration().n_qubits} qubits)" in text
        emulated = eval(EMULATED.search(text)[0])  # the line as a user types it
        assert emulated.name() == gone
        assert "emulated locally" in repr(emulated)
        assert kept.status().operational


def test_a_retired_device_is_not_searched_in_other_instances():
    service = Service()
    provider = AccountProvider(Credentials(API_KEY, BASE, instance=CRN), service.open())
    with pytest.raises(QiskitBackendNotFoundError, match="'ibmq_vigo' is retired"):
        provider.get_backend("ibmq_vigo")
    assert service.sent("searchInstances") == []
    with pytest.raises(QiskitBackendNotFoundError, match="There is no backend 'ibm_far'"):
        provider.get_backend("ibm_far")
    assert len(service.sent("searchInstances")) == 1
