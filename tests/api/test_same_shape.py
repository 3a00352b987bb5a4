"""Who knows one adapter knows the other: the same files, the same classes in the same places."""

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
    "submit",
}


def names_in(dialect, file):
    """The public names that a file defines, without the name of its dialect."""
    tree = ast.parse((API / dialect / f"{file}.py").read_text(encoding="utf-8"))
    defined = (n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef))
    return {name.removeprefix(dialect.capitalize()) for name in defined if name[0] != "_"}


@pytest.mark.parametrize("dialect", ["classic", "platform"])
def test_an_adapter_has_these_files_and_no_others(dialect):
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
    ],
)
def test_what_both_have_is_called_alike_and_stands_in_the_same_file(file, names):
    assert names <= names_in("classic", file) & names_in("platform", file)
