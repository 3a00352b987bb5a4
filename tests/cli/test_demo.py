"""The demo as users start it: in a process of its own."""

import os
import re
import subprocess
import sys

import pytest

from ibmq_backend.cli.__main__ import main
from ibmq_backend.cli.demo import _NEXT, _print_paragraph, local_service_only
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
    assert "Using the local emulator of the retired devices: No account" in " ".join(said.split())
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


@pytest.mark.parametrize(("columns", "longest"), [(40, 40), (200, 98)])
def test_text_fits_the_terminal(monkeypatch, capsys, columns, longest):
    monkeypatch.setenv("COLUMNS", str(columns))
    _print_paragraph("a " * 200)
    widths = [len(line) for line in capsys.readouterr().out.splitlines()]
    assert longest - 2 <= max(widths) <= longest
    assert max(map(len, _NEXT.splitlines())) <= 80


@pytest.mark.parametrize("before", [None, "auto"])
def test_demo_ignores_the_account_of_another_service(monkeypatch, before):
    monkeypatch.setenv("QE_TOKEN", "token-of-mine")
    monkeypatch.setenv("QE_URL", "http://127.0.0.1:9")
    if before is not None:
        monkeypatch.setenv("IBMQ_BACKEND_LOCAL", before)
    assert discover().target == "remote"
    with local_service_only() as notice:
        assert discover().target == "local"
        assert "does not use your account in QE_TOKEN and QE_URL" in notice
        assert "token-of-mine" not in notice
    assert os.environ.get("IBMQ_BACKEND_LOCAL") == before


def test_demo_without_an_account():
    with local_service_only() as notice:
        assert "No account was found" in notice
        assert "IBMQ_BACKEND_LOCAL" not in os.environ


def test_demo_fails_if_the_local_service_is_forbidden(monkeypatch, capsys):
    monkeypatch.setenv("IBMQ_BACKEND_LOCAL", "never")
    assert main(["demo"]) == 1
    printed = capsys.readouterr()
    assert "IBMQ_BACKEND_LOCAL=never" in printed.err
    assert printed.err.count("\n") == 1


def test_jobs_are_kept_between_commands(tmp_path, monkeypatch):
    monkeypatch.delenv("IBMQ_BACKEND_STORE")
    program = tmp_path / "one.qasm"
    program.write_text("OPENQASM 2.0; qreg q[1]; creg c[1]; measure q[0] -> c[0];")
    made = start("run", str(program), "--backend", "ibmq_vigo", "--no-wait")
    assert made.returncode == 0, made.stderr
    job_id = re.search(r"^job +(\w+)", made.stdout, re.MULTILINE)[1]
    found = start("result", job_id)
    assert found.returncode == 0, found.stderr
    assert re.search(r"^0 +\d+ +█+", found.stdout, re.MULTILINE)
