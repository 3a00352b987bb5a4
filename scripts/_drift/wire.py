"""Which code uses an operation, read from the ``Wire:`` lines of docstrings.

Documented methods name their operations by the ids of the classic service, which ``api/port.py``
uses too. What a method of the port sends in one dialect is in the ``Wire:`` line of the adapter's
method of the same name.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from scripts._regenerate.dialects import DIALECTS

_PACKAGE: Final = "ibmq_backend"
_PORT: Final = "api/port.py"
_ADAPTERS: Final = {"classic": "api/classic", "platform": "api/platform", "cloud": "api/platform"}
_WIRE: Final = re.compile(r"Wire: (.*?)(?: Source:|\n\n|\Z)", re.DOTALL)
_OPERATION: Final = re.compile(r"\b[a-z]+[A-Z]\w*")
_REFERENCE: Final = re.compile(r"\bas (?:``|:(?:meth|attr):`)([\w.]+)`")


@dataclass(frozen=True)
class WireLine:
    """The ``Wire:`` text of one function.

    Attributes:
        module: path of the module within the package, for example ``job/job.py``.
        name: class and method, or the function.
        line: line of the function.
        operations: the operation ids in the text.
        references: the methods that send the same ("as ``IBMQJob.result``").
    """

    module: str
    name: str
    line: int
    operations: frozenset[str]
    references: frozenset[str]


class WireLines:
    """The ``Wire:`` lines of the package.

    Args:
        root: folder of the repository.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.lines = list(_read_lines(root / _PACKAGE))
        self._by_name = {one.name: one for one in self.lines if not one.module.startswith("api/")}
        table = tomllib.loads((root / "docs/documented.toml").read_text(encoding="utf-8"))
        paths = [row["here"].split(".") for area in table["area"] for row in area["rows"]]
        names = {".".join(path[-length:]) for path in paths for length in (1, 2)}
        self._documented = sorted(names & self._by_name.keys())

    def documented(self, dialect: str) -> dict[str, frozenset[str]]:
        """Return the operations of a dialect by the documented method that may send them."""
        sent = self.sent(dialect)
        return {name: sent[name] for name in self._documented}

    def sent(self, dialect: str) -> dict[str, frozenset[str]]:
        """Return the operations of a dialect by the method that may send them."""
        adapter: dict[str, set[str]] = defaultdict(set)
        for one in self._lines_below(_ADAPTERS[dialect]):
            adapter[one.name.rpartition(".")[2]] |= one.operations
        port: dict[str, set[str]] = defaultdict(set)
        for one in self._lines_below(_PORT):
            for operation in one.operations:
                port[operation] |= adapter[one.name.rpartition(".")[2]]
        return {
            name: frozenset().union(*(port.get(one, {one}) for one in self._operations_of(name)))
            for name in self._by_name
        }

    def senders(self, dialect: str, operation_id: str) -> list[str]:
        """Return ``file:line`` of the places in the adapters that send an operation."""
        package = next(one.package for one in DIALECTS if one.name == dialect)
        return self._uses[package, constant_of(operation_id)] or [
            f"{_PACKAGE}/{one.module}:{one.line}"
            for one in self._lines_below(_ADAPTERS[dialect])
            if operation_id in one.operations
        ]

    @cached_property
    def _uses(self) -> defaultdict[tuple[str, str], list[str]]:
        """``file:line`` of the uses of operation constants, by package and constant."""
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for path, tree in _modules(self._root / _PACKAGE / "api"):
            tables = _tables(tree)
            nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
            for node in sorted(nodes, key=lambda node: node.lineno):
                package = tables.get(ast.unparse(node.value))
                if package is not None:
                    use = f"{path.relative_to(self._root)}:{node.lineno}"
                    found[package, node.attr].append(use)
        return found

    def _lines_below(self, folder: str) -> list[WireLine]:
        return [one for one in self.lines if one.module.startswith(folder)]

    def _operations_of(self, name: str, callers: frozenset[str] = frozenset()) -> set[str]:
        line = self._by_name.get(name)
        if line is None or name in callers:
            return set()
        referred = (self._operations_of(one, callers | {name}) for one in line.references)
        return set(line.operations).union(*referred)


def constant_of(operation_id: str) -> str:
    """Return the name of an operation's constant in the bindings."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", operation_id).upper()


def _read_lines(folder: Path) -> Iterator[WireLine]:
    for path, tree in _modules(folder):
        module = path.relative_to(folder).as_posix()
        for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
            prefix = f"{owner.name}." if isinstance(owner, ast.ClassDef) else ""
            for node in owner.body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    text = _WIRE.search(ast.get_docstring(node) or "")
                    if text:
                        yield WireLine(
                            module,
                            prefix + node.name,
                            node.lineno,
                            frozenset(_OPERATION.findall(re.sub("`[^`]*`", "", text[1]))),
                            frozenset(
                                name if "." in name else prefix + name
                                for name in _REFERENCE.findall(text[1])
                            ),
                        )


def _modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        if "emulator" not in path.relative_to(folder).parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _tables(tree: ast.Module) -> dict[str, str]:
    """Return the local names of the tables of operations, and the packages they belong to."""
    return {
        name.asname or name.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for name in node.names
        if name.name == "operations" and node.module.startswith("ibmq_api_")
    }
