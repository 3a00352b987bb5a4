"""The programs in examples/ run as they are, each as its user starts it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support.secret_files import write_secret

EXAMPLES = Path(__file__).parents[2] / "examples"
TIMEOUT_SECONDS = 240
pytestmark = pytest.mark.integration


@pytest.fixture
def environment(tmp_path):
    """Return the environment of a user without an account, who sees every warning."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return own | {"HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}


def run(arguments, environment, cwd):
    """Return the output of a Python process that succeeds."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_the_first_program_prints_counts(environment, tmp_path):
    program = (EXAMPLES / "first_counts.py").read_text()
    first_block = (EXAMPLES.parent / "README.md").read_text().split("```python\n")[1]
    assert first_block.split("```")[0] in program
    counts = ast.literal_eval(run([EXAMPLES / "first_counts.py"], environment, tmp_path))
    assert sum(counts.values()) == 1024
    assert counts["00"] + counts["11"] > 870


def test_the_old_notebook_runs_and_shows_its_pictures(environment, tmp_path, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(EXAMPLES / "old_notebook.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    NotebookClient(
        notebook, timeout=TIMEOUT_SECONDS, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = [
        [output["data"].keys() for output in cell.get("outputs", ()) if "data" in output]
        for cell in notebook.cells
    ]
    assert [len(data) for data in shown if data] == [1] * 5  # no picture twice
    assert sum("image/png" in kinds for data in shown for kinds in data) == 2
    assert sum("text/html" in kinds for data in shown for kinds in data) == 3


def test_the_class_serves_its_students(environment, tmp_path):
    accounts = write_secret(
        tmp_path / "class.toml", (EXAMPLES / "classroom/class.toml").read_text()
    )
    teacher, ada, bob = re.findall(r'token = "(.+)"', accounts.read_text())
    cli = ["-m", "ibmq_backend.cli"]
    serving = ["serve", "--port", "0", "--accounts", accounts, "--store", tmp_path / "jobs.sqlite"]
    server = subprocess.Popen(
        [sys.executable, *map(str, [*cli, *serving])],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        url = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())[0]
        for token in (ada, bob):
            student = environment | {"QE_TOKEN": token, "QE_URL": f"{url}/api"}
            printed = run([EXAMPLES / "classroom/student.py"], student, tmp_path)
            assert "My jobs: ['exercise-1']" in printed
        admin = environment | {"IBMQ_BACKEND_ADMIN_TOKEN": teacher}
        run([*cli, "admin", "jobs", "--url", url], admin, tmp_path)
    finally:
        server.kill()
        server.communicate(timeout=TIMEOUT_SECONDS)


def test_the_test_suite_of_a_user_passes(environment, tmp_path):
    own = [*environment.items(), ("PYTHONDONTWRITEBYTECODE", "1")]
    printed = run(
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        dict(own),
        EXAMPLES / "test_suite",
    )
    assert "3 passed" in printed
