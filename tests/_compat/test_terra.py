"""One version of Terra was tried; any other is left as it is."""

import ast
import importlib.util
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import ibmq_backend
from ibmq_backend._compat.terra import KNOWN_INSIDE, TRIED_VERSION

PACKAGE = Path(ibmq_backend.__file__).parent
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
PUBLIC = {
    "qiskit",
    *(
        "qiskit." + name
        for name in ["circuit", "compiler", "exceptions", "providers", "pulse", "qobj"]
    ),
    *("qiskit." + name for name in ["quantum_info", "result", "utils", "visualization"]),
    *("qiskit.circuit." + name for name in ["exceptions", "library", "random"]),
    *("qiskit.providers." + name for name in ["exceptions", "jobstatus", "models"]),
    *("qiskit_aer", "qiskit_aer.library", "qiskit_aer.noise"),
}
"""Modules that Terra and Aer document; what is imported from others is theirs to move."""


def test_the_tried_version_is_the_required_one_and_here():
    required = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    assert f"qiskit=={TRIED_VERSION}" in required
    assert metadata.version("qiskit-terra") == TRIED_VERSION


PROGRAM = """
import logging, sys, warnings
import qiskit
from qiskit.circuit.random import random_circuit
qiskit.__version__ = {version!r}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", UserWarning)
    import qiskit.providers.ibmq
    from ibmq_backend._compat.terra import adapt_terra
    adapt_terra()
try:
    random_circuit(n_qubits=2, depth=1)
    print("adapted")
except TypeError:
    print("as it was")
print(hasattr(qiskit.QuantumCircuit, "u3"), "ibmq_backend._compat.replacing" in sys.modules)
for one in caught:
    if one.category is UserWarning:
        print(one.message)
"""


def run(version):
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PROGRAM.format(version=version)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("version", ["0.45.3", "0.46.0", "1.0.0"])
def test_another_version_is_left_alone_and_one_notice_says_so(version):
    lines = run(version)
    assert lines[:2] == ["as it was", "False False"]
    assert lines[2:] == [
        f"Terra {version} is installed, and old programs were tried with {TRIED_VERSION} only: "
        "nothing in Terra is adapted to them. "
        f"`pip install qiskit=={TRIED_VERSION}` changes that."
    ]


def test_the_tried_version_is_adapted_without_a_word():
    assert run(TRIED_VERSION) == ["adapted", "True True"]


@pytest.mark.parametrize("name", sorted(KNOWN_INSIDE))
def test_what_is_listed_is_there(name):
    assert importlib.util.find_spec(f"ibmq_backend.{name}") is not None


def reaching_inside():
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


def test_modules_that_import_from_the_inside_are_listed():
    found = set(reaching_inside())
    assert "job.input" in found  # the search finds what it looks for
    assert found <= set(KNOWN_INSIDE)
