import copy
import pickle

import attrs
import pytest

from ibmq_backend.credentials import Credentials, HubGroupProject
from ibmq_backend.exceptions import (
    HubGroupProjectInvalidStateError,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountValueError,
)

SECRET = "5ec2e7" * 20
ACCOUNT = "0123456789abcdef0123456789abcdef"
CRN = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{ACCOUNT}:11111111-aaaa::"


def test_documented_order_of_arguments():
    credentials = Credentials(
        "token",
        "https://host/api",
        "wss://host",
        "h",
        "g",
        "p",
        {"urls": {"https": "http://proxy:8080"}},
        False,
        {"runtime": "https://runtime", "resultsDB": "https://db", "extractorsService": "https://x"},
        "access",
        {HubGroupProject("h", "g", "p"): {"experiment": {"auto_save": True}}},
        HubGroupProject("h", "g", "p"),
    )
    assert credentials.websockets_url == "wss://host"
    assert credentials.unique_id() == HubGroupProject("h", "g", "p")
    assert credentials.connection_parameters() == {
        "verify": False,
        "proxies": {"https": "http://proxy:8080"},
    }
    assert credentials.runtime_url == "https://runtime"
    assert credentials.experiment_url == "https://db"
    assert credentials.extractor_url == "https://x"
    assert credentials.access_token == "access"
    assert credentials.default_provider == HubGroupProject("h", "g", "p")


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("https://host/api/Hubs/h/Groups/g/Projects/p", "https://host/api"),
        ("http://127.0.0.1:80/api/Hubs/h/Groups/g/Projects/p/", "http://127.0.0.1:80/api"),
        ("http://host/Network/h/Groups/g/Projects/p", "http://host"),
        ("https://host/api//hubs/h/groups/g/projects/p", "https://host/api"),
    ],
)
def test_triple_in_the_address(url, base_url):
    credentials = Credentials("t", url, hub="other", group="other", project="other")
    assert (credentials.hub, credentials.group, credentials.project) == ("h", "g", "p")
    assert credentials.base_url == base_url
    assert credentials.url == f"{base_url}/Network/h/Groups/g/Projects/p"
    assert credentials.is_ibmq()


def test_triple_in_arguments_makes_the_long_address():
    credentials = Credentials("t", "https://host/api/", hub="h", group="g", project="p")
    assert credentials.url == "https://host/api/Network/h/Groups/g/Projects/p"
    assert credentials.base_url == "https://host/api"


def test_an_incomplete_triple_is_ignored():
    credentials = Credentials("t", "https://host/api", hub="h", group="g")
    assert credentials.unique_id() == HubGroupProject(None, None, None)
    assert credentials.url == credentials.base_url == "https://host/api"
    assert not credentials.is_ibmq()


def test_copies_with_changes_keep_the_rest():
    credentials = Credentials("t", "https://host/api", hub="h", group="g", project="p")
    assert credentials.with_token("u").url == credentials.url
    elsewhere = credentials.for_triple("a", "b", "c")
    assert elsewhere.url == "https://host/api/Network/a/Groups/b/Projects/c"
    assert attrs.evolve(credentials, access_token="x").base_url == "https://host/api"


def test_equal_by_token_and_instance():
    first = Credentials("t", "https://host/api", hub="h", group="g", project="p")
    assert first == Credentials("t", "https://other", hub="h", group="g", project="p")
    assert len({first, Credentials("t", "https://other", hub="h", group="g", project="p")}) == 1
    assert first != Credentials("u", "https://host/api", hub="h", group="g", project="p")
    assert first != Credentials("t", "https://host/api")
    assert Credentials("t", "https://h", instance=CRN) != Credentials("t", "https://h")
    assert first != "t"


def test_cannot_be_changed():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Credentials("t", "https://host").token = "u"


@pytest.mark.parametrize(
    ("url", "instance", "dialect"),
    [
        ("https://auth.quantum-computing.ibm.com/api", None, "classic"),
        ("http://127.0.0.1:8000", None, "classic"),
        ("http://127.0.0.1:8000", "ibm-q/open/main", "classic"),
        ("http://127.0.0.1:8000", CRN, "platform"),
        ("http://127.0.0.1:8000", "my-instance", "platform"),
        ("https://quantum.cloud.ibm.com/api", None, "platform"),
        ("https://eu-de.quantum.cloud.ibm.com/api", None, "platform"),
        ("https://cloud.ibm.com", None, "platform"),
        ("https://notquantum.cloud.ibm.com.example/api", None, "classic"),
    ],
)
def test_dialect(url, instance, dialect):
    assert Credentials("t", url, instance=instance).dialect == dialect


@pytest.mark.parametrize(
    ("channel", "instance", "dialect"),
    [
        ("ibm_quantum_platform", None, "platform"),
        ("ibm_cloud", None, "platform"),
        ("ibm_quantum", None, "classic"),
        ("ibm_quantum_platform", "ibm-q/open/main", "classic"),
    ],
)
def test_channel_decides_if_url_and_instance_do_not(channel, instance, dialect):
    account = Credentials("t", "http://127.0.0.1:8000", instance=instance, channel=channel)
    assert account.dialect == dialect
    assert pickle.loads(pickle.dumps(account)).dialect == dialect


