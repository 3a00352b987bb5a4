"""Walks through the statements of a program and reports what does not work as written."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ibmq_backend.doctor.bindings import Bindings, InstanceOf, Known, Text
from ibmq_backend.doctor.findings import Finding, Place
from ibmq_backend.doctor.library import (
    Missing,
    absent_package,
    better_import,
    gone,
    is_installed,
    load,
    member,
    needed_packages,
    unknown_keywords,
)

_ANY: Final = frozenset({"*", "BaseException", "Exception"})
_OF_IMPORTS: Final = _ANY | {"ImportError", "ModuleNotFoundError"}
_OF_ATTRIBUTES: Final = _ANY | {"AttributeError"}
_OF_CALLS: Final = _ANY | {"TypeError"}
_UNRELATED: Final = frozenset({"IndexError", "KeyError", "KeyboardInterrupt", "ValueError"})

_PICTURES: Final[dict[str, tuple[str, ...]]] = {
    "latex": ("pylatexenc",),
    "mpl": ("matplotlib", "pylatexenc"),
}
"""Packages that ``circuit.draw`` needs, by its output."""

_AER_NAMES: Final = re.compile(r"local_\w+_simulator|aer_simulator\w*|qasm_simulator")

_WITH_FIELDS: Final = frozenset({"AerJob", "IBMQJob", "Result"})
"""Classes with other attributes that come from JSON, so that none of them can be called."""


class Walker(ast.NodeVisitor):
    """Collects what is wrong with one cell in ``findings``.

    What the program itself handles, with ``except`` or ``suppress``, is not reported.

    Args:
        cell: number of the cell, ``None`` for a script.
        bindings: what the names of the whole program stand for.
        folder: folder of the program.
        adapted_from: cell and line from which circuits have their old methods.
    """

    def __init__(
        self,
        cell: int | None,
        bindings: Bindings,
        folder: Path,
        adapted_from: tuple[int, int],
    ) -> None:
        self.findings: list[Finding] = []
        self._cell = cell
        self._bindings = bindings
        self._folder = folder
        self._adapted_from = adapted_from
        self._caught: list[set[str]] = []
        self._handled = 0  # findings that the program handles itself
        self._functions = 0  # around the present node
        self._called: set[ast.expr] = set()

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        """Visit handlers of import errors only if there is one to handle."""
        names = {name for handler in node.handlers for name in _error_names(handler.type)}
        before = self._handled
        self._visit_guarded(node.body, names)
        for handler in node.handlers:
            if self._handled > before or not set(_error_names(handler.type)) <= _OF_IMPORTS:
                self._visit_all(handler.body)
        self._visit_all([*node.orelse, *node.finalbody])

    visit_TryStar = visit_Try

    def visit_With(self, node: ast.With) -> None:
        """Visit a block that may suppress errors."""
        names: set[str] = set()
        for item in node.items:
            self.visit(item)
            match item.context_expr:
                case ast.Call(func=function, args=args) if _last_name(function) in (
                    "suppress",
                    "raises",
                ):
                    names.update(name for each in args for name in _error_names(each))
        self._visit_guarded(node.body, names)

    def visit_If(self, node: ast.If) -> None:
        """Visit a condition, which may ask whether something exists."""
        self.visit(node.test)
        asks = any(
            isinstance(each, ast.Call) and _last_name(each.func) in ("has_service", "hasattr")
            for each in ast.walk(node.test)
        )
        self._visit_guarded([*node.body, *node.orelse], {"*"} if asks else set())

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Visit a function, which runs at an unknown time."""
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Import(self, node: ast.Import) -> None:
        """Check that modules exist."""
        for alias in node.names:
            self._report(node, alias.name, load(alias.name, self._folder), _OF_IMPORTS)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Check that a module and its names exist."""
        if node.level or not node.module:
            return
        module = load(node.module, self._folder)
        if isinstance(module, Missing):
            better = better_import(module, node.module, [alias.name for alias in node.names])
            self._report(node, node.module, better, _OF_IMPORTS)
        if not isinstance(module, ModuleType):
            return
        for alias in node.names:
            if alias.name != "*":
                found = member(module, node.module, alias.name, self._folder, imports=True)
                self._report(node, f"{node.module}.{alias.name}", found, _OF_IMPORTS)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Check that an object has an attribute, and that a device exists."""
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or node.attr in self._bindings.stored_attributes:
            return
        owner = self._bindings.meaning(node.value)
        if isinstance(owner, Known) and not _is_computed(owner.value, node.attr):
            found = member(owner.value, owner.path, node.attr, self._folder)
            self._report(node, f"{owner.path}.{node.attr}", found, _OF_ATTRIBUTES)
        elif isinstance(owner, InstanceOf):
            self._check_member(node, owner.of)
        if _last_name(node.value) in ("backend", "backends") and node.attr.startswith("ibm"):
            found = _unknown_device(node.attr, as_attribute=True)
            self._report(node, node.attr, found, _OF_ATTRIBUTES)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Check that circuits can be added."""
        self.generic_visit(node)
        self._check_sum(node, node.op, node.target)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Check that circuits can be added."""
        self.generic_visit(node)
        self._check_sum(node, node.op, node.left)

    def visit_Call(self, node: ast.Call) -> None:
        """Check what a call needs, its keywords, and the name of a device."""
        self._called.add(node.func)
        self.generic_visit(node)
        function = self._bindings.meaning(node.func)
        name = _last_name(node.func)
        if isinstance(function, Known):
            self._check_function(node, function, name)
        match name:
            case "get_backend":
                self._check_get_backend(node)
            case "draw":
                for package in _PICTURES.get(self._text(node, 0, "output") or "", ()):
                    self._need(node, "draw", package)
            case "service":
                owner = self._owner(node)
                if isinstance(owner, InstanceOf):
                    self._check_service(node, owner.of, self._text(node, 0, "name") or "")

    def _check_function(self, node: ast.Call, function: Known, name: str) -> None:
        for package in needed_packages(function.value):
            self._need(node, name, package)
        given = [keyword.arg for keyword in node.keywords if keyword.arg]
        for keyword in unknown_keywords(function.value, given):
            missing = Missing(
                "name", f"{name}() has no argument {keyword} any more.", f"Delete {keyword}=..."
            )
            self._report(node, f"{name}({keyword}=)", missing, _OF_CALLS)
        text = self._text(node, 1, "backend") if name in ("execute", "transpile") else None
        if text is not None and function.path.startswith("qiskit"):
            missing = Missing(
                "name",
                f"{name}() needs a backend, not its name.",
                f"{name}(..., provider.get_backend({text!r}))"
                if text.startswith("ibm")
                else f"{name}(..., Aer.get_backend('qasm_simulator'))",
            )
            self._report(node, f"{name}({text!r})", missing, _OF_ATTRIBUTES)

    def _check_get_backend(self, node: ast.Call) -> None:
        name, owner = self._text(node, 0, "name"), self._owner(node)
        if name is None:
            return
        if isinstance(owner, Known) and owner.path.endswith(("Aer", "BasicAer")):
            self._report(node, name, _missing_simulator(owner, name), None)
        elif name.startswith("ibm") or _is_ours(owner) or _is_ibmq(owner):
            self._report(node, name, _unknown_device(name), None)

    def _check_member(self, node: ast.Attribute, of: type) -> None:
        if self._check_service(node, of, node.attr):
            return
        if hasattr(of, node.attr):
            self._check_order(node, of, node.attr)
        elif hasattr(of, "__getattr__") and of.__name__ not in _WITH_FIELDS:
            return
        elif node in self._called and of.__module__.startswith(("qiskit", "ibmq_backend")):
            missing = gone(of.__name__, node.attr, of)
            self._report(node, f"{of.__name__}.{node.attr}", missing, _OF_ATTRIBUTES)

    def _check_service(self, node: ast.expr, of: type, name: str) -> bool:
        """Report a service that was switched off; return whether the name is that of one."""
        from ibmq_backend._compat.dropin import REMOVED_SERVICES

        if of.__name__ != "AccountProvider" or name not in REMOVED_SERVICES:
            return False
        first, _, rest = REMOVED_SERVICES[name].partition(". ")
        problem = f"provider.{name}: {first.rstrip('.')}."
        missing = Missing("service", problem, rest or "Delete what uses it.")
        self._report(node, f"provider.{name}", missing, None)
        return True

    def _check_sum(self, node: ast.AugAssign | ast.BinOp, op: ast.operator, left: ast.expr) -> None:
        summand = self._bindings.meaning(left)
        if isinstance(op, ast.Add) and isinstance(summand, InstanceOf):
            self._check_order(node, summand.of, "__add__")

    def _check_order(self, node: ast.AST, of: type, name: str) -> None:
        """Report an old method of circuits that is used before Terra is adapted."""
        from qiskit import QuantumCircuit

        from ibmq_backend._compat.circuit_methods import METHODS, RENAMED

        if not issubclass(of, QuantumCircuit) or name not in {*METHODS, *RENAMED}:
            return
        place = (self._cell or 0, getattr(node, "lineno", 0))
        never = self._adapted_from[0] == sys.maxsize
        if place < self._adapted_from and (never or not self._functions):
            shown = "+" if name == "__add__" else name
            missing = Missing(
                "name",
                f"Circuits have no {shown} before IBMQ is used.",
                "import qiskit.providers.ibmq  # at the top of the program",
            )
            self._report(node, f"QuantumCircuit.{shown}", missing, _OF_ATTRIBUTES)

    def _need(self, node: ast.AST, name: str, package: str) -> None:
        if not is_installed(package):
            self._report(node, name, absent_package(package, needed_by=f"{name}()"), _OF_IMPORTS)

    def _owner(self, call: ast.Call) -> Any:
        function = call.func
        value = function.value if isinstance(function, ast.Attribute) else None
        return self._bindings.meaning(value) if value else None

    def _text(self, call: ast.Call, position: int, keyword: str) -> str | None:
        """Return a constant text among the arguments of a call."""
        given = [each.value for each in call.keywords if each.arg == keyword]
        for argument in (*given, *call.args[position : position + 1]):
            meaning = self._bindings.meaning(argument)
            if isinstance(meaning, Text):
                return meaning.text
        return None

    def _report(self, node: ast.AST, name: str, found: Any, errors: Iterable[str] | None) -> None:
        """Report something missing unless the program handles one of these errors.

        ``None`` stands for an error that has several names.
        """
        if not isinstance(found, Missing):
            return
        for caught in self._caught:
            if caught - _UNRELATED if errors is None else caught & set(errors):
                self._handled += 1
                return
        place = Place(self._cell, getattr(node, "lineno", 1))
        self.findings.append(Finding("error", found.kind, place, name, found.problem, found.remedy))

    def _visit_guarded(self, body: Iterable[ast.stmt], names: set[str]) -> None:
        self._caught.append(names)
        self._visit_all(body)
        self._caught.pop()

    def _visit_all(self, body: Iterable[ast.AST]) -> None:
        for node in body:
            self.visit(node)


