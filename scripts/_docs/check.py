"""Whether every row of the table holds."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path

from .code import documented_parameters, resolve, signature_problems
from .rows import Area, Row


def problems(areas: Iterable[Area], root: Path) -> list[str]:
    """Return one line for everything that does not hold.

    Args:
        areas: the table.
        root: folder of the project, to which test node ids are relative.
    """
    found = []
    seen: set[tuple[str, str]] = set()
    for area in areas:
        for row in area.rows:
            if (key := (row.area, row.documented)) in seen:
                found.append(f"{row.area}: {row.documented}: stands there twice")
            seen.add(key)
            found += [f"{row.area}: {row.documented}: {each}" for each in _row_problems(row, root)]
    return found


def _row_problems(row: Row, root: Path) -> Iterator[str]:
    if not row.tests:
        yield "no test is named"
    for test in row.tests:
        if not has_test(root, test):
            yield f"there is no test {test}"
    if not row.here:
        if not row.difference:
            yield "nothing answers to it, and no reason is given"
        return
    try:
        value = resolve(row.here).value
    except LookupError as error:
        yield f"{row.here}: {error}"
        return
    parameters = documented_parameters(row.documented)
    if parameters is not None:
        target = value.fget if isinstance(value, property) else value
        for name, problem in signature_problems(target, parameters):
            if name.lstrip("*") not in row.difference:  # a difference has to name it
                yield problem
    if row.bases:
        names = {cls.__name__ for cls in inspect.getmro(value)}
        yield from (f"{base} is none of its bases" for base in row.bases if base not in names)


def has_test(root: Path, node: str) -> bool:
    """Return whether a pytest node id names a test function that is there."""
    path, _, name = node.partition("::")
    return name.partition("[")[0] in _tests_in(root / path)


@functools.cache
def _tests_in(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {
                f"{node.name}::{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return frozenset(names)


def counts(areas: Iterable[Area]) -> tuple[int, int, int]:
    """Return how many rows are covered, how many there are, how many differ."""
    rows = [row for area in areas for row in area.rows]
    return (
        sum(bool(row.here) for row in rows),
        len(rows),
        sum(bool(row.difference) for row in rows),
    )
