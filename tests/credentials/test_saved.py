import json
import stat

import pytest

from ibmq_backend.credentials import (
    Credentials,
    read_saved_account,
    remove_saved_account,
    write_saved_account,
)
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
)

SECRET = "5ec2e7" * 20
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123:1111::"


def test_platform_account_round_trip(home):
    account = Credentials(
        SECRET,
        "https://quantum.cloud.ibm.com/api",
        instance=CRN,
        verify=False,
        proxies={"urls": {"https": "http://proxy:1"}},
    )
    assert write_saved_account(account)
    path = home / ".qiskit" / "ibmq_backend.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    stored = read_saved_account()
    assert stored == account
    assert stored.verify is False
    assert stored.proxies == account.proxies
    assert stored.dialect == "platform"
    filters = {"region": "eu-de", "plans_preference": ["open"], "tags": ["course"]}
    account = Credentials("t", "http://127.0.0.1:8000", channel="ibm_quantum_platform", **filters)
    assert write_saved_account(account, overwrite=True)
    assert read_saved_account().dialect == "platform"
    assert read_saved_account().filters() == filters


def test_classic_account_round_trip():
    account = Credentials(
        SECRET, "http://host", hub="h", group="g", project="p", default_provider="h/g/p"
    )
    write_saved_account(account)
    stored = read_saved_account()
    assert stored == account
    assert stored.default_provider == account.default_provider


def test_an_account_is_only_replaced_with_overwrite():
    assert write_saved_account(Credentials("a", "http://host"))
    assert not write_saved_account(Credentials("b", "http://host"))
    assert read_saved_account().token == "a"
    assert write_saved_account(Credentials("b", "http://host"), overwrite=True)
    assert read_saved_account().token == "b"


def test_broken_file_can_be_overwritten(qiskit_folder):
    (qiskit_folder / "ibmq_backend.json").write_text("{")
    with pytest.raises(IBMQAccountCredentialsInvalidFormat):
        write_saved_account(Credentials("a", "http://host"))
    write_saved_account(Credentials("a", "http://host"), overwrite=True)
    assert read_saved_account().token == "a"


def test_remove(home):
    with pytest.raises(IBMQAccountCredentialsNotFound):
        remove_saved_account()
    write_saved_account(Credentials("a", "http://host"))
    remove_saved_account()
    assert read_saved_account() is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'{{"token": "{SECRET}",\n oops}}', "line 2, column 2: not valid JSON"),
        (f'["{SECRET}"]', "does not contain a JSON object"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "not valid JSON"),
        (json.dumps({"account": {"token": SECRET}}), "'format' is not 1"),
        (json.dumps({"format": 1, "account": SECRET}), "'account' must be a JSON object"),
        (json.dumps({"format": 1, "account": {"token": SECRET}}), "'url' is missing"),
        (json.dumps({"format": 1, "account": {"url": "http://h", "token": 5}}), "'token' is"),
        (
            json.dumps({"format": 1, "account": {"url": "http://h", "token": "t", "verify": "x"}}),
            "verify must be True or False",
        ),
    ],
)
def test_broken_file(qiskit_folder, text, says):
    (qiskit_folder / "ibmq_backend.json").write_text(text)
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match=says) as caught:
        read_saved_account()
    error = caught.value
    assert "~/.qiskit/ibmq_backend.json" in str(error)
    while error is not None:
        assert SECRET not in str(error)
        assert SECRET not in str(getattr(error, "doc", ""))
        error = error.__cause__ or error.__context__


def test_bad_address_keeps_its_documented_error(qiskit_folder):
    content = {"format": 1, "account": {"token": SECRET, "url": "host"}}
    (qiskit_folder / "ibmq_backend.json").write_text(json.dumps(content))
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match=r"ibmq_backend\.json"):
        read_saved_account()
