"""Pytest node ids that documents name."""

import ast
import functools
from pathlib import Path


def has_test(root: Path, node: str) -> bool:
    """Return whether a node id names a test function or method that exists.

    Args:
        root: the folder that node ids are relative to.
        node: the node id; parameters in brackets are ignored.
    """
    path, _, name = node.partition("::")
    return name.partition("[")[0] in _tests_in(root / path)


@functools.cache
def _tests_in(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        prefix + node.name
        for owner in (tree, *(each for each in tree.body if isinstance(each, ast.ClassDef)))
        for prefix in [f"{owner.name}::" if isinstance(owner, ast.ClassDef) else ""]
        for node in owner.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
