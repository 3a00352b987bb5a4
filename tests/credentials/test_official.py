import json

import pytest

from ibmq_backend.credentials import read_official_account
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidFormat

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123:1111::"


def account(token, **more):
    return {
        "channel": "ibm_quantum_platform",
        "token": token,
        "url": "https://cloud.ibm.com",
        "private_endpoint": False,
        "plans_preference": ["open"],
        **more,
    }


def put(folder, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "qiskit-ibm.json").write_text(text)


def test_no_file():
    assert read_official_account() is None


def test_default_name_of_the_current_channel(qiskit_folder):
    put(
        qiskit_folder,
        {
            "default-ibm-quantum": account("old", channel="ibm_quantum"),
            "default-ibm-cloud": account("cloud"),
            "default-ibm-quantum-platform": account("now", instance=CRN, verify=False),
        },
    )
    found = read_official_account(environ={})
    assert found.token == "now"
    assert found.instance == CRN
    assert found.verify is False
    assert found.dialect == "platform"
    assert read_official_account(environ={"QISKIT_IBM_CHANNEL": "ibm_cloud"}).token == "cloud"


def test_channel_tells_the_kind_of_a_service_of_ones_own(qiskit_folder):
    here = {"url": "http://127.0.0.1:8000/api"}
    for channel, dialect in (("ibm_quantum_platform", "platform"), ("later", "classic")):
        put(qiskit_folder, {"default-ibm-cloud": account("a", channel=channel, **here)})
        assert read_official_account(environ={}).dialect == dialect


def test_account_marked_as_default_comes_first(qiskit_folder):
    put(
        qiskit_folder,
        {
            "default-ibm-quantum-platform": account("a"),
            "mine": account("b", is_default_account=True),
        },
    )
    assert read_official_account().token == "b"


def test_account_that_is_no_default_is_not_taken(qiskit_folder):
    put(qiskit_folder, {"mine": account("b")})
    assert read_official_account() is None


def test_old_channel_is_a_retired_triple(qiskit_folder):
    put(
        qiskit_folder,
        {
            "default-ibm-quantum": account(
                "old", channel="ibm_quantum", url=None, instance="ibm-q/open/main"
            )
        },
    )
    found = read_official_account()
    assert found.is_retired
    assert found.unique_id().to_stored_format() == "ibm-q/open/main"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not valid JSON"),
        ({"default-ibm-cloud": "token"}, "account 'default-ibm-cloud': has to be a JSON object"),
        ({"default-ibm-cloud": {"url": "https://x"}}, "'token' is missing"),
        ({"default-ibm-cloud": account("t", proxies=[1])}, "proxies has to be a dictionary"),
    ],
)
def test_broken_file(qiskit_folder, content, says):
    put(qiskit_folder, content)
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match=says) as caught:
        read_official_account()
    assert "~/.qiskit/qiskit-ibm.json" in str(caught.value)
