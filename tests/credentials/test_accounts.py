"""Saving, choosing, deleting and merging stored accounts."""

import json
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibmq_backend.credentials import (
    Credentials,
    delete_account,
    describe_use,
    discover,
    find_accounts,
    merge_first_generation,
    save_account,
    stored_account,
    stored_accounts,
    use_account,
)
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQAccountMultipleCredentialsFound,
)

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789:1111::"
RETIRED = Credentials("retired", "https://auth.quantum-computing.ibm.com/api")
SERVER = Credentials("server", "http://127.0.0.1:1/api")
COURSE = Credentials("course", "http://127.0.0.1:2/api", default_provider="uni/maths/course")
PLATFORM = Credentials("platform", "https://quantum.cloud.ibm.com/api", instance=CRN)
OTHER = Credentials("other", "https://quantum.cloud.ibm.com/api", instance="other")
CLOUD_KEY = "Ab1_-" * 8 + "Ab1_"

OFFICIAL = {
    "default-ibm-quantum-platform": {"token": "default", "url": "https://quantum.cloud.ibm.com"},
    "work": {"token": "work", "url": "http://127.0.0.1:5", "instance": "work"},
    "broken": {"url": "http://127.0.0.1:5"},
}
SECTION = "[{}]\ntoken = old\nurl = {}/Hubs/h/Groups/g/Projects/p\n"
TWO_SERVERS = SECTION.format("ibmq_1", SERVER.url) + SECTION.format("ibmq_2", COURSE.url)
TWO_RETIRED = SECTION.format("ibmq_1", RETIRED.url) + SECTION.format("ibmq_2", RETIRED.url)


def put(folder, name, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)


def save(account, overwrite=True):
    return save_account(account, overwrite=overwrite)[1]


def used():
    return [each.name for each in find_accounts() if each.used]


@pytest.mark.parametrize("first", [SERVER, PLATFORM])
@pytest.mark.parametrize("second", [COURSE, OTHER])
def test_the_account_that_was_saved_last_is_used(first, second):
    save(first)
    remark = save(second)
    assert discover().credentials == stored_account() == second
    if first.dialect == second.dialect:
        assert remark == f"The account for {first.label()} was replaced."
    else:
        assert "it is used instead of the account in ~/.qiskit/" in remark
        assert "it is used instead of the account in ~/.qiskit/" in save(first)
        assert discover().credentials == stored_account() == first
    assert "0123456789" not in remark


def test_an_account_that_is_replaced_and_one_that_is_not_used_any_more():
    save(SERVER)
    save(PLATFORM)
    assert save(COURSE) == (
        f"The account for {SERVER.label()} was replaced. Saved in ~/.qiskit/qiskitrc; "
        "it is used instead of the account in ~/.qiskit/ibmq_backend.json."
    )


def test_nothing_is_said_without_another_account():
    assert save(PLATFORM) is None
    assert save(Credentials("new key", PLATFORM.url, instance=CRN)) is None
    assert stored_account().token == "new key"


def test_an_account_of_a_retired_service_comes_after_a_usable_one():
    save(PLATFORM)
    remark = save(RETIRED)
    assert remark == (
        "Saved for auth.quantum-computing.ibm.com, which was switched off. IBMQ.load_account() "
        "uses the account in ~/.qiskit/ibmq_backend.json. For IBM Quantum Platform write "
        "IBMQ.save_account(API_KEY, instance='crn:...', overwrite=True)."
    )
    assert discover().credentials == stored_account() == PLATFORM


def test_a_retired_account_in_place_of_a_usable_one_is_reported():
    save(SERVER)
    assert save(RETIRED) == f"The account for {SERVER.label()} was replaced."
    save(SERVER)
    assert f" The account for {SERVER.label()} was replaced. " in save(
        RETIRED.with_token(CLOUD_KEY)
    )


def test_an_api_key_without_an_instance_is_recognized():
    assert save(RETIRED) is None
    assert "IBM Quantum Platform write" in save(RETIRED.with_token(CLOUD_KEY))


def test_a_variable_that_comes_first_is_named(monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "key")
    assert save(SERVER) == (
        "Saved in ~/.qiskit/qiskitrc. IBMQ.load_account() uses the account in QISKIT_IBM_TOKEN. "
        "Unset it to use the saved one."
    )
    monkeypatch.setenv("QISKIT_IBM_TOKEN", CRN)
    assert "IBMQ.load_account() fails: Environment (QISKIT_IBM_TOKEN" in save(SERVER)


