import logging
import os
import stat

import pytest

from ibmq_backend.credentials import (
    Credentials,
    HubGroupProject,
    qiskitrc_path,
    read_qiskitrc,
    remove_credentials,
    store_credentials,
    stored_credentials,
)
from ibmq_backend.credentials.files import write_private
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQAccountMultipleCredentialsFound,
)

SECRET = "5ec2e7" * 20

WRITTEN_BY_THE_ORIGINAL_CLIENT = f"""\
[ibmq]
token = {SECRET}
url = https://auth.quantum-computing.ibm.com/api
verify = True
proxies = {{'urls': {{'https': 'http://user:a%%40b@proxy:8080'}}}}
default_provider = ibm-q/open/main

[ibmq.preferences]
Hub-A/Group/project,experiment,auto_save = True
Hub-A/Group/project,experiment,other = off

"""


def put(folder, text):
    path = folder / "qiskitrc"
    path.write_text(text, encoding="utf-8")
    return path


def test_file_of_the_original_client(qiskit_folder):
    put(qiskit_folder, WRITTEN_BY_THE_ORIGINAL_CLIENT)
    credentials = stored_credentials()
    assert credentials.token == SECRET
    assert credentials.url == "https://auth.quantum-computing.ibm.com/api"
    assert credentials.verify is True
    assert credentials.proxies == {"urls": {"https": "http://user:a%40b@proxy:8080"}}
    assert credentials.default_provider == HubGroupProject("ibm-q", "open", "main")
    assert credentials.preferences == {
        HubGroupProject("Hub-A", "Group", "project"): {
            "experiment": {"auto_save": True, "other": False}
        }
    }


def test_without_a_file_there_is_no_account():
    assert read_qiskitrc() == {}
    assert stored_credentials() is None


def test_file_without_accounts(qiskit_folder):
    put(qiskit_folder, "[other]\nkey = 1\n[ibmq.preferences]\n")
    assert read_qiskitrc() == {}


def test_written_file_can_be_read_back_and_is_private(home):
    credentials = Credentials(
        "t%",
        "http://127.0.0.1:8000/api",
        verify=False,
        proxies={"urls": {"https": "http://u:a%40b@proxy:1"}},
        default_provider="h/g/p",
    )
    assert store_credentials(credentials)
    path = home / ".qiskit" / "qiskitrc"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["qiskitrc"]
    stored = stored_credentials()
    assert stored == credentials
    assert stored.verify is False
    assert stored.proxies == credentials.proxies
    assert stored.default_provider == credentials.default_provider
    assert "a%%40b" in path.read_text()


