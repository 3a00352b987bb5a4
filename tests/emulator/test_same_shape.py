"""Both emulated services have the same files and interface."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from ibmq_backend.emulator import classic, platform
from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.dialects import Dialects

PARTS = {
    "__init__.py", "_routes.py", "binding.py", "dialect.py", "documents", "errors.py", "filters",
    "handlers", "jobs", "requests.py", "state",
}  # fmt: skip
OF_BOTH = {
    "documents": {"jobs.py"},
    "filters": {"job_lists.py"},
    "handlers": {"backends.py", "jobs.py"},
    "jobs": {"kind.py"},
    "state": {"state.py"},
}


def names_in(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir() if one.name != "__pycache__"}


@pytest.mark.parametrize("package", [classic, platform], ids=["classic", "platform"])
def test_the_files_of_a_dialect(package) -> None:
    folder = Path(package.__file__).parent
    assert names_in(folder) == PARTS
    for part, needed in OF_BOTH.items():
        assert names_in(folder / part) >= needed | {"__init__.py"}


@pytest.mark.parametrize(("name", "dialect"), get_type_hints(Dialects).items())
def test_the_class_of_a_dialect(name: str, dialect: type[Any]) -> None:
    assert dialect.__module__ == f"ibmq_backend.emulator.{name}.dialect"
    assert Dialect in dialect.__mro__
    assert dialect.name == name
    for method, described in inspect.getmembers(Dialect, inspect.isfunction):
        if not method.startswith("_"):
            own = inspect.signature(getattr(dialect, method))
            assert list(own.parameters) == list(inspect.signature(described).parameters), method
