"""Leave out slow tests and tests that start a process or a server: ``scripts/test fast``.

Whether a test starts something is derived from the names in its code, its fixtures and helpers; the
marks ``integration`` and ``fast`` correct that. Some folders are left out as a whole. A test that
starts something nevertheless fails.
"""

from __future__ import annotations

import inspect
import os
import socket
import sys
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import pytest

FOLDERS: Final = frozenset(
    {"corpus", "documented", "drift", "faults", "hostile", "record", "secrets", "testing"}
)
"""Folders below ``tests`` that are left out and not imported."""

STARTERS: Final = frozenset(
    {"LocalService", "bind", "create_server", "enable_local", "serve", "uvicorn"}
    | {"ProcessEngine", "WorkerProcess", "Workshop"}
    | {"fork", "multiprocessing", "pytester", "subprocess"}
)
"""Names that start a server or a process."""

MARKS: Final = ("integration", "postgres", "slow")
"""Marks of tests that are left out."""

_ALL_OF_THEM: Final = "\npytestmark = pytest.mark.integration\n"

_HERE: Final = (socket.AF_UNIX, getattr(socket, "AF_NETLINK", None))
_EVENTS: Final = {
    "os.exec": "runs another program",
    "os.fork": "forks",
    "os.posix_spawn": "starts a process",
    "os.system": "starts a process",
    "socket.bind": "opens a port",
    "subprocess.Popen": "starts a process",
}


class StartedSomethingError(Exception):
    """A test of the fast run started a process or a server."""


class Guard:
    """Refuses to start anything while a test runs.

    Attributes:
        test: the running test; empty between two.
        refused: the errors raised in it, so that it fails even if its code catches them.
    """

    def __init__(self) -> None:
        self.test = ""
        self.refused: list[str] = []

    def audit(self, event: str, details: tuple[Any, ...]) -> None:
        """Check an audit event of the interpreter."""
        if not self.test or event not in _EVENTS:
            return
        if event == "socket.bind" and details[0].family in _HERE:
            return
        message = (
            f"{self.test} {_EVENTS[event]}, which scripts/test fast promises not to do. "
            "Mark it with @pytest.mark.integration."
        )
        self.refused.append(message)
        raise StartedSomethingError(message)


_guard: Final = Guard()


def pytest_configure() -> None:
    """Add the audit hook, which stays until the end of the process."""
    os.environ["QISKIT_IN_PARALLEL"] = "TRUE"  # otherwise Terra forks for several circuits
    sys.addaudithook(_guard.audit)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out folders, and modules whose tests all start something, without importing them."""
    if collection_path.parent == config.rootpath / "tests" and collection_path.name in FOLDERS:
        return True
    is_module = collection_path.suffix == ".py"
    if is_module and _ALL_OF_THEM in collection_path.read_text(encoding="utf-8"):
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that are slow or start something."""
    fast: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (others if is_left_out(item) else fast).append(item)
    items[:] = fast
    config.hook.pytest_deselected(items=others)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Guard a test and its fixtures."""
    _guard.test, _guard.refused = item.nodeid, []
    try:
        return (yield)
    finally:
        _guard.test = ""


@pytest.fixture(autouse=True)
def nothing_started() -> Iterator[None]:
    """Fail a test whose code caught the error."""
    yield
    assert not _guard.refused, _guard.refused[0]


def is_left_out(item: pytest.Item) -> bool:
    """Return whether a test is slow, or starts a process or a server."""
    if any(map(item.get_closest_marker, MARKS)):
        return True
    if item.get_closest_marker("fast") or not isinstance(item, pytest.Function):
        return False
    fixtures = item._fixtureinfo.name2fixturedefs
    return not STARTERS.isdisjoint(fixtures) or any(
        map(starts, [item.function, *(each[-1].func for each in fixtures.values())])
    )


@cache
def starts(function: Callable[..., Any]) -> bool:
    """Return whether the code of a function, or of the helpers that it uses, names a starter."""
    todo: list[Any] = [function]
    seen: set[Any] = set()
    while todo:
        one = inspect.unwrap(todo.pop())
        if isinstance(one, type):
            todo += vars(one).values()
        if not isinstance(one, FunctionType) or one in seen:
            continue
        seen.add(one)
        names = set(_names(one.__code__))
        if names & STARTERS:
            return True
        used = [one.__globals__.get(name) for name in names]
        modules = [value for value in used if isinstance(value, ModuleType)]
        used += [vars(module).get(name) for module in modules for name in names]
        todo += [value for value in used if _is_of_the_tests(value)]
    return False


def _is_of_the_tests(value: object) -> bool:
    return str(getattr(value, "__module__", "")).startswith("tests.")


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
