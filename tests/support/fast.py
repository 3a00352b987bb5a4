"""A run of those tests that need this process only: ``scripts/test fast`` loads this plugin.

Left out are folders of tests of the whole, what is marked ``slow``, and what starts a process or a
server. The latter is read off the names in the code of a test, its fixtures and helpers; where
names do not tell, the marks ``integration`` and ``fast`` do. What starts something nevertheless
fails.
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
"""Folders below ``tests`` that are left out, unread."""

STARTERS: Final = frozenset(
    {"LocalService", "bind", "create_server", "enable_local", "serve", "uvicorn"}
    | {"ProcessEngine", "WorkerProcess", "Workshop"}
    | {"fork", "multiprocessing", "pytester", "subprocess"}
)
"""Names of what starts a server or a process."""

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
    """A test of the fast ones started a process or a server."""


class Guard:
    """Refuses to start anything while a test runs.

    Attributes:
        test: the test that runs; empty between two.
        refused: what has been refused it, so that it fails although its code caught the error.
    """

    def __init__(self) -> None:
        self.test = ""
        self.refused: list[str] = []

    def audit(self, event: str, details: tuple[Any, ...]) -> None:
        """Look at an event of the interpreter."""
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
    """Watch for what is started; an audit hook stays until the end of the process."""
    os.environ["QISKIT_IN_PARALLEL"] = "TRUE"  # else Terra forks where there are several circuits
    sys.addaudithook(_guard.audit)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders, and unread the modules that start something in all of their tests."""
    if collection_path.parent == config.rootpath / "tests" and collection_path.name in FOLDERS:
        return True
    is_module = collection_path.suffix == ".py"
    if is_module and _ALL_OF_THEM in collection_path.read_text(encoding="utf-8"):
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow or starts something."""
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
    """Fail a test that went on after it had been refused something."""
    yield
    assert not _guard.refused, _guard.refused[0]


def is_left_out(item: pytest.Item) -> bool:
    """Whether a test is slow, or starts a process or a server."""
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
    """Whether a function, or what it uses of the tests, names one of the starters."""
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
