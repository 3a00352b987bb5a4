"""IBMQ: the service of an account, providers, and stored accounts."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from ibmq_backend import IBMQ, IBMQFactory
from ibmq_backend.account import local
from ibmq_backend.backend.emulation import notify_emulated
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiConnectionError,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQAccountValueError,
    IBMQError,
    IBMQProviderError,
)
from ibmq_backend.installation.extras import find_extra

RETIRED = "https://auth.quantum-computing.ibm.com/api"


@pytest.fixture
def service():
    return local.start(seed=20210504)


@pytest.mark.integration
def test_no_account_is_local_and_why_is_logged(caplog, recwarn):
    caplog.set_level("INFO", "ibmq_backend")
    first = IBMQ.load_account()
    second = IBMQ.load_account()
    assert "emulated locally" in repr(first)
    assert first == second
    assert "No account was found" in caplog.text
    assert {record.levelname for record in caplog.records if "emulator" in record.message} == {
        "INFO"
    }
    assert [each for each in recwarn if each.category is UserWarning] == []


def test_never_raises_the_documented_error(monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    with pytest.raises(IBMQAccountCredentialsNotFound, match="No account was found"):
        IBMQ.load_account()
    with pytest.raises(IBMQAccountError, match="switched off"):
        IBMQ.enable_account("t", RETIRED)


@pytest.mark.integration
def test_the_local_service_names_what_installs_aer(monkeypatch):
    local.stop()
    monkeypatch.setitem(sys.modules, "qiskit_aer", None)
    with pytest.raises(IBMQAccountError) as caught:
        IBMQ.load_account()
    assert caught.value.message == (
        "The local service needs qiskit_aer, which is not installed. "
        f"Run `{find_extra('local').install_command}`."
    )


@pytest.mark.integration
def test_enable_account_on_a_server(service):
    provider = IBMQ.enable_account(service.api_token, service.url)
    assert repr(provider) == (
        "<AccountProvider for IBMQ(hub='ibm-q', group='open', project='main'), "
        f"emulated at {service.url}>"
    )
    assert IBMQ.active_account() == {"token": service.api_token, "url": service.url}
    with pytest.raises(IBMQAccountError, match="already active"):
        IBMQ.enable_account(service.api_token, service.url)
    IBMQ.disable_account()
    assert IBMQ.active_account() is None
    assert IBMQ.providers() == []
    with pytest.raises(IBMQAccountCredentialsNotFound):
        IBMQ.disable_account()


@pytest.mark.integration
def test_no_secret_in_repr(service):
    provider = IBMQ.enable_account(service.api_token, service.url)
    text = repr(IBMQ) + repr(provider) + repr(provider.credentials) + repr(provider.backend)
    assert service.api_token not in text


@pytest.mark.integration
def test_environment_and_file_lead_to_a_server(service, monkeypatch):
    monkeypatch.setenv("QE_TOKEN", service.api_token)
    monkeypatch.setenv("QE_URL", service.url)
    assert "emulated locally" not in repr(IBMQ.load_account())
    monkeypatch.delenv("QE_TOKEN")
    monkeypatch.delenv("QE_URL")
    IBMQ.save_account(service.api_token, service.url, hub="ibm-q", group="open", project="main")
    provider = IBMQ.load_account()
    assert provider.credentials.hub == "ibm-q"
    assert "emulated locally" not in repr(provider)


def test_wrong_token_wrong_url_and_no_server(service, closed_service):
    with pytest.raises(ApiAuthError, match="3446") as caught:
        IBMQ.enable_account("f" * 128, closed_service.url)
    assert "f" * 128 not in str(caught.value)
    with pytest.raises(IBMQAccountCredentialsInvalidUrl):
        IBMQ.enable_account("t", service.url + "/Network")
    with pytest.raises(IBMQAccountCredentialsInvalidUrl):
        IBMQ.enable_account("t", "ftp://somewhere")
    with pytest.raises(IBMQAccountCredentialsInvalidToken):
        IBMQ.enable_account("", service.url)
    with pytest.raises(ApiConnectionError):
        IBMQ.enable_account("t", "http://127.0.0.1:9")
    assert IBMQ.active_account() is None


@pytest.fixture
def closed_service():
    from ibmq_backend.emulator.http.embedded import LocalService
    from ibmq_backend.emulator.service_state import Settings

    with LocalService(settings=Settings(open_mode=False), prewarm=False) as service:
        yield service


@pytest.mark.integration
def test_providers(service):
    IBMQ.enable_account(service.api_token, service.url)
    only = IBMQ.get_provider()
    assert IBMQ.providers() == [only]
    assert IBMQ.get_provider(hub="ibm-q") is only
    assert IBMQ.providers(hub="nowhere") == []
    with pytest.raises(IBMQProviderError, match="hub='nowhere'.*ibm-q/open/main"):
        IBMQ.get_provider(hub="nowhere")


@pytest.fixture
def ibmq():
    """Yield ``IBMQ`` of a new session."""
    factory = IBMQFactory()
    yield factory
    factory._close_connections()


RETIRED_TWICE = "".join(f"[ibmq_{n}]\ntoken = t{n}\nurl = {RETIRED}\n" for n in (1, 2))

SAVED = {
    "empty": lambda ibmq: ibmq.save_account("", overwrite=True),
    "blank": lambda ibmq: ibmq.save_account("  ", RETIRED, "h", "g", "p", True),
    "quotation marks": lambda ibmq: ibmq.save_account("''", url=""),
    "missing variable": lambda ibmq: ibmq.save_account(os.environ.get("MY_TOKEN")),
}
ENABLED = {
    "enabled, empty": lambda ibmq: (ibmq.load_account(), ibmq.enable_account("", url="")),
    "enabled, missing": lambda ibmq: (ibmq.load_account(), ibmq.enable_account(None, hub="h")),
    "enabled later": lambda ibmq: (ibmq.load_account(), ibmq.enable_account("MY_API_TOKEN")),
    "enabled twice": lambda ibmq: (ibmq.enable_account("***"), ibmq.enable_account("***")),
    "no login": lambda ibmq: ibmq.get_provider(hub="ibm-q"),
    "no login, device": lambda ibmq: ibmq.get_backend("ibmq_vigo"),
}


@pytest.mark.integration
@pytest.mark.parametrize(
    "steps", [SAVED.values(), *([step] for step in ENABLED.values())], ids=["saved", *ENABLED]
)
def test_programs_without_an_account_are_local_with_one_notice(steps, ibmq, caplog):
    assert (ibmq.stored_account(), ibmq.active_account()) == ({}, None)
    for step in steps:
        step(ibmq)
    assert ibmq.stored_accounts() == []
    provider = ibmq.load_account()
    assert ibmq.get_provider() in ibmq.providers()
    notify_emulated(provider.get_backend("ibmq_vigo"))
    assert len(caplog.messages) == 1
    assert "emulated" in caplog.text
    assert "IBMQ.save_account(API_KEY, instance=CRN)" in caplog.text


@pytest.mark.parametrize("step", [*SAVED.values(), *ENABLED.values()], ids=[*SAVED, *ENABLED])
def test_such_programs_fail_where_the_emulator_is_forbidden(step, ibmq, monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    with pytest.raises((IBMQAccountError, IBMQProviderError)):
        step(ibmq)


@pytest.mark.integration
@pytest.mark.parametrize("where", ["variables", "qiskitrc", "official"])
def test_an_account_is_never_replaced_by_the_emulator(where, ibmq, service, monkeypatch, caplog):
    if where == "variables":
        monkeypatch.setenv("QE_TOKEN", service.api_token)
        monkeypatch.setenv("QE_URL", service.url)
    elif where == "qiskitrc":
        ibmq.save_account(service.api_token, service.url)
    else:
        path = Path(os.environ["HOME"]) / ".qiskit" / "qiskit-ibm.json"
        path.parent.mkdir()
        account = {"token": service.api_key, "url": service.platform_url, "instance": service.crn}
        path.write_text(json.dumps({"default-ibm-quantum-platform": account}))
    for call in (
        lambda: ibmq.enable_account(""),
        lambda: ibmq.get_provider(),
        lambda: ibmq.get_backend("ibmq_vigo"),
    ):
        with pytest.raises((IBMQAccountError, IBMQProviderError), match=r"load_account|No acc"):
            call()
    ibmq.save_account("", overwrite=True)
    assert "IBMQ.load_account() uses the account in" in caplog.messages[-1]
    ibmq.load_account()
    assert ibmq.active_account()["token"] in (service.api_token, service.api_key)
    for call in (lambda: ibmq.enable_account(""), lambda: ibmq.enable_account("MY_TOKEN")):
        with pytest.raises(IBMQAccountError, match="already active"):
            call()


@pytest.mark.integration
def test_an_explicit_account_is_kept_if_no_other_one_can_be_loaded(ibmq, service):
    ibmq.enable_account(service.api_token, service.url)
    with pytest.raises(IBMQAccountCredentialsNotFound, match="the active account is kept"):
        ibmq.load_account()
    assert ibmq.active_account()["token"] == service.api_token
    ibmq.disable_account()
    for call in (ibmq.get_provider, ibmq.disable_account):
        with pytest.raises((IBMQAccountError, IBMQProviderError), match="No account is active"):
            call()
    assert "emulated locally" in repr(ibmq.load_account())


@pytest.mark.parametrize(
    "arguments",
    [
        {"url": "http://127.0.0.1:9/api"},
        {"url": "host"},
        {"instance": "crn:v1"},
        {"token": "", "channel": "ibm_cloud"},
    ],
)
def test_after_a_login_that_failed_the_emulator_is_not_used_unasked(ibmq, arguments):
    with pytest.raises(IBMQError):
        ibmq.enable_account(**{"token": "KEY", **arguments})
    for call in (ibmq.get_provider, lambda: ibmq.get_backend("ibmq_vigo")):
        with pytest.raises((IBMQAccountError, IBMQProviderError), match="No account"):
            call()
    assert ibmq.active_account() is None


@pytest.mark.integration
def test_the_emulator_is_closed_before_an_account_is_enabled(ibmq):
    ibmq.load_account()
    with pytest.raises(IBMQAccountError, match=r"emulator is already active.*disable_account\(\)"):
        ibmq.enable_account("KEY", "http://127.0.0.1:9/api")
    ibmq.disable_account()
    with pytest.raises(ApiConnectionError):
        ibmq.enable_account("KEY", "http://127.0.0.1:9/api")


@pytest.mark.integration
def test_several_accounts_of_the_retired_service_have_one_answer(ibmq, clean_account):
    path = clean_account / ".qiskit" / "qiskitrc"
    path.parent.mkdir()
    path.write_text(RETIRED_TWICE)
    assert ibmq.stored_account() == {"token": "t1", "url": RETIRED}
    assert "emulated locally" in repr(ibmq.load_account())
    ibmq.delete_account()
    assert ibmq.stored_account() == {"token": "t2", "url": RETIRED}
    ibmq.delete_account()
    assert ibmq.stored_account() == {}


def test_any_hub_opens_locally():
    IBMQ.enable_local(seed=20210504)
    provider = IBMQ.get_provider(hub="ibm-q-education", group="uni", project="course")
    assert provider.credentials.hub == "ibm-q-education"
    backend = provider.get_backend("ibmq_vigo")
    assert (backend.hub, backend.group, backend.project) == ("ibm-q-education", "uni", "course")
    assert backend.status().operational
    assert IBMQ.get_provider(hub="ibm-q-education") is provider


def test_saved_account_is_private_and_round_trips(clean_account):
    IBMQ.save_account("first", RETIRED)
    path = Path(os.environ["HOME"]) / ".qiskit" / "qiskitrc"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert IBMQ.stored_account() == {"token": "first", "url": RETIRED}
    IBMQ.save_account("second", RETIRED)
    assert IBMQ.stored_account()["token"] == "first"
    IBMQ.save_account("second", RETIRED, overwrite=True)
    assert IBMQ.stored_account()["token"] == "second"
    IBMQ.delete_account()
    assert IBMQ.stored_account() == {}
    with pytest.raises(IBMQAccountCredentialsNotFound):
        IBMQ.delete_account()


def test_wrong_account_arguments():
    with pytest.raises(IBMQAccountCredentialsInvalidToken):
        IBMQ.save_account(7)
    with pytest.raises(IBMQAccountValueError, match="Specify all three"):
        IBMQ.save_account("t", hub="h")
    with pytest.raises(IBMQAccountValueError, match="not a valid CRN"):
        IBMQ.save_account("t", instance="crn:v1:half")
    assert IBMQ.stored_account() == {}


def test_update_account_merges_first_generation_files(clean_account, capsys):
    folder = clean_account / ".qiskit"
    folder.mkdir()
    (folder / "qiskitrc").write_text(
        "[ibmq]\ntoken = abc\nurl = https://quantumexperience.ng.bluemix.net/api\n"
        "[ibmq_h_g_p]\ntoken = abc\n"
        "url = https://q-console-api.mybluemix.net/api/Hubs/h/Groups/g/Projects/p\n"
    )
    merged = IBMQ.update_account(force=True)
    assert merged.url == RETIRED
    assert IBMQ.stored_account() == {"token": "abc", "url": RETIRED}
    assert IBMQ.update_account(force=True) is None
    assert "nothing to update" in capsys.readouterr().out


def test_local_settings_give_repeatable_counts(bell):
    from qiskit import transpile

    counts = []
    for _ in range(2):
        local.stop()
        backend = IBMQ.enable_local(seed=11).get_backend("ibmq_vigo")
        job = backend.run(transpile(bell, backend, seed_transpiler=1), shots=500)
        counts.append(job.result().get_counts())
    assert counts[0] == counts[1]


def test_jobs_persist_in_a_file(tmp_path, bell):
    from qiskit import transpile

    store = tmp_path / "jobs.sqlite"
    backend = IBMQ.enable_local(store=store).get_backend("ibmq_vigo")
    job = backend.run(transpile(bell, backend), shots=50)
    counts = job.result().get_counts()
    IBMQ.disable_account()
    local.stop()
    again = IBMQ.enable_local(store=store).get_backend("ibmq_vigo").retrieve_job(job.job_id())
    assert again.result().get_counts() == counts
    local.stop()


@pytest.mark.integration
@pytest.mark.parametrize(
    "text",
    [
        f"[ibmq]\ntoken = old\nurl = {RETIRED}\ndefault_provider = ibm-q-education/uni/course\n",
        "[ibmq_ibm-q-education_uni_course]\ntoken = old\nurl = https://q-console-api.mybluemix.net"
        "/api/Hubs/ibm-q-education/Groups/uni/Projects/course\n",
    ],
)
def test_local_provider_is_the_one_a_retired_account_asks_for(clean_account, text, caplog):
    (clean_account / ".qiskit").mkdir()
    (clean_account / ".qiskit" / "qiskitrc").write_text(text)
    caplog.set_level("INFO", "ibmq_backend")
    provider = IBMQ.load_account()
    assert "switched off" in caplog.text
    backend = provider.get_backend("ibmq_vigo")
    assert (backend.hub, backend.group, backend.project) == ("ibm-q-education", "uni", "course")
    assert IBMQ.get_provider(hub="ibm-q").credentials.project == "main"


def test_backends_and_jobs_remain_usable_after_the_next_login(bell):
    """Running the first cell of a notebook again does not break objects of later cells."""
    from qiskit import transpile

    backend = IBMQ.enable_local(seed=20210504).get_backend("ibmq_vigo")
    job = backend.run(transpile(bell, backend), shots=20)
    IBMQ.enable_local(seed=20210504)
    assert sum(job.result().get_counts().values()) == 20
    IBMQ.disable_account()
    assert backend.status().operational


@pytest.mark.integration
def test_an_emulating_server_is_distinguished_from_hardware(service):
    provider = IBMQ.enable_account(service.api_token, service.url)
    assert f"emulated at {service.url}" in repr(provider.get_backend("ibmq_vigo"))


@pytest.mark.integration
def test_an_error_names_five_providers_at_most(service):
    IBMQ.enable_account(service.api_token, service.url)
    known = IBMQ.get_provider()
    IBMQ._providers = {f"hub{number}/group/project": known for number in range(9)}
    with pytest.raises(IBMQProviderError, match="More than one") as several:
        IBMQ.get_provider()
    assert str(several.value).count("/group/project") == 5
    assert "; and 4 more." in str(several.value)
    with pytest.raises(IBMQProviderError, match="No provider matches") as none:
        IBMQ.get_provider(hub="hub7x", group="group")
    text = str(none.value)
    assert text.split("Available: ")[1].startswith("hub7/group/project; ")
    assert text.count("/group/project") == 5
    assert "IBMQ.providers() lists all" in text
