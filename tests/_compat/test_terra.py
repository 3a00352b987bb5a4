"""Only the tested version of Terra is adapted."""

import ast
import importlib.util
import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import qiskit

import ibmq_backend
from ibmq_backend._compat.terra import TESTED_VERSION, USED_INTERNALS

PACKAGE = Path(ibmq_backend.__file__).parent
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
PUBLIC = {
    "qiskit",
    *(
        "qiskit." + name
        for name in ["circuit", "compiler", "exceptions", "providers", "pulse", "qobj"]
    ),
    *("qiskit." + name for name in ["quantum_info", "result", "transpiler", "utils"]),
    *("qiskit.circuit." + name for name in ["exceptions", "library", "random"]),
    *("qiskit.providers." + name for name in ["exceptions", "jobstatus", "models"]),
    *("qiskit.visualization", "qiskit_aer", "qiskit_aer.library", "qiskit_aer.noise"),
}
"""Documented modules of Terra and Aer; other modules may move in a later version."""


def test_the_tested_version_is_required_and_installed():
    required = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    assert f"qiskit=={TESTED_VERSION}" in required
    assert metadata.version("qiskit-terra") == TESTED_VERSION


PROGRAM = """
import sys
{before}
import qiskit
from qiskit.circuit.random import random_circuit
def show():
    try:
        random_circuit(n_qubits=2, depth=1)
        print("adapted")
    except TypeError:
        print("as it was")
    print(hasattr(qiskit.QuantumCircuit, "u3"), "ibmq_backend._compat.replacing" in sys.modules)
show()
{after}
import qiskit.providers.ibmq
from ibmq_backend._compat.terra import adapt_terra
adapt_terra()
show()
"""
WITHOUT_STARTUP_FILE = "del sys.meta_path[0]"


def run(before="", after="", **variables):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM.format(before=before, after=after)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr.splitlines()


def test_another_version_on_the_path_is_not_adapted(tmp_path):
    copy = tmp_path / "qiskit"
    copy.mkdir()
    for path in Path(qiskit.__file__).parent.iterdir():
        (copy / path.name).symlink_to(path)
    (copy / "VERSION.txt").unlink()
    (copy / "VERSION.txt").write_text("0.45.3")
    lines, (notice,) = run(PYTHONPATH=str(tmp_path))
    assert lines == ["as it was", "False False"] * 2
    assert f"{copy} is imported instead of the installed Qiskit" in notice


@pytest.mark.parametrize("version", ["0.45.3", "1.0.0"])
def test_another_imported_version_is_not_adapted_with_one_notice(version):
    lines, notices = run(WITHOUT_STARTUP_FILE, f"qiskit.__version__ = {version!r}")
    assert lines == ["as it was", "False False"] * 2
    assert notices == [
        f"Terra {version} is imported, but only {TESTED_VERSION} is adapted to old programs. "
        "Remove it from the import path."
    ]


def test_the_tested_version_is_adapted_when_it_is_imported():
    assert run() == (["adapted", "True True"] * 2, [])


def test_a_variable_leaves_terra_as_it_is():
    assert run(IBMQ_BACKEND_ADAPT="never")[0] == ["as it was", "False False"] * 2


def test_without_the_startup_file_terra_is_adapted_at_the_first_use():
    expected = ["as it was", "False False", "adapted", "True True"]
    assert run(WITHOUT_STARTUP_FILE) == (expected, [])


@pytest.mark.parametrize("name", sorted(USED_INTERNALS))
def test_listed_names_exist(name):
    assert importlib.util.find_spec(f"ibmq_backend.{name}") is not None


def modules_using_internals():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            else:
                continue
            if any(
                name.split(".")[0] in ("qiskit", "qiskit_aer") and name not in PUBLIC
                for name in names
            ):
                yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def test_modules_that_import_internals_are_listed():
    found = set(modules_using_internals())
    assert "job.input" in found  # the search finds what it looks for
    listed = tuple(f"{name}." for name in USED_INTERNALS)  # a package stands for its modules
    assert [name for name in sorted(found) if not f"{name}.".startswith(listed)] == []


def test_uninstalling_removes_the_startup_files():
    recorded = {str(file) for file in metadata.files("ibmq-backend")}
    assert {"ibmq_backend.pth", "_ibmq_backend_startup.py"} <= recorded
