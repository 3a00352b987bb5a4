"""What each target of the contract suite covers, from the suite, the cassettes and the code."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from ibmq_backend.emulator.classic import handlers as classic_handlers
from ibmq_backend.emulator.platform import handlers as platform_handlers
from scripts._drift.impact import ImpactFinder
from tests.support import cassettes, dialects

ROOT: Final = Path(__file__).resolve().parents[2]
SUITE: Final = ROOT / "tests" / "contract"

# The rest are values, errors, functions of modules and what Python itself calls.
_METHOD: Final = re.compile(r"(?:managed\.)?[A-Z]\w*\.[a-z]\w*|job_monitor|least_busy")
_EMULATED: Final = {
    "classic": frozenset(classic_handlers.HANDLERS) - classic_handlers.NOT_EMULATED,
    "platform": frozenset(platform_handlers.HANDLERS) - platform_handlers.NOT_EMULATED,
}


@dataclass(frozen=True)
class Coverage:
    """What is known of one operation.

    Attributes:
        recorded: status to the cassettes that hold it, as ``module/test``.
        emulated: whether the emulator answers it; else with 501.
        live: likewise, of the tests that ask a live service.
        asked: whether our client sends it at all.
    """

    operation: str
    recorded: Mapping[int, frozenset[str]]
    emulated: bool
    live: Mapping[int, frozenset[str]]
    asked: bool

    @property
    def answered(self) -> bool:
        """Whether a cassette holds an answer to it that is no error."""
        return any(status < HTTPStatus.BAD_REQUEST for status in self.recorded)

    @property
    def answered_live(self) -> bool:
        """Whether a live service is asked in such a way that it answers."""
        return any(status < HTTPStatus.BAD_REQUEST for status in self.live)


def coverage(folder: Path, dialect: str) -> list[Coverage]:
    """Every operation of a dialect, in the order of its descriptions."""
    seen = _recorded(folder, dialect)
    live = live_tests()
    finder = _finder()
    found = []
    for one in dialects.operations(dialect):
        statuses = seen.get(one.id, {})
        lively = {status: tests & live for status, tests in statuses.items() if tests & live}
        asked = any(finder.senders(name, one.id) for name in dialects.descriptions(dialect))
        found.append(Coverage(one.id, statuses, one.id in _EMULATED[dialect], lively, asked))
    return found


def documented(dialect: str) -> dict[str, set[str]]:
    """Every documented method to the operations that it comes to, by the code."""
    found: dict[str, set[str]] = defaultdict(set)
    known = {one.id for one in dialects.operations(dialect)}  # and no streams
    for name in dialects.descriptions(dialect):
        for method, operations in _finder().documented_operations(name).items():
            if _METHOD.fullmatch(method):
                found[method] |= operations & known
    return dict(found)


def live_tests() -> frozenset[str]:
    """The tests that a live service is asked by, as ``module/test``."""
    return frozenset(
        f"{file.stem}/{node.name}"
        for file in SUITE.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(mark) == "pytest.mark.live" for mark in node.decorator_list)
    )


def exchanges(folder: Path, dialect: str) -> int:
    """How many recorded exchanges are held to the descriptions of a dialect."""
    return sum(len(cassettes.read(path)) for path in (folder / dialect).rglob("*.yaml"))


def _recorded(folder: Path, dialect: str) -> dict[str, dict[int, frozenset[str]]]:
    seen: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted((folder / dialect).rglob("*.yaml")):
        for exchange in cassettes.read(path):
            operation = dialects.find(dialect, exchange, cassettes.ORIGIN)
            if operation is not None:
                name = f"{path.parent.name}/{path.stem}"
                seen[operation.id][exchange.status].add(name)
    return {
        operation: {status: frozenset(names) for status, names in sorted(statuses.items())}
        for operation, statuses in seen.items()
    }


@cache
def _finder() -> ImpactFinder:
    return ImpactFinder(ROOT)