def test_a_readable_file_becomes_private(qiskit_folder):
    path = put(qiskit_folder, WRITTEN_BY_THE_ORIGINAL_CLIENT)
    path.chmod(0o644)
    store_credentials(Credentials("t", "http://host"), overwrite=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_existing_account_is_only_replaced_with_overwrite(qiskit_folder, caplog):
    path = put(qiskit_folder, WRITTEN_BY_THE_ORIGINAL_CLIENT)
    with caplog.at_level(logging.WARNING):
        assert not store_credentials(Credentials("t", "http://host"))
    assert "overwrite=True" in caplog.text
    assert path.read_text() == WRITTEN_BY_THE_ORIGINAL_CLIENT
    assert store_credentials(Credentials("t", "http://host"), overwrite=True)
    assert stored_credentials().token == "t"


def test_the_rest_of_the_file_is_unchanged(qiskit_folder):
    before = "# mine\n[default]\nCircuit = mpl ; keep\n\n"
    after = "[ibmq.preferences]\nh/g/p,experiment,auto_save=yes\n# end"
    account = "[ibmq_h_g_p]\ntoken=a\nurl=http://old\n"
    path = put(qiskit_folder, before + account + after + "\n" + account.replace("_p]", "_q]"))
    store_credentials(Credentials("t", "http://host"), overwrite=True)
    written = "[ibmq]\ntoken = t\nurl = http://host\n"
    assert path.read_text() == before + written + "\n" + after + "\n"
    assert stored_credentials().preferences != {}
    remove_credentials()
    assert path.read_text() == before + after + "\n"


def test_account_goes_after_a_file_without_final_line_break(qiskit_folder):
    path = put(qiskit_folder, "[other]\nkey = 1")
    store_credentials(Credentials("t", "http://host"))
    assert path.read_text().startswith("[other]\nkey = 1\n[ibmq]\n")
    assert stored_credentials().token == "t"


def test_symbolic_link_is_kept(home, qiskit_folder):
    real = home / "dotfiles"
    (qiskit_folder / "qiskitrc").symlink_to(real)
    store_credentials(Credentials("t", "http://host"))
    assert (qiskit_folder / "qiskitrc").is_symlink()
    assert "token = t" in real.read_text()


def test_symbolic_link_to_itself_is_replaced(qiskit_folder):
    link = qiskit_folder / "ibmq_backend.json"
    link.symlink_to(link.name)
    write_private(link, "text")
    assert link.read_text() == "text"


def test_failed_write_leaves_the_old_file(qiskit_folder, monkeypatch):
    path = put(qiskit_folder, WRITTEN_BY_THE_ORIGINAL_CLIENT)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(IBMQAccountError, match="No space left"):
        store_credentials(Credentials("t", "http://host"), overwrite=True)
    assert path.read_text() == WRITTEN_BY_THE_ORIGINAL_CLIENT
    assert [entry.name for entry in qiskit_folder.iterdir()] == ["qiskitrc"]


def test_unpickled_credentials_are_not_stored():
    import pickle

    credentials = pickle.loads(pickle.dumps(Credentials("t", "http://host")))
    with pytest.raises(IBMQAccountCredentialsInvalidToken):
        store_credentials(credentials)


def test_removing_the_only_account_removes_the_file(home):
    store_credentials(Credentials("t", "http://host"))
    assert remove_credentials().token == "t"
    assert not (home / ".qiskit" / "qiskitrc").exists()
    with pytest.raises(IBMQAccountCredentialsNotFound, match=r"~/.qiskit/qiskitrc"):
        remove_credentials()


def test_several_accounts(qiskit_folder):
    section = "[ibmq_{0}]\ntoken = a{0}\nurl = https://host/api/Hubs/h/Groups/g/Projects/{0}\n"
    put(qiskit_folder, section.format(1) + section.format(2))
    accounts = read_qiskitrc()
    assert list(accounts) == ["ibmq_1", "ibmq_2"]
    assert accounts["ibmq_2"].unique_id() == HubGroupProject("h", "g", "2")
    for function in (stored_credentials, remove_credentials):
        with pytest.raises(IBMQAccountMultipleCredentialsFound, match=r"\[ibmq_1\], \[ibmq_2\]"):
            function()


def test_another_file(tmp_path):
    path = tmp_path / "elsewhere" / "rc"
    store_credentials(Credentials("t", "http://host"), filename=path)
    assert stored_credentials(str(path)).token == "t"
    assert stored_credentials() is None
    assert qiskitrc_path(path) == path


GOOD = f"[ibmq]\ntoken = {SECRET}\nurl = https://host/api\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"token = {SECRET}\n", "line 1: a section header"),
        (GOOD.replace("ibmq", "IBMQ"), "line 2: a section header"),
        (GOOD.replace("ibmq", "default"), "line 2: a section header"),
        (GOOD + GOOD.replace("host", "other"), r"line 4: section \[ibmq\] is repeated"),
        (GOOD + "token = another\n", "line 4: 'token' is repeated"),
        (f"[ibmq_a]\n[ibmq_b]\ntoken = {SECRET}\n", r"section \[ibmq_a\]: 'token' is missing"),
        (f"[ibmq]\ntoken = {SECRET}\n", r"section \[ibmq\]: 'url' is missing"),
        ("[ibmq]\nurl = https://host\ntoken =\n", r"section \[ibmq\]: 'token' is missing"),
        (GOOD + "verify = perhaps\n", r"section \[ibmq\]: 'verify' must be True or False"),
        (GOOD + f"proxies = {{'{SECRET}\n", "'proxies' must be a Python dictionary"),
        (GOOD + f"proxies = {{'urls': '{SECRET}'}}\n", "proxies must be a dictionary"),
        (GOOD + f"proxies = __import__('{SECRET}')\n", "'proxies' must be a Python dictionary"),
        (GOOD + "default_provider = a/b\n", "not a triple"),
    ],
)
def test_broken_file(qiskit_folder, text, says):
    path = put(qiskit_folder, text)
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match=says) as caught:
        stored_credentials()
    assert "~/.qiskit/qiskitrc" in str(caught.value)
    error = caught.value
    while error is not None:
        assert SECRET not in str(error)
        error = error.__cause__ or error.__context__
    if "is missing" not in says:
        with pytest.raises(IBMQAccountError):
            remove_credentials()
        assert path.read_text() == text


