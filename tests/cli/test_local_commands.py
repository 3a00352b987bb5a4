"""The commands with the local emulator, which runs once for all tests of this module."""

import json
import re
from pathlib import Path

import pytest

from ibmq_backend.account import local
from ibmq_backend.cli.__main__ import main

pytestmark = pytest.mark.integration

BELL = """\
OPENQASM 2.0;
include "qelib1.inc";
qreg q[2]; creg c[2];
h q[0]; cx q[0], q[1];
measure q -> c;
"""


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(folder))
        patch.setattr(Path, "home", staticmethod(lambda: folder))
        for name in ("QE_TOKEN", "QE_URL", "QISKIT_IBM_TOKEN", "IBMQ_BACKEND_LOCAL"):
            patch.delenv(name, raising=False)
        local.stop()
        yield folder
        local.stop()


@pytest.fixture(scope="module")
def bell(home):
    path = home / "bell.qasm"
    path.write_text(BELL)
    return str(path)


@pytest.fixture
def ask(capsys):
    """Run a command with --json and return what it printed."""

    def asked(*arguments):
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return asked


@pytest.fixture
def fails(capsys):
    """Run a command that fails and return its one line."""

    def failed(*arguments):
        assert main(list(arguments)) == 1
        printed = capsys.readouterr()
        notice, line = printed.err.splitlines()
        assert notice.startswith("Local emulator. ")
        assert len(notice) <= 160
        assert line.startswith("ibmq-backend: ")
        return line

    return failed


def test_backends(ask, capsys):
    found = {row["name"]: row for row in ask("backends")}
    assert found["ibmq_vigo"]["qubits"] == 5
    assert found["ibmq_vigo"]["kind"] == "device"
    assert found["ibmq_qasm_simulator"]["kind"] == "simulator"
    assert main(["backends"]) == 0
    printed = capsys.readouterr()
    assert re.search(r"^ibmq_vigo +5 +device +8192 +75$", printed.out, re.MULTILINE)
    assert printed.err.startswith("Local emulator. No account was found")


def test_status(ask):
    found = ask("status", "ibmq_vigo")
    assert found["operational"] is True
    assert found["pending_jobs"] == 0
    assert found["calibrated"].startswith("20")
    assert "emulated" in found["place"]


def test_run_and_show_the_job(ask, bell, capsys):
    made = ask("run", bell, "--backend", "ibmq_vigo", "--shots", "500", "--seed", "7")
    assert made["status"] == "DONE"
    (circuit,) = made["circuits"]
    assert circuit["shots"] == sum(circuit["counts"].values()) == 500
    assert circuit["counts"]["00"] + circuit["counts"]["11"] > 400
    assert ask("result", made["job"]) == made
    again = ask("run", bell, "--backend", "ibmq_vigo", "--shots", "500", "--seed", "7")
    assert again["circuits"] == made["circuits"]
    known = ask("job", made["job"])
    assert (known["status"], known["backend"], known["error"]) == ("DONE", "ibmq_vigo", None)
    assert "COMPLETED" in known["steps"]
    listed = ask("jobs", "--backend", "ibmq_vigo", "--limit", "2")
    assert [row["id"] for row in listed] == [again["job"], made["job"]]
    assert ask("jobs", "--backend", "ibmq_rome") == []
    assert main(["result", made["job"]]) == 0
    printed = capsys.readouterr().out
    assert made["job"] in printed
    assert re.search(r"^00 +\d+ +█+", printed, re.MULTILINE)
    assert main(["job", made["job"]]) == 0
    assert "step COMPLETED" in capsys.readouterr().out


def test_run_without_waiting(ask, bell):
    made = ask("run", bell, "--backend", "ibmq_qasm_simulator", "--no-wait")
    assert set(made) == {"job", "status"}
    assert ask("result", made["job"])["status"] == "DONE"


def test_cancel_after_the_end(ask, bell, fails):
    made = ask("run", bell, "--backend", "ibmq_qasm_simulator")
    assert "it is DONE" in fails("cancel", made["job"])


def test_unknown_names(fails, bell):
    assert "ibmq_vigo" in fails("status", "ibmq_vigoo")
    assert "ibmq_vigo" in fails("run", bell, "--backend", "ibmq_vigoo")
    assert "ibmq_vigo" in fails("jobs", "--backend", "ibmq_vigoo")
    assert "no-such-job" in fails("job", "no-such-job")


def test_too_many_shots(fails, bell):
    assert "8192" in fails("run", bell, "--backend", "ibmq_vigo", "--shots", "8193")


def test_circuit_without_measurements(fails, home):
    path = home / "none.qasm"
    path.write_text('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];')
    assert "measure" in fails("run", str(path), "--backend", "ibmq_vigo")
