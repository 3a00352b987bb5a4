"""Returned providers, stored accounts and refused arguments."""

from __future__ import annotations

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.credentials import Credentials, HubGroupProject
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountMultipleCredentialsFound,
    IBMQProviderError,
)
from tests.support.small_service import FewDevices, make_service

PROJECTS = (
    Project(Instance("uni", "physics", "lab")),
    Project(Instance("uni", "physics", "course")),
    Project(Instance("uni", "maths", "course")),
)


@pytest.fixture(scope="module")
def service():
    with make_service(FewDevices(["ibmq_vigo"]), projects=PROJECTS) as service:
        yield service


@pytest.fixture
def account(service):
    return service.api_token, service.url


@pytest.fixture
def qiskitrc(clean_account):
    path = clean_account / ".qiskit" / "qiskitrc"
    path.parent.mkdir()
    return path


def triple(provider):
    return provider.credentials.unique_id().to_tuple()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ("ibm-q", "open", "main")),
        ({"hub": "ibm-q"}, ("ibm-q", "open", "main")),
        ({"project": "lab"}, ("uni", "physics", "lab")),
        ({"hub": "uni", "group": "maths"}, ("uni", "maths", "course")),
        ({"group": "physics", "project": "course"}, ("uni", "physics", "course")),
    ],
)
def test_any_subset_of_the_triple_chooses(account, wanted, found):
    provider = IBMQ.enable_account(*account, **wanted)
    assert triple(provider) == found
    if wanted:
        assert IBMQ.get_provider(**wanted) is provider
    assert len(IBMQ.providers()) == 4
    assert len(IBMQ.providers(hub="uni")) == 3


@pytest.mark.parametrize("wanted", [{"hub": "uni"}, {"project": "course"}, {"hub": "nowhere"}, {}])
def test_an_error_lists_the_providers_if_not_exactly_one_matches(account, wanted):
    IBMQ.enable_account(*account)
    with pytest.raises(IBMQProviderError, match="More than one|No provider matches") as caught:
        IBMQ.get_provider(**wanted)
    assert "ibm-q/open/main" in caught.value.message or "uni/" in caught.value.message


def test_network_arguments_reach_the_credentials(account, monkeypatch):
    opened = []
    monkeypatch.setattr(IBMQ, "_open", opened.append)
    proxies = {"urls": {"https": "http://proxy:8080"}}
    IBMQ.enable_account(*account, proxies=proxies, verify=False)
    assert opened[0].connection_parameters() == {"verify": False, "proxies": proxies["urls"]}


def test_slashes_at_the_end_of_an_address(account):
    IBMQ.enable_account(account[0], account[1] + "//")
    assert IBMQ.active_account() == {"token": account[0], "url": account[1]}
    assert IBMQ.get_provider(project="lab").get_backend("ibmq_vigo").status().operational


def test_an_account_without_a_project(account, monkeypatch, caplog):
    monkeypatch.setattr(ClassicServiceClient, "instances", lambda self: [])
    assert IBMQ.enable_account(*account) is None
    assert "no hub, group and project" in caplog.text
    assert IBMQ.active_account() is not None
    assert IBMQ.providers() == []


def test_loading_again_replaces_with_a_warning(account, monkeypatch, caplog):
    monkeypatch.setenv("QE_TOKEN", account[0])
    monkeypatch.setenv("QE_URL", account[1])
    first = IBMQ.load_account()
    assert "replaced" not in caplog.text
    second = IBMQ.load_account()
    assert "The active account is replaced" in caplog.text
    assert first == second
    assert first is not second


def test_the_environment_does_not_choose_the_provider(account, monkeypatch):
    monkeypatch.setenv("QE_TOKEN", account[0])
    monkeypatch.setenv("QE_URL", account[1])
    for name, part in zip(("HUB", "GROUP", "PROJECT"), ("uni", "maths", "course"), strict=True):
        monkeypatch.setenv(f"QE_{name}", part)
    assert triple(IBMQ.load_account()) == ("ibm-q", "open", "main")
    assert IBMQ.active_account()["url"] == account[1]


