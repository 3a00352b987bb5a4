"""The files, names, tests and commands in CONTRIBUTING.md exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WHERE = PAGE.split("## Where do I …", 1)[1].split("\n## ", 1)[0]
CHANGES = [
    line.strip("| ").split(" | ")
    for line in WHERE.splitlines()
    if line.startswith("| ") and not line.startswith(("| to ", "|--"))
]
PATH = re.compile(r"[` ]((?:docs|generated|ibmq_backend|scripts|spec|tests)/[\w./-]*\w/?)")
NAMED = re.compile(r"`([\w/]+\.py)`: ((?:`\w+`(?:, | and )?)+)")


def defined_in(path: Path) -> set[str]:
    """Return the names that a module defines at its top level."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {each.id for each in node.targets if isinstance(each, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def test_ten_or_more_changes_are_described():
    assert len(CHANGES) >= 10
    assert {len(cells) for cells in CHANGES} == {4}


@pytest.mark.parametrize("path", sorted(set(PATH.findall(PAGE))))
def test_paths_exist(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("path", "names"), sorted(set(NAMED.findall(WHERE))))
def test_names_are_defined(path, names):
    assert set(re.findall(r"\w+", names)) - {"and"} <= defined_in(ROOT / path)


@pytest.mark.parametrize("cells", CHANGES, ids=[cells[0] for cells in CHANGES])
def test_a_change_takes_at_most_two_files_a_side_and_has_a_test(cells):
    _, client, emulator, check = cells
    for side in (client, emulator):
        assert len(set(re.findall(r"`(ibmq_backend/[\w/]+\.py)`", side))) <= 2
    assert re.search(r"`scripts/test tests/", check)
