"""Reads scripts and notebooks, with the lines of IPython and the statements of Python 2 in them.

Nothing is run. A line that is not Python is replaced by ``pass``, so that the rest of its cell can
be read and all lines keep their numbers.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ibmq_backend.doctor.findings import Finding, Place
from ibmq_backend.text_files import NotTextError, read_text

MAX_REPLACED_LINES: Final = 200
"""Lines of one cell or script that are replaced before the rest of it is given up."""

_PYTHON_CELL_MAGICS: Final = frozenset(
    {"%%capture", "%%prun", "%%python", "%%python3", "%%qiskit_job_status", "%%time", "%%timeit"}
)
_TIMED: Final = re.compile(r"^(\s*)%(?:time|timeit|prun)\s+(?:-\w+\s*\d*\s+)*(\S.*)$")
_COMMAND: Final = re.compile(r"^(\s*)(?:\w[\w, ]*=\s*)?([%!].*)$")
_HELP: Final = re.compile(r"^(\s*)(?:\?{1,2}[\w.%]+|[\w.%]+\?{1,2})\s*$")
_PYTHON_2: Final = re.compile(
    r"^(?P<indent>\s*)(?:print\s+(?P<printed>[^\s(=].*)|print\s*(?P<formatted>\(.*)|exec\s+[\"'].*)$"
)


class UnreadableProgramError(Exception):
    """A file is neither a script nor a notebook; the text says why."""


@dataclass(frozen=True)
class Command:
    """A line of IPython: ``%magic`` or ``!shell command``."""

    place: Place
    text: str


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook, or a whole script.

    Attributes:
        number: number of the code cell, from 1; ``None`` for a script.
        text: its text as written.
        tree: the Python in it.
    """

    number: int | None
    text: str
    tree: ast.Module


@dataclass
class Program:
    """A program as read.

    Attributes:
        path: its file.
        cells: its cells, one for a script.
        commands: the lines of IPython in it.
        findings: what cannot be read.
    """

    path: Path
    cells: list[Cell] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_program(path: Path) -> Program:
    """Read a script or, if the name ends with ``.ipynb``, a notebook.

    Raises:
        UnreadableProgramError: the file does not exist, is not text, or is not a notebook.
    """
    try:
        text = read_text(path)
    except OSError as error:
        raise UnreadableProgramError(f"{path} cannot be read: {error.strerror}.") from error
    except NotTextError as error:
        raise UnreadableProgramError(f"{path} is not a text file: {error}.") from error
    program = Program(path)
    if path.suffix.lower() != ".ipynb":
        _add_cell(program, None, text)
        return program
    for number, source in enumerate(_code_cells(text, path), 1):
        _add_cell(program, number, source)
    return program


def _code_cells(text: str, path: Path) -> Iterator[str]:
    """Yield the text of the code cells of a notebook of format 3 or 4."""
    try:
        notebook: Any = json.loads(text)
        sheets = notebook.get("worksheets", [notebook])
        for sheet in sheets:
            for cell in sheet["cells"]:
                if cell["cell_type"] == "code":
                    source = cell["source"] if "source" in cell else cell["input"]
                    yield source if isinstance(source, str) else "".join(source)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise UnreadableProgramError(f"{path} is not a notebook: {error!r}.") from error


def _add_cell(program: Program, number: int | None, text: str) -> None:
    lines = re.split(r"\r\n|\r|\n", text)
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is not None and number is not None and lines[first].startswith("%%"):
        program.commands.append(Command(Place(number, first + 1), lines[first]))
        if lines[first].split()[0] not in _PYTHON_CELL_MAGICS:
            program.cells.append(Cell(number, text, ast.Module([], [])))
            return
        lines[first] = ""
    tree = _parse(program, number, lines)
    program.cells.append(Cell(number, text, tree))


def _parse(program: Program, number: int | None, lines: list[str]) -> ast.Module:
    reported = False
    for _ in range(MAX_REPLACED_LINES):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of invalid escapes in the program
                return ast.parse("\n".join(lines))
        except SyntaxError as error:
            problem, at = error.msg, min(max(error.lineno or 1, 1), len(lines)) - 1
        except (ValueError, RecursionError, MemoryError) as error:  # null bytes, deep nesting
            problem, at = str(error), 0
            lines[1:] = []
        line = lines[at]
        lines[at] = _replaced(line)
        if command := _COMMAND.match(line):
            place = Place(number, at + 1)
            program.commands.append(Command(place, command[2]))
            if program.path.suffix.lower() == ".py" and not reported:
                program.findings.append(_ipython_line(place, command[2]))
                reported = True
        elif not _HELP.match(line) and (not reported or _PYTHON_2.match(line)):
            program.findings.append(_broken_line(Place(number, at + 1), line, problem))
            reported = True
    return ast.Module([], [])


def _replaced(line: str) -> str:
    """Return a line of Python in the place of one that is not."""
    if timed := _TIMED.match(line):
        return f"{timed[1]}{timed[2]}"
    indent = line[: len(line) - len(line.lstrip())]
    return "" if line.strip() == "pass" else f"{indent}pass"


def _ipython_line(place: Place, text: str) -> Finding:
    return Finding(
        "error",
        "syntax",
        place,
        text.split()[0],
        "A line of IPython is not Python.",
        "Delete the line, or give the file the ending .ipy and run it with ipython.",
    )


def _broken_line(place: Place, line: str, problem: str) -> Finding:
    old = _PYTHON_2.match(line)
    if not old:
        said = f"This is not Python: {problem}."
        return Finding("error", "syntax", place, "syntax", said, "Correct it, then run again.")
    printed = old["printed"]
    simple = printed and "%" not in printed and ">>" not in printed
    return Finding(
        "error",
        "syntax",
        place,
        line.split()[0],
        "This is a statement of Python 2.",
        f"print({printed.strip()})" if simple else f"Write it as a call: {line.split()[0]}(...).",
    )
