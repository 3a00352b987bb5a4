"""The demo as users start it: in a process of its own."""

import os
import re
import subprocess
import sys

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.cli.demo import kept_here
from ibmq_backend.cli.documented_program import DOCUMENTED_PROGRAM
from ibmq_backend.credentials import discover


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ibmq_backend.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_documented_program_runs_with_no_account():
    done = start("demo")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "".join(f"  {line}\n" for line in DOCUMENTED_PROGRAM.splitlines() if line) in (
        re.sub(r"\n\s*\n", "\n", done.stdout)
    )
    said = done.stdout.split("What happened")[1]
    assert "Notice: Using the local emulator" in " ".join(said.split())
    assert "ibmq_vigo" in said
    assert re.search(r"snapshot +calibrated 20\d\d-\d\d-\d\d", said)
    first, second = said.split("The same circuit with measure_all()")
    assert re.search(r"status +ERROR", first)
    assert re.search(r"status +DONE", second)
    assert "measure" in first
    for part in (first, second):
        assert re.search(r"job +[0-9a-f]{24}", part)
        assert re.search(r"\d\d:\d\d:\d\d\.\d{3}", part)
    rows = re.findall(r"^  ([01]{5}) +(\d+)", second, re.MULTILINE)
    assert 1 <= len(rows) <= 12
    assert "ibmq-backend run" in second


@pytest.mark.parametrize("before", [None, "auto"])
def test_account_elsewhere_is_left_alone(monkeypatch, before):
    monkeypatch.setenv("QE_TOKEN", "token-of-mine")
    monkeypatch.setenv("QE_URL", "http://127.0.0.1:9")
    if before is not None:
        monkeypatch.setenv("IBMQ_BACKEND_LOCAL", before)
    assert discover().place == "remote"
    with kept_here() as said:
        assert discover().place == "local"
        assert "account in QE_TOKEN and QE_URL is left alone" in said
        assert "token-of-mine" not in said
    assert os.environ.get("IBMQ_BACKEND_LOCAL") == before


def test_nothing_is_changed_without_an_account():
    with kept_here() as said:
        assert said is None
        assert "IBMQ_BACKEND_LOCAL" not in os.environ


def test_emulator_forbidden(monkeypatch, capsys):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    assert main(["demo"]) == 1
    printed = capsys.readouterr()
    assert "IBMQ_BACKEND_LOCAL=never" in printed.err
    assert printed.err.count("\n") == 1


def test_jobs_outlive_the_process(tmp_path):
    program = tmp_path / "one.qasm"
    program.write_text("OPENQASM 2.0; qreg q[1]; creg c[1]; measure q[0] -> c[0];")
    made = start("run", str(program), "--backend", "ibmq_vigo", "--no-wait")
    assert made.returncode == 0, made.stderr
    job_id = re.search(r"^job +(\w+)", made.stdout, re.MULTILINE)[1]
    found = start("result", job_id)
    assert found.returncode == 0, found.stderr
    assert re.search(r"^0 +\d+ +█+", found.stdout, re.MULTILINE)
