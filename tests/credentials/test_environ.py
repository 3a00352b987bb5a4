import pytest

from ibmq_backend.credentials import local_choice
from ibmq_backend.credentials.environ import classic_credentials, platform_credentials
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
)

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123:1111::"


@pytest.mark.parametrize(
    ("value", "choice"),
    [(None, "auto"), ("", "auto"), ("auto", "auto"), ("NEVER", "never"), (" always ", "always")],
)
def test_local_choice(value, choice):
    assert local_choice({} if value is None else {"IBMQ_BACKEND_LOCAL": value}) == choice


def test_local_choice_of_the_process(monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    assert local_choice() == "never"


@pytest.mark.parametrize("value", ["yes", "1", "on"])
def test_bad_local_choice(value):
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="never, always or auto"):
        local_choice({"IBMQ_BACKEND_LOCAL": value})


def test_both_variables_are_needed():
    assert classic_credentials({}) is None
    assert classic_credentials({"QE_TOKEN": "t"}) is None
    assert classic_credentials({"QE_URL": "http://host", "QE_TOKEN": " "}) is None


def test_classic_account():
    variables = {"QE_TOKEN": "t", "QE_URL": "http://host/api"}
    found = classic_credentials(variables)
    assert (found.token, found.url, found.is_ibmq()) == ("t", "http://host/api", False)
    variables |= {"QE_HUB": "h", "QE_GROUP": "g", "QE_PROJECT": "p"}
    assert classic_credentials(variables).url == "http://host/api/Network/h/Groups/g/Projects/p"


def test_platform_account():
    assert platform_credentials({"QISKIT_IBM_INSTANCE": CRN}) is None
    found = platform_credentials({"QISKIT_IBM_TOKEN": "t", "QISKIT_IBM_INSTANCE": CRN})
    assert found.url == "https://quantum.cloud.ibm.com/api"
    assert found.instance == CRN
    assert found.dialect == "platform"
    own = {"QISKIT_IBM_TOKEN": "t", "QISKIT_IBM_URL": "http://127.0.0.1:1"}
    assert platform_credentials(own).url == "http://127.0.0.1:1"
    assert platform_credentials(own).dialect == "platform"
    old = {**own, "QISKIT_IBM_CHANNEL": "ibm_quantum"}
    assert platform_credentials(old).dialect == "classic"
    assert platform_credentials({**own, "QISKIT_IBM_CHANNEL": "later"}).channel is None


def test_old_channel_is_retired():
    variables = {"QISKIT_IBM_TOKEN": "t", "QISKIT_IBM_CHANNEL": "ibm_quantum"}
    assert platform_credentials(variables).is_retired


def test_bad_values_name_the_variables():
    with pytest.raises(IBMQAccountCredentialsInvalidToken, match="QE_TOKEN"):
        classic_credentials({"QE_TOKEN": "two\x07words", "QE_URL": "http://host"})
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match="QE_URL"):
        classic_credentials({"QE_TOKEN": "t", "QE_URL": "host"})
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="a/b"):
        classic_credentials({"QE_TOKEN": "t", "QE_URL": "http://host", "QE_HUB": "a/b"})
