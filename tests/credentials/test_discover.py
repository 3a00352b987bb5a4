import json
import logging

import pytest

from ibmq_backend.credentials import (
    CLASSIC_URL,
    PLATFORM_URL,
    Credentials,
    HubGroupProject,
    discover,
    discover_credentials,
    find_accounts,
    store_credentials,
    write_saved_account,
)
from ibmq_backend.credentials.saved import write_choice
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQAccountMultipleCredentialsFound,
)

SECRET = "5ec2e7" * 20
RETIRED = "https://auth.quantum-computing.ibm.com/api"
PLATFORM = "https://quantum.cloud.ibm.com/api"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789:1111::"
SERVER = {"QE_TOKEN": "from-environment", "QE_URL": "http://127.0.0.1:1"}


def put_official(folder, **account):
    content = {"default-ibm-quantum-platform": {"token": SECRET, "url": PLATFORM, **account}}
    (folder / "qiskit-ibm.json").write_text(json.dumps(content))


def test_without_an_account_the_local_emulator_is_used():
    found = discover()
    assert (found.target, found.credentials, found.source) == ("local", None, "nothing")
    assert "No account was found" in found.reason
    assert "QE_TOKEN and QE_URL" in found.reason
    assert "IBMQ.save_account(token, url" in found.reason


def test_arguments_come_before_the_environment():
    found = discover("from-arguments", "http://127.0.0.1:2", hub="h", group="g", project="p")
    assert (found.target, found.source, found.reason) == ("remote", "arguments", None)
    environment = discover("from-arguments", "http://127.0.0.1:2", environ=SERVER)
    assert environment.credentials.token == "from-arguments"
    assert found.credentials.unique_id() == HubGroupProject("h", "g", "p")


def test_order_of_the_stored_accounts(qiskit_folder):
    put_official(qiskit_folder, url="http://127.0.0.1:5", token="from-official")
    assert discover().source == "~/.qiskit/qiskit-ibm.json"
    store_credentials(Credentials("from-qiskitrc", "http://127.0.0.1:4", verify=False))
    assert discover().source == "~/.qiskit/qiskitrc"
    assert discover().credentials.verify is False
    write_saved_account(Credentials("from-saved", "http://127.0.0.1:3"))
    assert discover().source == "~/.qiskit/ibmq_backend.json"
    platform = {"QISKIT_IBM_TOKEN": "from-qiskit", "QISKIT_IBM_URL": "http://127.0.0.1:2"}
    assert discover(environ=platform).source == "QISKIT_IBM_TOKEN"
    found = discover(environ={**platform, **SERVER})
    assert found.source == "QE_TOKEN and QE_URL"
    assert found.credentials.token == "from-environment"


def test_retired_arguments_lead_to_the_local_emulator():
    found = discover(SECRET, RETIRED)
    assert found.target == "local"
    assert found.credentials is None
    assert "auth.quantum-computing.ibm.com" in found.reason
    assert "switched off" in found.reason
    assert SECRET not in repr(found)


def test_documented_default_address():
    assert "auth.quantum-computing.ibm.com" in discover(SECRET).reason
    found = discover(SECRET, instance=CRN)
    assert (found.target, found.credentials.base_url) == ("remote", PLATFORM)


def test_retired_account_in_the_file():
    store_credentials(Credentials(SECRET, RETIRED))
    found = discover()
    assert (found.target, found.source) == ("local", "~/.qiskit/qiskitrc")
    assert "~/.qiskit/qiskitrc" in found.reason
    assert SECRET not in found.reason


def test_retired_accounts_are_skipped(qiskit_folder):
    store_credentials(Credentials(SECRET, RETIRED))
    put_official(qiskit_folder, url="http://127.0.0.1:5")
    assert discover().source == "~/.qiskit/qiskit-ibm.json"
    assert discover(environ={"QE_TOKEN": "t", "QE_URL": RETIRED}).target == "remote"


def test_platform_account_found_in_a_file_is_used(qiskit_folder):
    put_official(qiskit_folder, instance=CRN)
    found = discover()
    assert found.target == "remote"
    assert found.source == "~/.qiskit/qiskit-ibm.json"
    assert found.reason is None
    assert found.credentials.dialect == "platform"
    assert found.credentials.instance == CRN
    assert SECRET not in repr(found)
    assert "0123456789" not in repr(found)


@pytest.mark.parametrize("url", [None, CLASSIC_URL])
def test_an_instance_changes_the_default_url_to_the_platform(url):
    found = discover(SECRET, url, instance="my-instance")
    assert found.target == "remote"
    assert found.credentials.base_url == PLATFORM_URL


