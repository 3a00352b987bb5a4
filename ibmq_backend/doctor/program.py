"""Examines a program: what it uses that is gone, renamed, or needs something that is missing."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ibmq_backend.doctor.bindings import Bindings, Known
from ibmq_backend.doctor.findings import Finding, Place, ProgramReport, report_of
from ibmq_backend.doctor.installs import command_findings
from ibmq_backend.doctor.library import load
from ibmq_backend.doctor.sources import Cell, Program, read_program
from ibmq_backend.doctor.tokens import token_findings
from ibmq_backend.doctor.walker import Walker
from ibmq_backend.installation import owners
from ibmq_backend.installation.extras import find_extra

_DROP_IN: Final = "qiskit.providers.ibmq"
_MAGICS: Final[dict[str, str]] = {
    "iqx_": "qiskit.providers.ibmq.jupyter",
    "qiskit_": "qiskit.tools.jupyter",
}
"""Modules that define magics when they are imported, by the beginning of the names."""
_NEVER: Final = (sys.maxsize, 0)


def examine(path: Path) -> ProgramReport:
    """Return what a script or notebook uses that does not work as written.

    The program is not run. Modules of Qiskit and of the libraries below it are imported to look up
    the names that the program uses.

    Raises:
        UnreadableProgramError: the file does not exist, is not text, or is not a notebook.
    """
    program = read_program(path)
    findings = list(program.findings)
    for command in program.commands:
        findings.extend(command_findings(command))
    for cell in program.cells:
        findings.extend(token_findings(cell.number, cell.text))
    spoiled = owners.examine()
    if spoiled:
        place = Place(None, 1) if path.suffix != ".ipynb" else Place(1, 1)
        problem = f"{spoiled[0].problem} The names of the program were not looked up."
        findings.append(
            Finding("error", "install", place, owners.FOLDER, problem, spoiled[0].repair)
        )
    else:
        findings.extend(_name_findings(program))
    return report_of(str(path), findings)


def _name_findings(program: Program) -> Iterator[Finding]:
    folder = program.path.parent
    at_once = _is_adapted(folder)
    load(_DROP_IN, folder)  # adapts Terra, as it does for the program
    bindings = Bindings([cell.tree for cell in program.cells], folder)
    first_use = _first_use(program.cells, bindings)
    if first_use != _NEVER:
        yield from _missing_service(Place(first_use[0] or None, first_use[1]))
    yield from _unknown_magics(program)
    adapted_from = (0, 0) if at_once else first_use
    for cell in program.cells:
        walker = Walker(cell.number, bindings, folder, adapted_from)
        walker.visit(cell.tree)
        yield from walker.findings


def _unknown_magics(program: Program) -> Iterator[Finding]:
    """Yield the magics of Qiskit that the program uses without the import that defines them."""
    imported = {
        name
        for cell in program.cells
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (getattr(node, "module", None), *(alias.name for alias in node.names))
    }
    for command in program.commands:
        name = command.text.split()[0]
        for prefix, module in _MAGICS.items():
            if name.lstrip("%").startswith(prefix) and module not in imported:
                problem = f"The program does not import {module}, which defines {name}."
                remedy = f"import {module}"
                yield Finding("error", "name", command.place, name, problem, remedy)


def _is_adapted(folder: Path) -> bool:
    """Return whether circuits have their old methods as soon as Qiskit is imported."""
    circuits = load("qiskit.circuit.quantumcircuit", folder)
    return hasattr(getattr(circuits, "QuantumCircuit", None), "cu1")


def _missing_service(place: Place) -> Iterator[Finding]:
    """Yield a finding if IBMQ needs the local service, and part of it is not installed."""
    from ibmq_backend.credentials import discover
    from ibmq_backend.exceptions import IBMQAccountError

    local = find_extra("local")
    try:
        needed = discover().credentials is None and not local.is_complete
    except IBMQAccountError:  # shown by ``ibmq-backend doctor`` without a program
        return
    if needed:
        problem = f"IBMQ needs the local service, which lacks {', '.join(local.missing)}."
        remedy = local.remedy
        yield Finding("error", "extra", place, "IBMQ", problem, remedy)


def _first_use(cells: Sequence[Cell], bindings: Bindings) -> tuple[int, int]:
    """Return cell and line of the first use of IBMQ, which gives circuits their old methods."""
    places = [
        (cell.number or 0, node.lineno)
        for cell in cells
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.stmt | ast.expr) and _uses_ibmq(node, bindings)
    ]
    return min(places, default=_NEVER)


def _uses_ibmq(node: ast.AST, bindings: Bindings) -> bool:
    match node:
        case ast.ImportFrom(module=str(name)):
            return name.startswith(_DROP_IN)
        case ast.Import(names=names):
            return any(alias.name.startswith(_DROP_IN) for alias in names)
        case ast.Call(func=ast.Attribute(value=owner)):
            found = bindings.meaning(owner)
            return isinstance(found, Known) and found.path.endswith(".IBMQ")
    return False
