import json

import pytest

from ibmq_backend.credentials.official import read_official_accounts
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


def default_account(environ=None):
    default, readers = read_official_accounts(environ)
    return None if default is None else readers[default]()


def put(folder, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "qiskit-ibm.json").write_text(text)


def test_no_file():
    assert default_account() is None


def test_default_name_of_the_current_channel(qiskit_folder):
    put(
        qiskit_folder,
        {
            "default-ibm-quantum": account("old", channel="ibm_quantum"),
            "default-ibm-cloud": account("cloud"),
            "default-ibm-quantum-platform": account("now", instance=CRN, verify=False),
        },
    )
    found = default_account(environ={})
    assert found.token == "now"
    assert found.instance == CRN
    assert found.verify is False
    assert found.dialect == "platform"
    assert default_account(environ={"QISKIT_IBM_CHANNEL": "ibm_cloud"}).token == "cloud"


def test_channel_determines_the_dialect_of_an_own_service(qiskit_folder):
    here = {"url": "http://127.0.0.1:8000/api"}
    for channel, dialect in (("ibm_quantum_platform", "platform"), ("later", "classic")):
        put(qiskit_folder, {"default-ibm-cloud": account("a", channel=channel, **here)})
        assert default_account(environ={}).dialect == dialect


def test_account_marked_as_default_comes_first(qiskit_folder):
    put(
        qiskit_folder,
        {
            "default-ibm-quantum-platform": account("a"),
            "mine": account("b", is_default_account=True),
        },
    )
    assert default_account().token == "b"


def test_account_that_is_not_a_default_is_ignored(qiskit_folder):
    put(qiskit_folder, {"mine": account("b")})
    assert default_account() is None


def test_old_channel_is_a_retired_triple(qiskit_folder):
    put(
        qiskit_folder,
        {
            "default-ibm-quantum": account(
                "old", channel="ibm_quantum", url=None, instance="ibm-q/open/main"
            )
        },
    )
    found = default_account()
    assert found.is_retired
    assert found.unique_id().to_stored_format() == "ibm-q/open/main"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not valid JSON"),
        ({"default-ibm-cloud": "t", "mine": account("t")}, "'default-ibm-cloud': must be a JSON"),
        ({"default-ibm-cloud": {"url": "https://x"}}, "'token' is missing"),
        ({"default-ibm-cloud": account("t", proxies=[1])}, "proxies must be a dictionary"),
        ({"default-ibm-cloud": account("t", tags=[1])}, "tags must be a list of texts"),
    ],
)
def test_broken_file(qiskit_folder, content, says):
    put(qiskit_folder, content)
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match=says) as caught:
        default_account()
    assert "~/.qiskit/qiskit-ibm.json" in str(caught.value)
