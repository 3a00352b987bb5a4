"""Both adapters have the same files and define the same names in them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

API = Path(__file__).parents[2] / "ibmq_backend" / "api"
FILES = {
    "__init__",
    "auth",
    "calls",
    "client",
    "filters",
    "hints",
    "instances",
    "jobs",
    "mapping",
    "payloads",
    "sessions",
    "submit",
}


def names_in(dialect, file):
    """The public names in a file without the name of the service."""
    tree = ast.parse((API / dialect / f"{file}.py").read_text(encoding="utf-8"))
    defined = (n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef))
    return {name.removeprefix(dialect.capitalize()) for name in defined if name[0] != "_"}


@pytest.mark.parametrize("dialect", ["classic", "platform"])
def test_both_adapters_have_the_same_files(dialect):
    assert {path.stem for path in (API / dialect).iterdir() if path.suffix == ".py"} == FILES
    assert [p.name for p in (API / dialect).iterdir() if p.is_dir()] in ([], ["__pycache__"])


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("auth", {"ServiceClient"}),
        ("calls", {"Calls"}),
        ("client", {"AccountClient"}),
        ("hints", {"hint_for_code", "add_hint"}),
        ("jobs", {"JobReader"}),
        ("mapping", {"job_record", "status_record"}),
        ("payloads", {"job_request"}),
        ("sessions", {"Sessions"}),
    ],
)
def test_both_adapters_define_the_same_names_in_the_same_files(file, names):
    assert names <= names_in("classic", file) & names_in("platform", file)