@pytest.mark.parametrize("account", [SERVER, PLATFORM])
def test_without_overwrite_the_stored_account_is_kept(account, home):
    assert save_account(account, overwrite=False) == (True, None)
    folder = home / ".qiskit"
    before = {path: path.read_text() for path in folder.iterdir()}
    for other in (COURSE, OTHER, RETIRED):
        is_saved, remark = save_account(other, overwrite=False)
        assert not is_saved
        effect = "replaces it" if other.dialect == account.dialect else "saves this one as well"
        assert remark.endswith(f"; overwrite=True {effect}.")
    assert {path: path.read_text() for path in folder.iterdir()} == before


def test_a_retired_account_does_not_need_overwrite():
    save(RETIRED)
    assert save_account(PLATFORM, overwrite=False) == (True, None)
    assert stored_account() == PLATFORM


def test_a_malformed_file_is_only_replaced_with_overwrite(qiskit_folder):
    put(qiskit_folder, "ibmq_backend.json", "{")
    for account, overwrite in ((PLATFORM, False), (SERVER, True)):
        with pytest.raises(IBMQAccountCredentialsInvalidFormat):
            save_account(account, overwrite=overwrite)
    assert not (qiskit_folder / "qiskitrc").exists()
    save(PLATFORM)
    assert stored_account() == PLATFORM


def test_a_file_of_a_later_version_is_not_changed(qiskit_folder):
    put(qiskit_folder, "ibmq_backend.json", {"format": 2})
    put(qiskit_folder, "qiskit-ibm.json", OFFICIAL)
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="Update this package"):
        use_account("qiskit-ibm/work")
    assert json.loads((qiskit_folder / "ibmq_backend.json").read_text()) == {"format": 2}


def test_hub_group_and_project_of_an_account_are_stored():
    save(Credentials("t", SERVER.url, instance="uni/maths/course"))
    assert stored_account().instance_text() == "uni/maths/course"


def test_choosing(qiskit_folder):
    save(PLATFORM)
    save(SERVER)
    put(qiskit_folder, "qiskit-ibm.json", OFFICIAL)
    for name in ("ibmq_backend", "qiskit-ibm/work", "qiskitrc", "ibmq_backend"):
        assert use_account(name).name == name
        assert used() == [name]
        assert stored_account() == next(each for each in find_accounts() if each.used).credentials
    assert "use" not in json.loads((qiskit_folder / "ibmq_backend.json").read_text())


def test_choosing_one_of_several(qiskit_folder):
    put(qiskit_folder, "qiskitrc", TWO_SERVERS)
    with pytest.raises(IBMQAccountMultipleCredentialsFound, match="account use NAME"):
        discover()
    use_account("qiskitrc/ibmq_2")
    assert discover().credentials.base_url == COURSE.url
    delete_account("qiskitrc/ibmq_1")
    assert used() == ["qiskitrc/ibmq_2"]
    delete_account()
    assert [path.name for path in qiskit_folder.iterdir()] == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing", "No stored account is named 'nothing'. Stored: qiskitrc, qiskit-ibm/"),
        ("qiskitrc", "a service that IBM switched off"),
        ("qiskit-ibm/broken", "'token' is missing"),
    ],
)
def test_what_cannot_be_chosen(qiskit_folder, name, says):
    save(RETIRED)
    put(qiskit_folder, "qiskit-ibm.json", OFFICIAL)
    with pytest.raises(IBMQAccountError, match=says):
        use_account(name)
    assert used() == ["qiskit-ibm/default-ibm-quantum-platform"]


def test_deleting_the_account_that_is_shown():
    save(SERVER)
    save(PLATFORM)
    assert delete_account().name == "ibmq_backend"
    assert stored_account() == SERVER
    save(PLATFORM)
    use_account("qiskitrc")
    assert delete_account().name == "qiskitrc"
    assert delete_account("ibmq_backend").credentials == PLATFORM
    with pytest.raises(IBMQAccountCredentialsNotFound, match="nothing to delete"):
        delete_account()


