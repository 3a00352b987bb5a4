"""The command ``ibmq-backend account``."""

import io
import json
import os
import pty
import subprocess
import sys

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.credentials import discover, stored_account

ACCOUNT = "0123456789abcdef0123456789abcdef"
CRN = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{ACCOUNT}:1111-2222::"
SHOWN_CRN = CRN.replace(ACCOUNT, "...")
KEY = "Ab1_-" * 8 + "Ab1_"
SERVER = "http://127.0.0.1:1/api"


@pytest.fixture
def account(capsys, monkeypatch):
    """Run a command with a text as standard input; return status, output and errors."""

    def run(*arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = main(["account", *arguments])
        printed = capsys.readouterr()
        for secret in (KEY, ACCOUNT, "course token"):
            assert secret not in printed.out + printed.err
        return status, printed.out, printed.err

    return run


@pytest.fixture
def two(account):
    assert account("save", "--instance", CRN, stdin=f"{KEY}\n")[0] == 0
    saved = account(
        *("save", "--url", SERVER, "--instance", "uni/maths/course", "--overwrite"),
        stdin="course token",
    )
    assert saved[0] == 0
    assert "used instead of the account in ~/.qiskit/ibmq_backend.json" in saved[1]


def rows(account):
    status, out, _ = account("list", "--json")
    assert status == 0
    return json.loads(out)


def test_no_account(account):
    status, out, _ = account("list")
    assert status == 0
    assert out.startswith("IBMQ.load_account() uses the local emulator: No account was found")
    assert rows(account) == []


def test_list(account, two, monkeypatch):
    monkeypatch.setenv("QE_TOKEN", "course token")
    monkeypatch.setenv("QE_URL", "https://auth.quantum-computing.ibm.com/api")
    variable, qiskitrc, saved = rows(account)
    assert variable["name"] == "QE_TOKEN"
    assert (variable["usable"], variable["used"]) == (False, False)
    assert "switched off" in variable["why"]
    assert qiskitrc == {
        "name": "qiskitrc",
        "source": "~/.qiskit/qiskitrc",
        "dialect": "classic",
        "service": SERVER,
        "instance": "uni/maths/course",
        "usable": True,
        "used": True,
        "why": "IBMQ.load_account() uses it.",
    }
    assert saved["instance"] == SHOWN_CRN
    assert saved["why"] == "The account in ~/.qiskit/qiskitrc comes first."
    status, out, _ = account("list")
    assert status == 0
    assert [line for line in out.splitlines() if not line.startswith("     ")] == [
        "   QE_TOKEN",
        "-> qiskitrc",
        "   ibmq_backend",
        "IBMQ.load_account() uses the account in ~/.qiskit/qiskitrc.",
    ]
    assert f"     ~/.qiskit/qiskitrc, {SERVER}, uni/maths/course\n" in out
    assert f", {SHOWN_CRN}\n" in out


def test_list_with_a_malformed_file(account, two, home):
    (home / ".qiskit" / "qiskitrc").write_text("course token\n")
    qiskitrc = rows(account)[1]
    assert (qiskitrc["service"], qiskitrc["usable"]) == (None, False)
    assert "~/.qiskit/qiskitrc, line 1: a section header" in qiskitrc["why"]
    assert account("list")[0] == 0


def test_use(account, two):
    status, out, _ = account("use", "ibmq_backend")
    assert (status, out) == (
        0,
        "ibmq_backend comes first of the stored accounts. "
        "IBMQ.load_account() uses the account in ~/.qiskit/ibmq_backend.json.\n",
    )
    assert discover().credentials.token == stored_account().token == KEY
    status, _, err = account("use", "qiskit-ibm")
    assert status == 1
    assert "No stored account is named 'qiskit-ibm'. Stored: ibmq_backend, qiskitrc." in err


def test_use_names_a_variable_that_comes_first(account, two, monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", KEY)
    out = account("use", "ibmq_backend")[1]
    assert "IBMQ.load_account() uses the account in QISKIT_IBM_TOKEN." in out


def test_a_token_as_an_argument_is_not_repeated(capsys):
    assert main(["account", "save", KEY]) == 2
    printed = capsys.readouterr().err
    assert "unrecognized arguments" in printed
    assert KEY not in printed


def test_delete(account, two, capsys):
    status, out, _ = account("delete", "qiskitrc")
    assert status == 0
    assert out == (
        "qiskitrc is deleted. Stored accounts left: ibmq_backend. "
        "IBMQ.load_account() uses the account in ~/.qiskit/ibmq_backend.json.\n"
    )
    out = account("delete", "ibmq_backend")[1]
    assert "Stored accounts left: none. IBMQ.load_account() uses the local emulator" in out
    assert account("delete", "ibmq_backend")[0] == 1
    assert account("delete")[0] == 2


def test_save_needs_overwrite(account, two):
    status, _, err = account("save", stdin="new")
    assert status == 1
    assert "already stored in ~/.qiskit/ibmq_backend.json; --overwrite replaces it." in err
    assert discover().credentials.token == "course token"


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ((), "", "Standard input is empty. Enter the API key when asked"),
        (("--url", SERVER), "\n", "Standard input is empty. Enter the token when asked"),
        (("--token-env", "NOT_SET"), KEY, "The environment variable NOT_SET is not set."),
        ((), CRN, "an instance, not an API key"),
        (("--instance", KEY), KEY, "instance is an API key"),
        (("--instance", "ibm-q/open/main"), KEY, "has no hubs. Add --url"),
        (("--instance", f"crn:v1:a/{ACCOUNT}"), KEY, "not a valid CRN"),
    ],
)
def test_what_cannot_be_saved(account, arguments, stdin, says):
    status, _, err = account("save", *arguments, stdin=stdin)
    assert status == 1
    assert says in err
    assert err.count("\n") == 1
    assert stored_account() is None


def test_key_in_a_variable(account, monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    status, out, _ = account("save", "--token-env", "MY_KEY")
    assert (status, out) == (
        0,
        "The account is saved. IBMQ.load_account() uses the account in "
        "~/.qiskit/ibmq_backend.json.\n",
    )
    assert stored_account().token == KEY
    assert stored_account().dialect == "platform"


@pytest.mark.integration
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal")
def test_key_entered_on_a_terminal_is_not_shown(home):
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ibmq_backend.cli", "account", "save"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "HOME": str(home)},
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while b"(not shown): " not in shown:
        shown += os.read(mine, 1000)
    os.write(mine, f"{KEY}\n".encode())
    try:
        while piece := os.read(mine, 1000):
            shown += piece
    except OSError:  # the end of the terminal
        pass
    os.close(mine)
    assert process.wait(60) == 0
    assert b"API key (not shown): " in shown
    assert KEY.encode() not in shown
    assert stored_account().token == KEY