def test_bad_values_keep_their_documented_error(qiskit_folder):
    put(qiskit_folder, "[ibmq]\ntoken = two\x07words\nurl = https://host\n")
    with pytest.raises(IBMQAccountCredentialsInvalidToken, match=r"section \[ibmq\]"):
        stored_credentials()
    put(qiskit_folder, "[ibmq]\ntoken = t\nurl = host\n")
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match=r"section \[ibmq\]"):
        stored_credentials()


def test_file_that_is_not_text(qiskit_folder):
    (qiskit_folder / "qiskitrc").write_bytes(b"[ibmq]\ntoken = a\0b\n")
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="line 2.*save.*UTF-8") as caught:
        stored_credentials()
    assert caught.value.__cause__ is None


def test_unreadable_file(qiskit_folder):
    (qiskit_folder / "qiskitrc").mkdir()
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="cannot be read"):
        stored_credentials()


@pytest.mark.parametrize("key", ["token", "hub", "default_provider", "proxies"])
def test_a_value_that_is_not_text(qiskit_folder, key):
    account = GOOD.replace(f"token = {SECRET}\n", "") if key == "token" else GOOD
    (qiskit_folder / "qiskitrc").write_text(f"{account}{key} = ä/b/c\n", encoding="latin-1")
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match=rf"\[ibmq\]: '{key}' is not UTF"):
        stored_credentials()


ODD = {
    "before": "note to self\n" + GOOD,
    "in the section": GOOD.replace("url", "Saved in May.\nurl"),
    "end": GOOD + f"{SECRET}\n",
    "other section": "[default\nx\n[]\n" + GOOD + "[tools]\na\n  b\n[tools]\na = 1\na = 2\n",
    "repeated": GOOD + GOOD,
    "repeated token": GOOD + f"token = {SECRET}\n",
    "open header": GOOD.replace("]", ""),
    "blanks in the header": GOOD.replace("[ibmq]", "  [ ibmq ]  # mine"),
    "indented": GOOD.replace("token", "  token").replace("url", "    url"),
    "all indented": "[default]\nx = 1\n" + GOOD.replace("[", "  [").replace("token", "  token"),
    "colons": GOOD.replace(" = ", ": "),
    "joined files": "[default]\n\ufeff" + GOOD,
    "preferences": GOOD + "[ibmq.preferences]\na,b = yes\na/b/c,d,e = 5\n",
    "another account": GOOD + "[ibmq_old]\ntoken = t\n[ibmq_older]\ntoken = t\nurl = x\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_no_account_is_lost_for_a_line_that_nobody_needs(qiskit_folder, text, encoding):
    written = f"# für die Übung\n{text}".encode(encoding, errors="ignore")
    path = qiskit_folder / "qiskitrc"
    path.write_bytes(written.replace(b"\n", b"\r\n") if "16" not in encoding else written)
    found = stored_credentials()
    assert (found.token, found.url) == (SECRET, "https://host/api")
    store_credentials(Credentials("new", "https://host/api"), overwrite=True)
    assert stored_credentials().token == "new"
    kept = path.read_bytes()
    assert kept.startswith(
        "# für die Übung\n".encode(encoding if encoding == "latin-1" else "utf-8")
    )
    remove_credentials()
    rest = [line for line in text.splitlines() if line in ("[tools]", "note to self", "[default]")]
    assert set(rest) <= set(path.read_text(errors="surrogateescape").splitlines())


def test_what_is_ignored_is_named(qiskit_folder, caplog):
    put(qiskit_folder, ODD["preferences"] + "[ibmq_old]\ntoken = t\n")
    for _ in range(2):
        stored_credentials()
    assert [message.partition(", ")[0] for message in caplog.messages] == [
        "Ignored: ~/.qiskit/qiskitrc"
    ] * 3
    assert "section [ibmq_old]: 'url' is missing" in caplog.text
    remove_credentials()
    assert (qiskit_folder / "qiskitrc").read_text().endswith("[ibmq_old]\ntoken = t\n")
