"""Docstrings follow one convention: what ruff does not check in the texts of their sections."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ibmq_backend"
GENERATED = {"_aliases.py", "_routes.py"}
SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$")
ENTRY = re.compile(r"^(?P<names>\**\w[\w.]*(?:, \**\w[\w.]*)*): +(?P<text>.*)$")
CAPITALIZED = re.compile(r"^[A-Z][a-z]+\b(?!\.\w)")
PROPER_NAMES = {"Aer", "False", "Matplotlib", "None", "Python", "Qiskit", "Rabi", "Terra", "True"}
EMPTY_TEXT = re.compile(r"^(as|see) (there|above)\b|^(likewise|ditto)\b")

Described = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Entry(NamedTuple):
    """One entry of a section of a docstring."""

    section: str
    names: list[str]
    text: str


def entries_of(docstring: str) -> Iterator[Entry]:
    """Yield the entries of all sections; ``Returns`` and ``Yields`` have one without a name."""
    lines = docstring.splitlines()
    for number, line in enumerate(lines):
        if not SECTION.match(line):
            continue
        section = line.rstrip(":")
        body: list[str] = []
        for following in lines[number + 1 :]:
            if following and not following.startswith("    "):
                break
            body.append(following[4:])
        if section in ("Returns", "Yields"):
            yield Entry(section, [], " ".join(" ".join(body).split()))
            continue
        entries: list[list[str]] = []
        for each in body:
            if each and not each.startswith(" "):
                entries.append([each])
            elif each and entries:
                entries[-1].append(each.strip())
        for entry in entries:
            found = ENTRY.match(" ".join(entry))
            assert found, f"not of the form 'name: text': {entry[0]!r}"
            names = [name.lstrip("*") for name in found["names"].split(", ")]
            yield Entry(section, names, found["text"])


def parameters_of(node: Described) -> set[str]:
    """Return the parameters of a function, or of the constructor of a class and its fields."""
    if isinstance(node, ast.ClassDef):
        fields = {
            each.target.id
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        }
        made = [each for each in node.body if getattr(each, "name", "") in ("__init__", "__new__")]
        return fields.union(*map(parameters_of, made))
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return {each.arg for each in every}


def problem_of(entry: Entry, node: Described) -> str | None:
    """Return what is wrong with an entry, ``None`` if nothing is."""
    if not entry.text.endswith("."):
        return "does not end with a full stop"
    if EMPTY_TEXT.match(entry.text):
        return "refers to another text instead of describing"
    found = CAPITALIZED.match(entry.text)
    if entry.names and found and found[0] not in PROPER_NAMES:
        return "does not begin in lower case"
    if entry.section == "Args" and (unknown := set(entry.names) - parameters_of(node)):
        return f"names no parameter: {', '.join(sorted(unknown))}"
    return None


def described_in(path: Path) -> Iterator[tuple[Described, str]]:
    """Yield everything in a file that has a docstring, with the docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Described) and (text := ast.get_docstring(node)):
            yield node, text


def problems_in(path: Path) -> list[str]:
    """Return a line for each entry of a file that breaks the convention."""
    found = []
    for node, docstring in described_in(path):
        for entry in entries_of(docstring):
            if problem := problem_of(entry, node):
                where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"
                shown = ", ".join(entry.names) or entry.section
                found.append(f"{where} {shown}: {entry.text!r} {problem}")
    return found


def test_texts_of_arguments_follow_the_convention() -> None:
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name not in GENERATED]
    assert len(files) > 100
    problems = [problem for path in files for problem in problems_in(path)]
    assert problems == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("a: number of shots.", None),
        ("a: ``None`` for no limit.", None),
        ("a: API token.", None),
        ("a: True to wait.", None),
        ("a: number of shots", "does not end with a full stop"),
        ("a: Number of shots.", "does not begin in lower case"),
        ("a: as there.", "refers to another text instead of describing"),
        ("b: number of shots.", "names no parameter: b"),
    ],
)
def test_an_entry_that_breaks_the_convention_is_found(entry: str, problem: str | None) -> None:
    docstring = f"Do something.\n\nArgs:\n    {entry}\n"
    node = ast.parse("def f(a): ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert [problem_of(each, node) for each in entries_of(docstring)] == [problem]