@pytest.mark.parametrize("channel", ["", "cloud", 3, ["ibm_cloud"]])
def test_invalid_channel(channel):
    with pytest.raises(IBMQAccountValueError, match="channel .*ibm_quantum_platform"):
        Credentials("t", "http://127.0.0.1:8000", channel=channel)


def test_instance_of_three_parts_is_the_triple():
    credentials = Credentials("t", "http://host", instance="ibm-q/open/main")
    assert credentials.instance is None
    assert credentials.unique_id() == HubGroupProject("ibm-q", "open", "main")
    with pytest.raises(IBMQAccountValueError, match="Use one"):
        Credentials("t", "http://host", hub="h", group="g", project="p", instance="a/b/c")


@pytest.mark.parametrize(
    "instance",
    [
        "crn:foo",
        CRN.removesuffix("::"),
        CRN.replace("quantum-computing", "cloudantnosqldb"),
        f"{CRN}{CRN}",
        f"{CRN} and more",
    ],
)
def test_invalid_crn(instance):
    with pytest.raises(IBMQAccountValueError, match="not a valid CRN.*Copy it from") as caught:
        Credentials("t", "http://host", instance=instance)
    assert ACCOUNT not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "auth.quantum-computing.ibm.com",
        "api.quantum-computing.ibm.com",
        "api-qcon.quantum-computing.ibm.com",
        "AUTH.Quantum-Computing.IBM.com:443",
        "quantum-computing.ibm.com",
        "quantumexperience.ng.bluemix.net",
        "q-console-api.mybluemix.net",
        "auth.quantum.ibm.com",
        "api.quantum.ibm.com",
        "api-qcon.quantum.ibm.com",
        "us-east.quantum-computing.cloud.ibm.com",
    ],
)
def test_services_that_were_switched_off(host):
    assert Credentials("t", f"https://{host}/api").is_retired


@pytest.mark.parametrize(
    "host",
    ["quantum.cloud.ibm.com", "127.0.0.1:80", "myquantum.ibm.com", "quantum.ibm.com.example.org"],
)
def test_current_services(host):
    assert not Credentials("t", f"https://{host}/api").is_retired


@pytest.mark.parametrize("token", ["", "  ", None, 5, b"token", "a\nb", "a\x00b", "a\tb"])
def test_bad_token(token):
    with pytest.raises(IBMQAccountCredentialsInvalidToken) as caught:
        Credentials(token, "https://host")
    assert not token or str(token) not in str(caught.value)


@pytest.mark.parametrize("token", ["paste your token here", "tökén", "<API token>", "%d#;[x] = y"])
def test_placeholder_text_is_accepted_as_a_token(token):
    assert Credentials(token, "https://host").token == token


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (CRN, r"an instance, not an API key\. Write IBMQ\.save_account\(API_KEY, instance='crn"),
        (f' "{CRN.upper()}"', "an instance, not an API key"),
        ("https://auth.quantum-computing.ibm.com/api", "a URL.*TOKEN, URL"),
        ("Bearer abc", "Bearer"),
        ("Authorization: bearer abc", "Bearer"),
        ("bearer:abc", "Bearer"),
    ],
)
def test_something_else_in_place_of_the_token(token, says):
    with pytest.raises(IBMQAccountCredentialsInvalidToken, match=says) as caught:
        Credentials(token, "https://host")
    assert ACCOUNT not in str(caught.value).lower()


@pytest.mark.parametrize(
    "quoted", ['"abc"', "'abc'", " '\"abc\"' ", "\u201cabc\u201d", "\u2018abc\u2019"]
)
def test_quotation_marks_around_a_token_are_dropped(quoted):
    assert Credentials(quoted, "https://host").token == "abc"
    assert Credentials("t", "https://host", instance=quoted).instance == "abc"
    assert Credentials("it's 'abc", "https://host").token == "it's 'abc"


@pytest.mark.parametrize("key", ["Ab1_-" * 8 + "Ab1_", "0123456789abcdef" * 8])
def test_key_in_place_of_the_instance(key):
    with pytest.raises(IBMQAccountValueError, match="instance is an API key") as caught:
        Credentials("t", "https://host", instance=key)
    assert key not in str(caught.value)
    assert Credentials("t", "https://host", instance=f"class of {2026}").instance


def test_blanks_around_a_copied_token_are_dropped():
    assert Credentials(" abc\n", "https://host").token == "abc"


@pytest.mark.parametrize(
    "url", ["", "host", "ftp://host", "https://", "http:///api", "http://h:port", "http://a b", 7]
)
def test_bad_address(url):
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match=r"url.*http"):
        Credentials("t", url)


@pytest.mark.parametrize(
    ("url", "says"),
    [(CRN, "Write instance='crn:...'"), ("ibm_cloud", "Write channel='ibm_cloud'")],
)
def test_instance_or_channel_in_place_of_the_address(url, says):
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match=says) as caught:
        Credentials("t", url)
    assert ACCOUNT not in str(caught.value)


