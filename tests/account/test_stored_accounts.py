"""The methods of ``IBMQ`` for stored accounts."""

import json

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.credentials import CLASSIC_URL, PLATFORM_URL, discover
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsNotFound,
    IBMQAccountValueError,
)
from tests.support.engines import FakeEngine

ACCOUNT = "0123456789abcdef0123456789abcdef"
CRN = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{ACCOUNT}:1111-2222::"
SERVER = "http://127.0.0.1:1/api"


@pytest.fixture(scope="module")
def service():
    with LocalService(engine=FakeEngine(), prewarm=False) as running:
        yield running


def test_key_without_instance_after_a_platform_account(caplog):
    IBMQ.save_account("KEY", instance=CRN)
    IBMQ.save_account("KEY2", overwrite=True)
    assert IBMQ.stored_account()["token"] == discover().credentials.token == "KEY"
    assert "switched off" in caplog.text
    assert "IBMQ.save_account(API_KEY, instance='crn:...', overwrite=True)" in caplog.text
    IBMQ.save_account("KEY2", instance=CRN, overwrite=True)
    assert IBMQ.stored_account()["token"] == discover().credentials.token == "KEY2"


def test_instance_is_shown_with_token_and_url():
    IBMQ.save_account("KEY", crn=CRN)
    assert IBMQ.stored_account() == {"token": "KEY", "url": PLATFORM_URL, "instance": CRN}
    assert {type(value) for value in IBMQ.stored_account().values()} == {str}
    IBMQ.save_account("t", SERVER, instance="uni/maths/course", overwrite=True)
    expected = {"token": "t", "url": SERVER, "instance": "uni/maths/course"}
    assert IBMQ.stored_account() == expected
    IBMQ.save_account("t", SERVER, "uni", "maths", "course", overwrite=True)
    assert IBMQ.stored_account() == expected


def test_crn_and_instance():
    IBMQ.save_account("KEY", crn=CRN, instance=CRN)
    with pytest.raises(IBMQAccountValueError, match="Use instance alone") as caught:
        IBMQ.save_account("KEY", crn=CRN, instance="other", overwrite=True)
    assert ACCOUNT not in str(caught.value)
    with pytest.raises(IBMQAccountValueError, match="not a valid CRN"):
        IBMQ.save_account("KEY", crn="crn:v1:half", overwrite=True)


@pytest.mark.parametrize("method", [IBMQ.save_account, IBMQ.enable_account])
def test_crn_in_place_of_the_key(method):
    for arguments in ({}, {"instance": "name"}, {"url": SERVER}):
        with pytest.raises(IBMQAccountCredentialsInvalidToken, match="an instance, not") as caught:
            method(CRN, **arguments)
        assert "IBMQ.save_account(API_KEY, instance='crn:...')" in str(caught.value)
        assert ACCOUNT not in str(caught.value)
    assert IBMQ.stored_account() == {}


def test_active_account_shows_the_instance(service):
    for given in ({"crn": service.crn}, {"channel": "ibm_quantum_platform"}):
        provider = IBMQ.enable_account(service.api_key, service.platform_url, **given)
        assert IBMQ.active_account() == {
            "token": service.api_key,
            "url": service.platform_url,
            "instance": provider.credentials.instance,
        }
        IBMQ.disable_account()
    IBMQ.enable_account(service.api_token, service.url)
    assert set(IBMQ.active_account()) == {"token", "url"}


def test_api_key_without_an_instance(caplog, monkeypatch):
    opened = []
    monkeypatch.setattr(IBMQ, "_open_local", lambda *arguments: opened.append(arguments))
    key = "Ab1_-" * 8 + "Ab1_"
    for method in (IBMQ.enable_account, IBMQ.save_account):
        method(key)
    assert ["instance='crn:...'" in message for message in caplog.messages] == [True, True]
    assert key not in caplog.text
    IBMQ.enable_account("0123456789abcdef" * 8)
    assert len(caplog.messages) == len(opened) == 2


def test_shown_account_is_the_one_that_is_loaded(service, clean_account):
    IBMQ.save_account(service.api_key, service.platform_url, instance=service.crn)
    IBMQ.save_account(service.api_token, service.url, overwrite=True)
    for _ in range(2):
        IBMQ.load_account()
        assert IBMQ.active_account() == IBMQ.stored_account() == IBMQ.stored_accounts()[0]
        IBMQ.delete_account()
    assert IBMQ.stored_accounts() == []
    folder = clean_account / ".qiskit"
    entry = {"token": service.api_key, "url": service.platform_url, "instance": service.crn}
    entry["channel"] = "ibm_quantum_platform"
    (folder / "qiskit-ibm.json").write_text(json.dumps({"default-ibm-quantum-platform": entry}))
    IBMQ.load_account()
    assert IBMQ.active_account() == IBMQ.stored_account()


def test_all_stored_accounts_are_listed(caplog):
    IBMQ.save_account("old")
    IBMQ.save_account("KEY", instance=CRN)
    assert [each["token"] for each in IBMQ.stored_accounts()] == ["KEY", "old"]
    IBMQ.delete_account()
    assert caplog.text == ""  # nothing else can be used
    IBMQ.save_account("t", SERVER, overwrite=True)
    IBMQ.save_account("KEY", instance=CRN, overwrite=True)
    caplog.clear()
    IBMQ.delete_account()
    assert caplog.messages == [
        "Deleted in ~/.qiskit/ibmq_backend.json. "
        "IBMQ.load_account() uses the account in ~/.qiskit/qiskitrc."
    ]


def test_removed_token_of_a_published_program(caplog):
    IBMQ.save_account("", overwrite=True)
    assert caplog.text.count("The token is empty, so no account is saved.") == 1
    assert IBMQ.stored_account() == {}
    IBMQ.save_account("KEY", instance=CRN)
    IBMQ.save_account(" ", CLASSIC_URL, overwrite=True)
    assert IBMQ.stored_account()["token"] == "KEY"
    for wrong in ({"url": SERVER}, {"instance": CRN}):
        with pytest.raises(IBMQAccountCredentialsInvalidToken, match="empty"):
            IBMQ.save_account("", **wrong)


def test_a_variable_that_sets_another_account_is_named(monkeypatch, caplog):
    IBMQ.save_account("KEY", instance=CRN)
    monkeypatch.setenv("QE_TOKEN", "t")
    assert IBMQ.stored_account()["token"] == "KEY"
    assert caplog.text == ""  # incomplete
    monkeypatch.setenv("QE_URL", SERVER)
    assert IBMQ.stored_account()["token"] == "KEY"
    assert caplog.messages == [
        "IBMQ.load_account() uses the account in QE_TOKEN and QE_URL instead."
    ]


def test_deleting_an_account_that_is_only_in_the_environment(monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "KEY")
    assert IBMQ.stored_account() == {}
    with pytest.raises(IBMQAccountCredentialsNotFound):
        IBMQ.delete_account()


@pytest.mark.parametrize("method", [IBMQ.save_account, IBMQ.enable_account])
def test_an_unknown_keyword_is_named_with_the_known_ones(method):
    with pytest.raises(TypeError, match=r"_account\(\) .* 'secret'\. It takes .*crn") as caught:
        method("KEY", secret="KEY")
    assert "self" not in str(caught.value)