def test_the_file_of_the_official_client_is_kept(qiskit_folder):
    put(qiskit_folder, "qiskit-ibm.json", OFFICIAL)
    before = (qiskit_folder / "qiskit-ibm.json").read_text()
    for name in (None, "qiskit-ibm/default-ibm-quantum-platform"):
        with pytest.raises(IBMQAccountCredentialsNotFound, match="QiskitRuntimeService.delete"):
            delete_account(name)
    save(RETIRED)
    assert delete_account().name == "qiskitrc"
    assert (qiskit_folder / "qiskit-ibm.json").read_text() == before


def test_merging_accounts_of_one_server_keeps_the_server(qiskit_folder):
    save(PLATFORM)
    put(qiskit_folder, "qiskitrc", TWO_SERVERS.replace(COURSE.url, SERVER.url))
    use_account("qiskitrc/ibmq_2")
    merged = merge_first_generation(lambda _: True, print)
    assert merged.base_url == SERVER.url
    assert used() == ["qiskitrc"]
    put(qiskit_folder, "qiskitrc", TWO_SERVERS)
    with pytest.raises(IBMQAccountError, match="2 services"):
        merge_first_generation(lambda _: True, print)


def test_merging_says_that_another_account_is_used(qiskit_folder):
    save(PLATFORM)
    put(qiskit_folder, "qiskitrc", TWO_RETIRED)
    shown = []
    merge_first_generation(lambda _: True, shown.append)
    assert "uses the account in ~/.qiskit/ibmq_backend.json" in shown[0]


def test_description_of_what_is_used(qiskit_folder):
    assert describe_use().startswith("IBMQ.load_account() uses the local emulator: No account")
    save(SERVER)
    assert describe_use() == "IBMQ.load_account() uses the account in ~/.qiskit/qiskitrc."
    put(qiskit_folder, "qiskitrc", "broken")
    assert describe_use().startswith("IBMQ.load_account() fails: ~/.qiskit/qiskitrc, line 1")


NAMES = [
    *("ibmq_backend", "qiskitrc", "qiskitrc/ibmq_1", "qiskitrc/ibmq_2"),
    *("qiskit-ibm/default-ibm-quantum-platform", "qiskit-ibm/work", "qiskit-ibm/broken"),
]
steps = st.one_of(
    st.tuples(
        st.just("save"),
        st.sampled_from([RETIRED, SERVER, COURSE, PLATFORM, OTHER]),
        st.booleans(),
    ),
    st.tuples(st.just("use"), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from([None, *NAMES])),
    st.tuples(st.just("merge")),
    st.tuples(
        st.just("put"),
        st.sampled_from(
            [
                ("qiskitrc", TWO_SERVERS),
                ("qiskitrc", TWO_RETIRED),
                ("qiskitrc", "broken"),
                ("qiskit-ibm.json", OFFICIAL),
                ("qiskit-ibm.json", "{"),
                ("ibmq_backend.json", "{"),
            ]
        ),
    ),
)


def take(step, folder):
    """Take one step; return what must be stored afterwards, if it says so."""
    match step:
        case "save", account, overwrite:
            is_saved, _ = save_account(account, overwrite=overwrite)
            return account if is_saved and not account.is_retired else None
        case "use", name:
            return use_account(name).credentials
        case "delete", name:
            deleted = delete_account(name)
            assert deleted.credentials not in [each.credentials for each in stored_accounts()] or (
                "/" in deleted.name  # the sections of the old file are equal
            )
        case ("merge",):
            merge_first_generation(lambda _: True, str)
        case "put", (name, content):
            put(folder, name, content)
    return None


@pytest.mark.slow
@given(sequence=st.lists(steps, max_size=12))
@settings(
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_after_any_steps_all_answers_agree(qiskit_folder, sequence):
    shutil.rmtree(qiskit_folder)
    qiskit_folder.mkdir()
    for step in sequence:
        try:
            expected = take(step, qiskit_folder)
        except IBMQAccountError:
            expected = None
        shown = [each.credentials for each in find_accounts() if each.used]
        try:
            loaded = discover().credentials
        except IBMQAccountError as error:
            assert shown == []
            assert expected is None
            with pytest.raises(type(error)):
                stored_account()
            continue
        if loaded is not None:
            assert shown == [loaded]
            assert stored_account() == loaded
            assert expected in (None, loaded)
            continue
        assert shown == []
        assert expected is None
        try:
            account = stored_account()
        except IBMQAccountMultipleCredentialsFound:  # as documented
            assert (qiskit_folder / "qiskitrc").read_text() == TWO_RETIRED
        else:
            assert account is None or account.is_retired
