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

from ibmq_backend.api.connect import connect
from ibmq_backend.credentials import Credentials
from ibmq_backend.testing.official_client import INSTANCE, running_server
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


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return the variables that name an emulator, on which a new account has been opened."""
    key = "k" * 44
    with running_server("", tmp_path_factory.mktemp("server")) as root:
        service = connect(Credentials(key, f"{root}/api", instance=INSTANCE))
        instance, *_ = service.instances()
        service.close()
        yield {
            "QISKIT_IBM_TOKEN": key,
            "QISKIT_IBM_INSTANCE": instance.id.crn,
            "QISKIT_IBM_URL": f"{root}/api",
            "IAM_URL": root,
            "QE_TOKEN": key,
            "QE_URL": f"{root}/api",
        }


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        ("sampler_job", r"job \w+ on ibm_\w+\nCounter\({'0x[01]': \d+, '0x[01]': \d+}\)\n"),
        ("sampler_jobs_at_once", r"(ibm_\w+ Counter\({'0x[01]': \d+, '0x[01]': \d+}\)\n){3}"),
        ("classic_job", r"ibm\w+ {.*'0x1': \d+.*}\n"),
    ],
)
def test_the_bindings_run_alone(environment, tmp_path, server, program, printed):
    # Neither this package nor Qiskit can be imported.
    alone = "import runpy, sys; sys.modules |= {'ibmq_backend': None, 'qiskit': None}; "
    alone += "sys.path[:0] = [sys.argv[1]]; runpy.run_path(sys.argv[2], run_name='__main__')"
    folder = EXAMPLES / "bindings"
    found = run(["-c", alone, folder, folder / f"{program}.py"], environment | server, tmp_path)
    assert re.fullmatch(printed, found)


def test_the_page_of_the_bindings_shows_these_programs():
    page = (EXAMPLES.parent / "docs/bindings.md").read_text()
    programs = [path.read_text() for path in sorted((EXAMPLES / "bindings").glob("*.py"))]
    shown = [block.split("```")[0] for block in page.split("```python\n")[1:]]
    assert len(shown) == 4
    for block in shown:
        assert sum(block in program for program in programs) == 1