def test_the_stored_default_provider_is_returned(account, caplog):
    IBMQ.save_account(*account, hub="uni", group="maths", project="course")
    assert triple(IBMQ.load_account()) == ("uni", "maths", "course")
    IBMQ.save_account(*account, hub="uni", group="maths", project="gone", overwrite=True)
    with pytest.raises(IBMQProviderError, match="uni.*gone"):
        IBMQ.load_account()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[ibmq\ntoken = x", IBMQAccountCredentialsInvalidFormat),
        ("[ibmq]\nurl = https://somewhere/api\n", IBMQAccountCredentialsInvalidFormat),
        ("[ibmq]\ntoken = t\nurl = ftp://somewhere\n", IBMQAccountCredentialsInvalidUrl),
        (
            "[ibmq]\ntoken = t\nurl = https://one.example/api\n"
            "[ibmq_h_g_p]\ntoken = u\nurl = https://two.example/api\n",
            IBMQAccountMultipleCredentialsFound,
        ),
    ],
)
def test_loading_reports_errors_in_the_file(qiskitrc, text, error):
    qiskitrc.write_text(text)
    with pytest.raises(error) as caught:
        IBMQ.load_account()
    assert type(caught.value) is error
    assert IBMQ.active_account() is None


def test_several_stored_accounts_are_an_error(qiskitrc):
    text = "[ibmq]\ntoken = t\nurl = https://a/api\n[ibmq_2]\ntoken = u\nurl = https://b/api\n"
    qiskitrc.write_text(text)
    for ask in (IBMQ.stored_account, IBMQ.delete_account):
        with pytest.raises(IBMQAccountMultipleCredentialsFound):
            ask()
    assert qiskitrc.read_text() == text


def test_an_account_of_another_address_is_shown_and_deleted(qiskitrc, account):
    qiskitrc.write_text(f"[ibmq]\ntoken = {account[0]}\nurl = {account[1]}\n")
    assert IBMQ.stored_account() == {"token": account[0], "url": account[1]}
    assert triple(IBMQ.load_account()) == ("ibm-q", "open", "main")
    IBMQ.delete_account()
    assert IBMQ.stored_account() == {}


@pytest.mark.integration
def test_a_qconfig_module_is_not_executed(tmp_path, monkeypatch):
    (tmp_path / "Qconfig.py").write_text("raise SystemExit('executed')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert IBMQ.load_account() is not None


def test_addresses_of_further_services():
    services = {"extractorsService": "https://e", "resultsDB": "https://x", "runtime": "https://r"}
    account = Credentials("t", "https://somewhere/api", services=services)
    assert account.extractor_url == "https://e"
    assert account.experiment_url == "https://x"
    assert account.runtime_url == "https://r"
    assert Credentials("t", "https://somewhere/api").runtime_url is None


def test_providers_are_in_the_order_of_the_account_with_the_default_first(account):
    IBMQ.enable_account(*account)
    order = [triple(provider) for provider in IBMQ.providers()]
    assert order[0] == ("ibm-q", "open", "main")
    listed = [(each.hub, each.group, each.project) for each in (p.instance for p in PROJECTS)]
    assert sorted(order[1:]) == sorted(listed)
    assert [triple(each) for each in IBMQ.providers("uni", "physics")] == [
        each for each in order if each[:2] == ("uni", "physics")
    ]


def test_updating_an_account_asks_first(qiskitrc, monkeypatch, capsys):
    text = "[ibmq]\ntoken = abc\nurl = https://quantumexperience.ng.bluemix.net/api\n"
    qiskitrc.write_text(text)
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "n")
    assert IBMQ.update_account() is None
    assert len(asked) == 1
    assert "y/N" in asked[0]
    assert qiskitrc.read_text() == text
    assert "abc" not in capsys.readouterr().out
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert IBMQ.update_account().token == "abc"
    assert IBMQ.update_account() is None


def test_triples_are_keys():
    first, second = HubGroupProject("h", "g", "p"), HubGroupProject("h", "g", "p")
    assert {first: 1}[second] == 1
    assert first != HubGroupProject("h", "g", "q")
