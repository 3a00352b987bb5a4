"""The installation, also one where Qiskit or httpx cannot be imported, and no secret of any."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ibmq_backend.doctor.environment import VARIABLES, examine
from ibmq_backend.installation.commands import reinstall_command
from ibmq_backend.installation.extras import complete_extras

CANARY = "canary0123456789abcdefCANARY0123456789abcdef"
EXAMINE = "import json; from ibmq_backend.doctor.environment import examine; " + (
    "print(json.dumps(examine(online=True).to_json()))"
)
KEYS = {
    "ok", "findings", "python", "packages", "owners", "extras", "accounts", "account_in_use",
    "variables", "adaptation", "store", "service",
}  # fmt: skip
CLASSIC = "http://127.0.0.1:9/api"


def spoiled(folder, name, text):
    """Examine in a process that imports this text instead of a package."""
    (folder / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", EXAMINE], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_this_installation_is_in_order():
    report = examine().to_json()
    assert report["ok"], report["findings"]
    assert set(report) == KEYS
    assert report["python"]["ok"]
    assert all(row["ok"] for row in report["packages"])
    assert {row["name"] for row in report["owners"]} >= {"ibmq-backend", "qiskit-terra"}
    assert {row["name"] for row in report["extras"]} >= {"local", "notebook", "visualization"}
    assert report["account_in_use"].startswith("IBMQ.load_account() uses the local emulator")
    assert report["adaptation"] == {
        "terra": "0.46.3",
        "tested_with": "0.46.3",
        "switched_off": False,
        "startup_file": True,
        "at_import": True,
        "ok": True,
    }
    assert report["service"] == {"tested": False, "reachable": None, "status": None}


def test_adaptation_that_is_switched_off_or_late(monkeypatch):
    monkeypatch.delitem(sys.modules, "_ibmq_backend_startup")
    report = examine()
    assert [row.topic for row in report.problems] == ["adaptation"]
    assert report.is_in_order
    assert not report.adaptation["ok"]
    monkeypatch.setenv("IBMQ_BACKEND_ADAPT", "never")
    report = examine()
    assert report.problems == []
    assert report.adaptation["switched_off"]


def test_it_works_when_qiskit_cannot_be_imported(tmp_path):
    report = spoiled(tmp_path, "qiskit.py", "raise NameError('spoiled')")
    assert not report["ok"]
    assert set(report) == KEYS
    assert [row["topic"] for row in report["findings"]] == ["qiskit folder", "accounts"]
    assert report["account_in_use"] is None
    assert report["store"]["chosen_by"]


def test_it_works_when_httpx_cannot_be_imported(tmp_path):
    report = spoiled(tmp_path, "httpx.py", "raise ImportError('spoiled')")
    (finding,) = report["findings"]
    assert finding["problem"] == "httpx cannot be imported: ImportError: spoiled."
    assert finding["remedy"] == reinstall_command(["httpx"], complete_extras())
    assert report["account_in_use"]


@pytest.fixture
def secrets_everywhere(monkeypatch, clean_account):
    """Put the canary into every source of accounts and every variable."""
    for name in VARIABLES - {"IBMQ_BACKEND_LOCAL", "IBMQ_BACKEND_STORE", "QE_URL"}:
        monkeypatch.setenv(name, CANARY)
    monkeypatch.setenv("QE_URL", f"http://user:{CANARY}@127.0.0.1:9/api?access_token={CANARY}")
    monkeypatch.setenv("IBMQ_BACKEND_STORE", f"postgresql://user:{CANARY}@127.0.0.1/jobs")
    monkeypatch.setenv("IBMQ_BACKEND_OWN", CANARY)
    monkeypatch.setenv("HTTP_PROXY", f"http://user:{CANARY}@127.0.0.1:9")
    folder = clean_account / ".qiskit"
    folder.mkdir()
    (folder / "qiskitrc").write_text(f"[ibmq]\ntoken = {CANARY}\nurl = {CLASSIC}\n")
    official = {"default": {"channel": "ibm_cloud", "token": CANARY, "instance": f"crn:{CANARY}"}}
    (folder / "qiskit-ibm.json").write_text(json.dumps(official))


@pytest.mark.parametrize("left_out", ["", "QE_TOKEN", "QE_TOKEN QISKIT_IBM_TOKEN"])
def test_no_secret_is_shown(secrets_everywhere, monkeypatch, left_out):
    for name in left_out.split():
        monkeypatch.delenv(name)
    report = json.dumps(examine(online=True).to_json())
    assert CANARY not in report
    assert "qiskitrc" in report


def test_a_token_of_any_form_is_not_shown(monkeypatch, clean_account):
    token = "my-own-words"
    folder = clean_account / ".qiskit"
    folder.mkdir()
    (folder / "qiskitrc").write_text(f"[ibmq]\ntoken = {token}\nurl = {CLASSIC}\n")
    for name in ("QE_TOKEN", "QISKIT_IBM_TOKEN", "IBMQ_BACKEND_ADMIN_TOKEN", "IBMQ_BACKEND_OWN"):
        monkeypatch.setenv(name, token)
    monkeypatch.setenv("QE_URL", f"http://user:{token}@127.0.0.1:9/api?access_token={token}")
    monkeypatch.setenv("IBMQ_BACKEND_STORE", f"postgresql://user:{token}@127.0.0.1/jobs")
    assert token not in json.dumps(examine(online=True).to_json())


def test_an_account_that_cannot_be_used_is_a_finding(monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    report = examine().to_json()
    (finding,) = report["findings"]
    assert finding["topic"] == "accounts"
    assert finding["severity"] == "error"


def test_a_variable_that_is_malformed_is_a_finding(monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "perhaps")
    (finding,) = examine().to_json()["findings"]
    assert finding["topic"] == "accounts"
    assert "IBMQ_BACKEND_LOCAL is 'perhaps'" in finding["problem"]


def test_a_store_that_is_not_valid_is_a_finding(monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_STORE", "off")
    (finding,) = examine().to_json()["findings"]
    assert finding["remedy"] == "unset IBMQ_BACKEND_STORE"


def test_a_variable_of_no_use_is_a_warning(monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_STROE", "memory")
    report = examine()
    assert report.is_in_order
    assert report.verdict == "in order; 1 warning"


def test_the_service_is_asked_only_if_wanted(monkeypatch):
    monkeypatch.setenv("QE_TOKEN", CANARY)
    monkeypatch.setenv("QE_URL", CLASSIC)
    assert examine().is_in_order
    report = examine(online=True).to_json()
    assert report["service"] == {"tested": True, "reachable": False, "status": None}
    (finding,) = report["findings"]
    assert finding["problem"].startswith(f"{CLASSIC} does not answer: ")


def test_every_variable_that_is_read_is_known():
    package = Path(sys.modules["ibmq_backend"].__file__).parent
    read = {
        word
        for path in package.rglob("*.py")
        for word in path.read_text().replace('"', " ").replace("=", " ").split()
        if re.fullmatch(r"IBMQ_BACKEND_[A-Z_]*[A-Z]", word)
    }
    assert read - VARIABLES <= {"IBMQ_BACKEND_PYTHON", "IBMQ_BACKEND_STREAM"}