def test_a_triple_as_instance_stays_with_the_classic_service():
    found = discover(SECRET, CLASSIC_URL, instance="hub/group/project")
    assert found.target == "local"
    assert "switched off" in found.reason


def test_platform_account_as_arguments_is_used():
    found = discover(SECRET, PLATFORM, instance=CRN)
    assert found.target == "remote"
    assert found.credentials.dialect == "platform"


def test_never_local_with_nothing():
    with pytest.raises(IBMQAccountCredentialsNotFound, match="IBMQ_BACKEND_LOCAL=never"):
        discover(environ={"IBMQ_BACKEND_LOCAL": "never"})


def test_never_local_with_a_retired_account():
    with pytest.raises(IBMQAccountError, match="switched off") as caught:
        discover(SECRET, RETIRED, environ={"IBMQ_BACKEND_LOCAL": "never"})
    assert not isinstance(caught.value, IBMQAccountCredentialsNotFound)
    assert "IBMQ_BACKEND_LOCAL=never" in str(caught.value)


def test_never_local_with_a_server():
    found = discover(environ={"IBMQ_BACKEND_LOCAL": "never", **SERVER})
    assert found.target == "remote"


def test_always_local_with_an_account(qiskit_folder):
    (qiskit_folder / "qiskitrc").write_text("broken")
    found = discover("t", "http://host", environ={"IBMQ_BACKEND_LOCAL": "always", **SERVER})
    assert (found.target, found.credentials) == ("local", None)
    assert found.reason == "IBMQ_BACKEND_LOCAL is set to always."


def test_invalid_choice_is_an_error():
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="IBMQ_BACKEND_LOCAL"):
        discover(environ={"IBMQ_BACKEND_LOCAL": "maybe"})


def test_a_missing_variable_is_mentioned():
    assert "QE_TOKEN is set, but QE_URL is not" in discover(environ={"QE_TOKEN": "t"}).reason
    assert "QE_URL is set, but QE_TOKEN is not" in discover(environ={"QE_URL": "http://h"}).reason


def test_several_accounts(qiskit_folder):
    section = "[ibmq_{0}]\ntoken = t\nurl = {1}/Hubs/h/Groups/g/Projects/{0}\n"
    path = qiskit_folder / "qiskitrc"
    path.write_text(section.format(1, RETIRED) + section.format(2, RETIRED))
    assert discover().target == "local"
    path.write_text(section.format(1, RETIRED) + section.format(2, "http://host/api"))
    with pytest.raises(IBMQAccountMultipleCredentialsFound):
        discover()


def test_broken_file_stops_the_search(qiskit_folder):
    put_official(qiskit_folder, url="http://127.0.0.1:5")
    (qiskit_folder / "qiskitrc").write_text("broken")
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="qiskitrc"):
        discover()
    assert discover(environ=SERVER).target == "remote"


def test_bad_arguments():
    with pytest.raises(IBMQAccountCredentialsInvalidToken):
        discover("", "http://host")
    with pytest.raises(IBMQAccountCredentialsInvalidToken):
        discover(None, "http://host")
    with pytest.raises(IBMQAccountCredentialsInvalidUrl):
        discover("t", "host")


@pytest.mark.parametrize("token", ["", " \n"])
def test_removed_token_of_a_published_program(token):
    found = discover(token, CLASSIC_URL)
    assert (found.target, found.credentials) == ("local", None)
    assert "The token is empty." in found.reason
    with pytest.raises(IBMQAccountCredentialsInvalidToken):
        discover(token, CLASSIC_URL, environ={"IBMQ_BACKEND_LOCAL": "never"})


def put_all(folder):
    put_official(folder, url="http://127.0.0.1:5")
    content = json.loads((folder / "qiskit-ibm.json").read_text())
    content["work"] = {"token": SECRET, "url": "http://127.0.0.1:6"}
    (folder / "qiskit-ibm.json").write_text(json.dumps(content))
    store_credentials(Credentials(SECRET, RETIRED))
    write_saved_account(Credentials(SECRET, "http://127.0.0.1:3"))


def summary(**environ):
    return {each.name: (each.usable, each.used, each.why) for each in find_accounts(environ)}


