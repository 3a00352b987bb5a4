"""What CONTRIBUTING.md names is there: files, names in them, tests, commands."""

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
    """The names that a module binds at its top."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {each.id for each in node.targets if isinstance(each, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def test_the_ten_changes_are_answered():
    assert len(CHANGES) >= 10
    assert {len(cells) for cells in CHANGES} == {4}


@pytest.mark.parametrize("path", sorted(set(PATH.findall(PAGE))))
def test_a_path_is_there(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("path", "names"), sorted(set(NAMED.findall(WHERE))))
def test_names_are_there(path, names):
    assert set(re.findall(r"\w+", names)) - {"and"} <= defined_in(ROOT / path)


@pytest.mark.parametrize("cells", CHANGES, ids=[cells[0] for cells in CHANGES])
def test_an_answer_is_two_files_a_side_and_a_test(cells):
    _, client, emulator, check = cells
    for side in (client, emulator):
        assert len(set(re.findall(r"`(ibmq_backend/[\w/]+\.py)`", side))) <= 2
    assert re.search(r"`scripts/test tests/", check)
