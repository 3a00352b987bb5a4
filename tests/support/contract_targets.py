"""The operations that each target of the contract suite covers."""

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
from scripts._drift.wire import WireLines
from tests.support import cassettes, dialects

ROOT: Final = Path(__file__).resolve().parents[2]
SUITE: Final = ROOT / "tests" / "contract"

# The rest are values, errors, functions and methods that Python calls.
_METHOD: Final = re.compile(r"[A-Z]\w*\.[a-z]\w*|job_monitor|least_busy")
_EMULATED: Final = {
    "classic": frozenset(classic_handlers.HANDLERS) - classic_handlers.NOT_EMULATED,
    "platform": frozenset(platform_handlers.HANDLERS) - platform_handlers.NOT_EMULATED,
}


@dataclass(frozen=True)
class Coverage:
    """The coverage of one operation.

    Attributes:
        recorded: status to the cassettes with such a reply, as ``module/test``.
        emulated: whether the emulator supports it; otherwise it replies 501.
        live: status to the cassettes of tests that also run on a live service.
        asked: whether our client sends it.
    """

    operation: str
    recorded: Mapping[int, frozenset[str]]
    emulated: bool
    live: Mapping[int, frozenset[str]]
    asked: bool

    @property
    def answered(self) -> bool:
        """Whether a cassette contains a successful reply."""
        return any(status < HTTPStatus.BAD_REQUEST for status in self.recorded)

    @property
    def answered_live(self) -> bool:
        """Whether a test on a live service gets a successful reply."""
        return any(status < HTTPStatus.BAD_REQUEST for status in self.live)


def coverage(folder: Path, dialect: str) -> list[Coverage]:
    """Return the coverage of every operation of a dialect, in the order of its descriptions."""
    seen = _recorded(folder, dialect)
    live = live_tests()
    found = []
    for one in dialects.operations(dialect):
        statuses = seen.get(one.id, {})
        lively = {status: tests & live for status, tests in statuses.items() if tests & live}
        asked = any(_wire().senders(name, one.id) for name in dialects.descriptions(dialect))
        found.append(Coverage(one.id, statuses, one.id in _EMULATED[dialect], lively, asked))
    return found


def documented(dialect: str) -> dict[str, set[str]]:
    """Return the operations by documented method, as their ``Wire:`` lines name them."""
    known = {one.id for one in dialects.operations(dialect)}  # without streams
    return {
        method: operations & known
        for method, operations in _wire().documented(dialect).items()
        if _METHOD.fullmatch(method)
    }


def live_tests() -> frozenset[str]:
    """Return the tests that run on a live service, as ``module/test``."""
    return frozenset(
        f"{file.stem}/{node.name}"
        for file in SUITE.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(mark) == "pytest.mark.live" for mark in node.decorator_list)
    )


def exchanges(folder: Path, dialect: str) -> int:
    """Return the number of recorded exchanges of a dialect."""
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
def _wire() -> WireLines:
    return WireLines(ROOT)
