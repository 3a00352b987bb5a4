"""The readers of accounts of the first releases."""

import pytest

from ibmq_backend.credentials import (
    Credentials,
    HubGroupProject,
    read_credentials_from_environ,
    read_credentials_from_qiskitrc,
    store_credentials,
)
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidFormat

NOWHERE = HubGroupProject(None, None, None)


def test_the_account_of_the_file(tmp_path):
    path = tmp_path / "qiskitrc"
    assert read_credentials_from_qiskitrc(path) == ({}, {})
    store_credentials(Credentials("abc", "https://host/api"), filename=path)
    with path.open("a") as file:
        file.write("[ibmq.preferences]\nh/g/p,experiment,auto_save = True\n")
    accounts, preferences = read_credentials_from_qiskitrc(str(path))
    assert accounts == {NOWHERE: Credentials("abc", "https://host/api")}
    assert preferences == {HubGroupProject("h", "g", "p"): {"experiment": {"auto_save": True}}}


def test_several_accounts_of_the_first_generation(tmp_path):
    path = tmp_path / "qiskitrc"
    url = "https://host/api/Hubs/h/Groups/g/Projects/p"
    path.write_text(
        f"[ibmq]\ntoken = abc\nurl = https://host/api\n[ibmq_h_g_p]\ntoken = abc\nurl = {url}\n"
    )
    accounts, preferences = read_credentials_from_qiskitrc(path)
    assert list(accounts) == [NOWHERE, HubGroupProject("h", "g", "p")]
    assert preferences == {}


def test_a_malformed_file(tmp_path):
    path = tmp_path / "qiskitrc"
    path.write_text("token = abc\n")
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="section header"):
        read_credentials_from_qiskitrc(path)


def test_the_account_of_the_environment(monkeypatch):
    monkeypatch.setenv("QE_TOKEN", "abc")
    monkeypatch.delenv("QE_URL", raising=False)
    assert read_credentials_from_environ() == {}
    monkeypatch.setenv("QE_URL", "https://host/api")
    for name in ("HUB", "GROUP", "PROJECT"):
        monkeypatch.setenv(f"QE_{name}", name.lower())
    (found,) = read_credentials_from_environ().items()
    assert found[0] == HubGroupProject("hub", "group", "project")
    assert found[1].token == "abc"
