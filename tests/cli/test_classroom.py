"""The commands with which a teacher manages a class."""

import html
import json
import os
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from textwrap import dedent

import pytest

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.secure_urls import check_address, is_plain_http_allowed
from ibmq_backend.cli.__main__ import main
from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidUrl
from ibmq_backend.installation.extras import find_extra

ROSTER = "\ufeffName;E-Mail\r\nAda Lovelace;ada@example.org\r\n<b>Bo</b>;\r\n"


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    """The folder of a new class, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    url = "https://lab.example.org:8443"
    assert main(["class", "new", "Physik für Änne", "--url", url]) == 0
    made = tmp_path / "physik-fur-anne"
    printed = capsys.readouterr().out
    assert printed.splitlines()[1:] == [
        "    cd physik-fur-anne",
        "    ibmq-backend class add-users ROSTER.csv",
        "    ibmq-backend serve --accounts class.toml --store jobs.sqlite --port 8443 "
        "--host 0.0.0.0 --allowed-host lab.example.org --tls-cert server.pem --tls-key server.key",
    ]
    monkeypatch.chdir(made)
    return made


def mode(path):
    return path.stat().st_mode & 0o777


def test_a_new_class(folder):
    path = folder / "class.toml"
    file = read_accounts_file(path)
    assert (file.name, file.url) == ("Physik für Änne", "https://lab.example.org:8443")
    assert str(file.projects[0].instance) == "ibm-q-education/physik-fur-anne/main"
    assert file.limits == {"devices": 5, "simulators": 20}
    assert (mode(folder), mode(path)) == (0o700, 0o600)
    everything = re.sub(r"(?m)^# (?=[a-z_]+ = |\[)", "", path.read_text("utf-8"))
    path.write_text(f'{everything}[[user]]\nname = "Ada Lovelace"\ntoken = "t"\n', "utf-8")
    file = read_accounts_file(path)  # the examples in comments are valid too
    assert file.last_day is not None
    assert len(file.bookings) == len(file.instances) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Physik für Änne", "--folder", "."], "the folder . is not empty"),
        (["..", "--folder", "class.toml"], "cannot create class.toml/class.toml: File exists"),
        ([""], "the name is empty"),
        (["a\x1b"], r"the name 'a\x1b' contains control characters"),
        (["a", "--url", "lab:8000"], "'lab:8000' is not the address of a server"),
        (["a", "--url", "https://lab/api"], "'https://lab/api' is not the address of a server"),
    ],
)
def test_what_cannot_be_a_class(folder, capsys, arguments, says):
    before = (folder / "class.toml").read_bytes()
    assert main(["class", "new", *arguments]) == 1
    assert says in capsys.readouterr().err
    assert (folder / "class.toml").read_bytes() == before
    assert list(folder.iterdir()) == [folder / "class.toml"]


def test_a_term(folder, capsys):
    path, text, page = (folder / name for name in ("class.toml", "handout.txt", "handout.html"))
    created = path.read_text("utf-8")
    assert main(["class", "add-users", "../roster.csv"]) == 0
    assert "Added 2 users" in capsys.readouterr().out
    assert path.read_text("utf-8").startswith(created)
    ada, bo = read_accounts_file(path).users
    assert (ada.name, ada.email, bo.name) == ("Ada Lovelace", "ada@example.org", "<b>Bo</b>")
    for handout in (text.read_text("utf-8"), html.unescape(page.read_text("utf-8"))):
        assert handout.index(ada.api_token) < handout.index(bo.api_token)
        url = "https://lab.example.org:8443/api"
        assert f'IBMQ.save_account("{bo.api_token}", url="{url}", overwrite=True)\n' in handout
        assert ada.name in handout
    assert "<b>" not in page.read_text("utf-8")
    assert "http" not in re.sub("https://lab.example.org:8443/", "", page.read_text("utf-8"))
    assert {mode(one) for one in (path, text, page)} == {0o600}

    (folder / "late.csv").write_text("Ada lovelace\nCleo\n", "utf-8")
    assert main(["class", "add-users", "late.csv"]) == 0
    printed = capsys.readouterr().out
    assert "Already in the class, with the same token as before: Ada lovelace." in printed
    assert "Added 1 user " in printed
    assert [user.name for user in read_accounts_file(path).users[2:]] == ["Cleo"]
    assert ada.api_token not in text.read_text("utf-8")

    assert main(["class", "new-token", "Ada Lovelace"]) == 0
    renewed = read_accounts_file(path).users[0]
    assert renewed.api_token != ada.api_token
    assert renewed.api_token in text.read_text("utf-8")
    assert main(["class", "remove-user", "Cleo"]) == 0
    assert [user.name for user in read_accounts_file(path).users] == [ada.name, bo.name]
    assert main(["class", "handout"]) == 0
    assert text.read_text("utf-8").count("Token: ") == 2

    capsys.readouterr()
    path.write_text(
        path.read_text("utf-8").replace("# ends", "ends")
        + '[[booking]]\nuser = "<b>Bo</b>"\ninstance = "ibm-q/open/main"\nbackend = "ibmq_vigo"\n'
        "start = 2030-05-04T10:00:00Z\nend = 2030-05-04T10:30:00Z\n",
        "utf-8",
    )
    assert main(["class", "list"]) == 0
    listed = capsys.readouterr().out
    assert "2 users, ends 2030-07-31" in listed
    assert "devices: 5, simulators: 20" in listed
    assert re.search(r"<b>Bo</b> +ibmq_vigo +2030-05-04 10:00:00", listed)
    assert main(["class", "list", "--json", "--class", str(folder)]) == 0
    listed += capsys.readouterr().out
    assert json.loads(listed[listed.index("{") :])["users"][0]["limits"]["devices"] == 5
    assert renewed.api_token not in listed
    assert read_accounts_file(path).admin_token not in listed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add-users", "../double.csv"], "line 3: 'Ada' is on line 2 too"),
        (["add-users", "../none.csv"], "cannot read the roster ../none.csv"),
        (["new-token", "Eve"], "the class has no user 'Eve'"),
        (["remove-user", "Eve"], "the class has no user 'Eve'"),
        (["handout", "Eve"], "The class has no user 'Eve'"),
        (["list", "--class", ".."], "there is no class.toml in "),
    ],
)
def test_mistakes_change_nothing(folder, capsys, arguments, says):
    (folder.parent / "double.csv").write_text("name\nAda\nAda\nBo\n", "utf-8")
    before = (folder / "class.toml").read_bytes()
    assert main(["class", *arguments]) == 1
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1
    assert (folder / "class.toml").read_bytes() == before
    assert list(folder.iterdir()) == [folder / "class.toml"]


@pytest.mark.parametrize(
    ("url", "is_plain"),
    [
        ("http://192.0.2.1:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1:8000", False),
    ],
)
def test_a_handout_permits_plain_http_where_programs_need_it(tmp_path, monkeypatch, url, is_plain):
    def check():
        check_address(f"{url}/api", NetworkSettings(allow_plain_http=is_plain_http_allowed()))

    monkeypatch.chdir(tmp_path)
    Path("roster.csv").write_text("Ada\n", "utf-8")
    assert main(["class", "new", "a", "--folder", "class", "--url", url]) == 0
    assert main(["class", "add-users", "roster.csv", "--class", "class"]) == 0
    program = Path("class/handout.txt").read_text("utf-8").split("In Python:")[1]
    monkeypatch.setenv("IBMQ_BACKEND_PLAIN_HTTP", "")
    with pytest.raises(IBMQAccountCredentialsInvalidUrl) if is_plain else nullcontext():
        check()
    exec(dedent(program.split("    from qiskit")[0]))
    check()
    assert os.environ["IBMQ_BACKEND_PLAIN_HTTP"] == ("allow" if is_plain else "")


def test_a_missing_dependency_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ibmq_backend.emulator.classroom.class_folder", None)
    assert main(["class", "new", "Physics"]) == 1
    assert find_extra("local").install_command in capsys.readouterr().err


def test_usage(capsys):
    assert main(["class"]) == 2
    assert main(["class", "list", "--url", "http://127.0.0.1:8000"]) == 2
    capsys.readouterr()
    assert main(["class", "--help"]) == 0
    assert "docs/class.md" in capsys.readouterr().out