def test_all_accounts_are_found_in_order_with_reasons(qiskit_folder):
    put_all(qiskit_folder)
    variables = {**SERVER, "QISKIT_IBM_INSTANCE": CRN}
    found = summary(**variables)
    first = "The account in QE_TOKEN and QE_URL comes first."
    retired = found.pop("qiskitrc")
    other = found.pop("qiskit-ibm/work")
    assert found == {
        "QE_TOKEN": (True, True, "IBMQ.load_account() uses it."),
        "QISKIT_IBM_TOKEN": (
            False,
            False,
            "QISKIT_IBM_INSTANCE is set, but QISKIT_IBM_TOKEN is not.",
        ),
        "ibmq_backend": (True, False, first),
        "qiskit-ibm/default-ibm-quantum-platform": (True, False, first),
    }
    assert retired[:2] == other[:2] == (False, False)
    assert "a service that IBM switched off" in retired[2]
    assert "`ibmq-backend account use qiskit-ibm/work` chooses it" in other[2]
    assert [each.name for each in find_accounts(variables)] == [
        "QE_TOKEN",
        "QISKIT_IBM_TOKEN",
        "ibmq_backend",
        "qiskitrc",
        "qiskit-ibm/default-ibm-quantum-platform",
        "qiskit-ibm/work",
    ]
    assert SECRET not in repr(find_accounts(variables))
    assert "0123456789" not in repr(find_accounts({**variables, "QISKIT_IBM_TOKEN": SECRET}))


@pytest.mark.parametrize(
    ("file", "text"),
    [("ibmq_backend.json", "{"), ("qiskitrc", "broken"), ("qiskit-ibm.json", '{"work": 3}')],
)
def test_a_malformed_file_is_an_account_that_stops_the_search(qiskit_folder, file, text):
    put_all(qiskit_folder)
    (qiskit_folder / file).write_text(text)
    names = [each.name for each in find_accounts({})]
    at = names.index(file.partition(".")[0])
    found = find_accounts({})
    assert found[at].credentials is None
    assert file in found[at].why
    assert sum(each.used for each in found) == (at > 0)
    if at == 0:
        assert "ibmq_backend.json comes first and cannot be used" in found[-2].why
        with pytest.raises(IBMQAccountCredentialsInvalidFormat):
            discover(environ={})
    else:
        assert discover(environ={}).source == found[0].source


@pytest.mark.parametrize("variable", ["QE_TOKEN", "QISKIT_IBM_TOKEN"])
def test_a_malformed_variable_stops_the_search(qiskit_folder, variable):
    put_all(qiskit_folder)
    variables = {**SERVER, variable: CRN}
    if variable != "QE_TOKEN":
        del variables["QE_TOKEN"]
    at = [each for each in find_accounts(variables) if each.name == variable]
    assert "Environment" in at[0].why
    assert "an instance, not an API key" in at[0].why
    assert not any(each.used for each in find_accounts(variables))
    with pytest.raises(IBMQAccountCredentialsInvalidToken):
        discover(environ=variables)


def test_the_chosen_account_comes_first(qiskit_folder):
    put_all(qiskit_folder)
    for choice, used in (
        ("qiskit-ibm/work", "qiskit-ibm/work"),
        ("qiskitrc", "ibmq_backend"),  # retired
        ("gone", "ibmq_backend"),
        (None, "ibmq_backend"),
    ):
        write_choice(choice)
        assert [each.name for each in find_accounts({}) if each.used] == [used]
        assert discover(environ={}).credentials is not None


def test_nothing_is_used_where_the_local_emulator_is_forced(qiskit_folder):
    put_all(qiskit_folder)
    found = summary(IBMQ_BACKEND_LOCAL="always")
    assert not any(used for _, used, _ in found.values())
    assert found["ibmq_backend"][2] == "IBMQ_BACKEND_LOCAL is set to always."


def test_documented_function(qiskit_folder, monkeypatch, caplog):
    assert discover_credentials() == ({}, {})
    credentials = Credentials("t", RETIRED)
    store_credentials(credentials)
    with (qiskit_folder / "qiskitrc").open("a") as file:
        file.write("[ibmq.preferences]\nh/g/p,experiment,auto_save = True\n")
    none = HubGroupProject(None, None, None)
    preferences = {HubGroupProject("h", "g", "p"): {"experiment": {"auto_save": True}}}
    assert discover_credentials() == ({none: credentials}, preferences)
    monkeypatch.setenv("QE_TOKEN", "e")
    monkeypatch.setenv("QE_URL", "http://host")
    assert discover_credentials()[0][none].token == "e"
    monkeypatch.setenv("QE_URL", "host")
    (qiskit_folder / "qiskitrc").write_text("broken")
    with caplog.at_level(logging.WARNING):
        assert discover_credentials() == ({}, {})
    assert caplog.text.count("are ignored") == 2