def _error_names(node: ast.expr | None) -> Iterator[str]:
    """Yield the names of the classes in an ``except``, ``*`` for any."""
    match node:
        case None:
            yield "*"
        case ast.Tuple(elts=elements):
            for element in elements:
                yield from _error_names(element)
        case _:
            yield _last_name(node)


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return _last_name(function)
    return ""


def _is_computed(owner: Any, name: str) -> bool:
    """Return whether an attribute of an object is computed, perhaps with a request."""
    return not isinstance(owner, ModuleType | type) and isinstance(
        inspect.getattr_static(type(owner), name, None), property
    )


def _is_ours(owner: object) -> bool:
    return isinstance(owner, InstanceOf) and owner.of.__module__.startswith("ibmq_backend.")


def _is_ibmq(owner: Any) -> bool:
    return isinstance(owner, Known) and owner.path.endswith(".IBMQ")


def _missing_simulator(provider: Known, name: str) -> Missing | None:
    from qiskit.providers.exceptions import QiskitBackendNotFoundError

    try:
        provider.value.get_backend(name)
    except QiskitBackendNotFoundError:
        shown = provider.path.rpartition(".")[2]
        return Missing(
            "device",
            f"{shown} has no simulator {name!r}.",
            f"{shown}.get_backend('qasm_simulator')",
        )
    return None


def _unknown_device(name: str, as_attribute: bool = False) -> Missing | None:
    """Return what to say about a device that the local service does not have.

    Args:
        name: name in the program.
        as_attribute: the program writes it as an attribute, ``backends.NAME``.
    """
    from ibmq_backend.backend.names import describe_unknown, identifiers, resolve

    known = _known_devices()
    if resolve(name) in known or (as_attribute and name in identifiers(known)):
        return None
    if _AER_NAMES.fullmatch(name):
        return Missing(
            "device",
            f"{name} is a simulator of Aer, not of IBMQ.",
            "from qiskit import Aer  # then Aer.get_backend('qasm_simulator')",
        )
    text = describe_unknown(name, known)
    remedy = "ibmq-backend backends"
    if nearest := re.search(r"Nearest: (\w+)", text):
        remedy = f"backends.{nearest[1]}" if as_attribute else f"get_backend('{nearest[1]}')"
    return Missing("device", text, remedy)


@cache
def _known_devices() -> tuple[str, ...]:
    """Return the names of all devices and simulators of the local service."""
    from ibmq_backend.emulator.devices.catalog import Catalog

    return Catalog().names()
