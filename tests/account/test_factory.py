"""IBMQ: which place an account leads to, providers, and stored accounts."""

import os
import stat
from pathlib import Path

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.account import local
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiConnectionError,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQAccountValueError,
    IBMQProviderError,
)

RETIRED = "https://auth.quantum-computing.ibm.com/api"


@pytest.fixture
def service():
    return local.start(seed=20210504)


@pytest.mark.integration
def test_no_account_is_local_with_one_notice(recwarn):
    first = IBMQ.load_account()
    second = IBMQ.load_account()
    assert "emulated locally" in repr(first)
    assert first == second
    notices = [each for each in recwarn if each.category is UserWarning]
    assert len(notices) == 1
    assert notices[0].filename == __file__


def test_never_turns_it_into_the_documented_error(monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    with pytest.raises(IBMQAccountCredentialsNotFound, match="No account was found"):
        IBMQ.load_account()
    with pytest.raises(IBMQAccountError, match="switched off"):
        IBMQ.enable_account("t", RETIRED)


@pytest.mark.integration
def test_enable_account_on_a_server(service):
    provider = IBMQ.enable_account(service.api_token, service.url)
    assert repr(provider) == (
        "<AccountProvider for IBMQ(hub='ibm-q', group='open', project='main'), "
        f"emulated at {service.url}>"
    )
    assert IBMQ.active_account() == {"token": service.api_token, "url": service.url}
    with pytest.raises(IBMQAccountError, match="active already"):
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


def test_wrong_token_wrong_address_no_server(service, world_closed):
    with pytest.raises(ApiAuthError, match="3446") as caught:
        IBMQ.enable_account("f" * 128, world_closed.url)
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
def world_closed():
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


def test_get_provider_without_account():
    with pytest.raises(IBMQProviderError, match="No account is active"):
        IBMQ.get_provider(hub="ibm-q")


def test_any_hub_opens_locally():
    IBMQ.enable_local(seed=20210504)
    with pytest.warns(UserWarning, match="ibm-q-education/uni/course"):
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
        IBMQ.save_account(None)
    with pytest.raises(IBMQAccountValueError, match="belong together"):
        IBMQ.save_account("t", hub="h")
    with pytest.raises(IBMQAccountValueError, match="not the CRN"):
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
def test_local_provider_is_the_one_a_retired_account_asks_for(clean_account, text):
    (clean_account / ".qiskit").mkdir()
    (clean_account / ".qiskit" / "qiskitrc").write_text(text)
    with pytest.warns(UserWarning, match="local emulator") as told:
        provider = IBMQ.load_account()
    backend = provider.get_backend("ibmq_vigo")
    assert (backend.hub, backend.group, backend.project) == ("ibm-q-education", "uni", "course")
    assert IBMQ.get_provider(hub="ibm-q").credentials.project == "main"
    assert len(told) == 1


def test_backends_and_jobs_outlive_the_next_login(bell):
    """A notebook's first cell, run again, does not break what later cells hold."""
    from qiskit import transpile

    backend = IBMQ.enable_local(seed=20210504).get_backend("ibmq_vigo")
    job = backend.run(transpile(bell, backend), shots=20)
    IBMQ.enable_local(seed=20210504)
    assert sum(job.result().get_counts().values()) == 20
    IBMQ.disable_account()
    assert backend.status().operational


@pytest.mark.integration
def test_a_server_that_emulates_is_told_from_hardware(service):
    provider = IBMQ.enable_account(service.api_token, service.url)
    assert f"emulated at {service.url}" in repr(provider.get_backend("ibmq_vigo"))
