"""The docstring of every package names all its modules and packages."""

import ast
from pathlib import Path

import pytest

import ibmq_backend

PACKAGE = Path(ibmq_backend.__file__).parent
PACKAGES = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
GENERATED = {"_routes", "_aliases"}
"""Generated modules need not be named."""


def parts_of(package: Path) -> set[str]:
    """Return the names of the modules and packages in a package."""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    return modules | {path.parent.name for path in package.glob("*/__init__.py")}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_part_is_named(package):
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    text = ast.get_docstring(tree) or ""
    assert {name for name in parts_of(package) - GENERATED if f"``{name}``" not in text} == set()


def test_parts_are_found():
    assert {"api", "job", "emulator", "exceptions"} <= parts_of(PACKAGE)
