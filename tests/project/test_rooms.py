"""The docstring of every package is a map: it names every module and package in it."""

import ast
from pathlib import Path

import pytest

import ibmq_backend

PACKAGE = Path(ibmq_backend.__file__).parent
PACKAGES = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
GENERATED = {"_routes", "_aliases"}
"""Modules that nobody edits need no place on a map."""


def rooms(package: Path) -> set[str]:
    """The names of what is in a package."""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    return modules | {path.parent.name for path in package.glob("*/__init__.py")}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_map_names_every_room(package):
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    text = ast.get_docstring(tree) or ""
    assert {name for name in rooms(package) - GENERATED if f"``{name}``" not in text} == set()


def test_the_search_finds_rooms():
    assert {"api", "job", "emulator", "exceptions"} <= rooms(PACKAGE)