def test_token_in_place_of_the_address_is_not_shown():
    with pytest.raises(IBMQAccountCredentialsInvalidUrl) as caught:
        Credentials("word", SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("proxies", "http://proxy"),
        ("proxies", {"urls": "http://proxy"}),
        ("proxies", {"urls": {"https": 8080}}),
        ("proxies", {"username_ntlm": 1}),
        ("verify", "no"),
        ("verify", 1),
        ("services", ["runtime"]),
        ("preferences", "x"),
        ("instance", 5),
        ("hub", 5),
        ("group", "a/b"),
    ],
)
def test_bad_other_arguments(argument, value):
    with pytest.raises(IBMQAccountValueError):
        Credentials("t", "https://host", **{argument: value})


def test_bad_default_provider():
    with pytest.raises(HubGroupProjectInvalidStateError):
        Credentials("t", "https://host", default_provider="a/b")


def test_proxies_get_a_scheme_and_the_callers_dictionary_stays():
    given = {"urls": {"http": "proxy:80", "https": "//u:w@proxy:81", "all": "socks5://proxy:82"}}
    credentials = Credentials("t", "https://host", proxies=given)
    assert credentials.proxies["urls"] == {
        "http": "http://proxy:80",
        "https": "http://u:w@proxy:81",
        "all": "socks5://proxy:82",
    }
    assert given["urls"]["http"] == "proxy:80"


def test_ntlm_login_of_the_proxy():
    proxies = {"urls": {}, "username_ntlm": "domain\\user", "password_ntlm": "word"}
    parameters = Credentials("t", "https://host", proxies=proxies).connection_parameters()
    assert parameters["auth"] == ("domain\\user", "word")


def secretive() -> Credentials:
    return Credentials(
        SECRET,
        f"https://user:{SECRET}@host/api",
        proxies={
            "urls": {"https": f"http://user:{SECRET}@proxy:1"},
            "username_ntlm": "u",
            "password_ntlm": SECRET,
        },
        access_token=SECRET,
        instance=CRN,
    )


def test_no_secret_is_shown():
    credentials = secretive()
    for text in (repr(credentials), str(credentials), credentials.label()):
        assert SECRET not in text
        assert ACCOUNT not in text
        assert "11111111-aaaa" in text


def test_no_secret_is_pickled():
    pickled = pickle.dumps(secretive())
    assert SECRET.encode() not in pickled
    unpickled = pickle.loads(pickled)
    assert unpickled.token == ""
    assert unpickled.access_token is None
    assert unpickled.instance == CRN.replace(CRN.split(":")[6], "a/...")
    assert unpickled.proxies == {"urls": {"https": "http://proxy:1"}}
    again = unpickled.with_token("new")
    assert again.token == "new"
    assert again.base_url == "https://host/api"


FILTERS = {"region": "eu-de", "plans_preference": ["open", "premium"], "tags": ["course"]}


def test_filters_of_instances_are_shown_copied_and_pickled():
    account = Credentials(SECRET, "https://cloud.ibm.com", **FILTERS)
    assert account.filters() == FILTERS
    assert "region='eu-de', plans_preference=['open', 'premium'], tags=['course']" in repr(account)
    assert SECRET not in repr(account)
    unpickled = pickle.loads(pickle.dumps(account))
    assert unpickled.filters() == account.with_token("other").filters() == FILTERS
    assert repr(unpickled) == repr(account)
    assert account == Credentials(SECRET, "https://cloud.ibm.com")
    assert account.for_instance(CRN).filters() == {}


def test_a_pickle_without_filters():
    rebuild, (state,) = Credentials("t", "https://host").__reduce__()
    assert rebuild({k: v for k, v in state.items() if k not in FILTERS}).filters() == {}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"region": " EU-DE "}, {"region": "eu-de"}),
        ({"plans_preference": "open"}, {"plans_preference": ["open"]}),
        ({"tags": ("a", "b")}, {"tags": ["a", "b"]}),
        ({"region": None, "plans_preference": None, "tags": None}, {}),
        ({"region": "", "plans_preference": [], "tags": []}, {}),
        ({"region": " ", "plans_preference": "", "tags": [" "]}, {}),
    ],
)
def test_filters_in_other_forms(given, read):
    assert Credentials("t", "https://host", **given).filters() == read


def test_the_instance_auto_is_none():
    account = Credentials("t", "http://127.0.0.1:8000", instance="auto")
    assert (account.instance, account.dialect) == (None, "platform")


def test_pickling_keeps_the_triple():
    credentials = Credentials("t", "https://host/api", hub="h", group="g", project="p")
    unpickled = pickle.loads(pickle.dumps(credentials))
    assert repr(unpickled) == repr(credentials)
    assert unpickled.with_token("t") == credentials


def test_copies_in_this_process_keep_the_token():
    credentials = Credentials("t", "https://host")
    assert copy.copy(credentials).token == "t"
    assert copy.deepcopy([credentials])[0].token == "t"
