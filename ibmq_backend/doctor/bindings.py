"""What the names of a program stand for, as far as that can be told without running it.

A name has a meaning if everything that is assigned to it has the same one, wherever in the program.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeGuard

from ibmq_backend.doctor.library import Missing, load, member


@dataclass(frozen=True)
class Known:
    """An object of an installed package: a module, class, function or instance.

    Attributes:
        value: the object.
        path: its dotted name as the program reaches it.
    """

    value: Any
    path: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


@dataclass(frozen=True)
class InstanceOf:
    """An object of a class that only exists when the program runs."""

    of: type


@dataclass(frozen=True)
class Text:
    """A constant text."""

    text: str


Meaning = Known | InstanceOf | Text | None

_RETURNED: Final[dict[tuple[str, str], str]] = {
    ("IBMQFactory", "load_account"): "AccountProvider",
    ("IBMQFactory", "enable_account"): "AccountProvider",
    ("IBMQFactory", "enable_local"): "AccountProvider",
    ("IBMQFactory", "get_provider"): "AccountProvider",
    ("AccountProvider", "get_backend"): "IBMQBackend",
    ("AerBackend", "run"): "AerJob",
    ("AerJob", "result"): "Result",
    ("IBMQBackend", "run"): "IBMQJob",
    ("IBMQBackend", "retrieve_job"): "IBMQJob",
    ("IBMQJob", "result"): "Result",
    ("QuantumCircuit", "copy"): "QuantumCircuit",
    ("QuantumCircuit", "compose"): "QuantumCircuit",
    ("QuantumCircuit", "inverse"): "QuantumCircuit",
}
"""Class of what a method returns."""


class Bindings:
    """The meanings of the names of a program.

    Args:
        trees: the modules of the program, in order.
        folder: folder of the program.
    """

    def __init__(self, trees: Iterable[ast.Module], folder: Path) -> None:
        self._folder = folder
        self._sources: dict[str, list[ast.expr | Meaning]] = {}
        self._assigned: set[ast.Name] = set()
        self._resolving: set[str] = set()
        self.stored_attributes: set[str] = set()
        """Names of attributes that the program sets itself."""
        for tree in trees:
            for node in ast.walk(tree):
                self._collect(node)

    def meaning(self, node: ast.expr) -> Meaning:
        """Return what an expression stands for, ``None`` if that is not known."""
        match node:
            case ast.Constant(value=str(text)):
                return Text(text)
            case ast.Name(id=name):
                return self._of_name(name)
            case ast.Attribute(value=owner, attr=name):
                found = self.meaning(owner)
                if isinstance(found, InstanceOf) and found.of.__name__ == "IBMQBackendService":
                    return InstanceOf(_class("IBMQBackend")) if name.startswith("ibm") else None
                return self._attribute(found, name)
            case ast.Call(func=function):
                return self._returned(function) or self._of_call(node)
        return None

    def _of_name(self, name: str) -> Meaning:
        if name in self._resolving:  # it is assigned something that is made of itself
            return None
        self._resolving.add(name)
        try:
            found = [
                self.meaning(source) if isinstance(source, ast.expr) else source
                for source in self._sources.get(name, [])
            ]
        finally:
            self._resolving.remove(name)
        return found[0] if found and all(each == found[0] for each in found) else None

    def _collect(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    module = self._module(alias.name)
                    root = alias.name.partition(".")[0]
                    self._add(alias.asname or root, module if alias.asname else self._module(root))
            case ast.ImportFrom(module=str(module_name), names=names, level=0):
                self._collect_from(module_name, names)
            case ast.Assign(targets=[ast.Name() as target], value=value):
                self._assigned.add(target)
                self._add(target.id, value)
            case ast.Name(id=name, ctx=ast.Store()) if node not in self._assigned:
                self._add(name, None)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                self.stored_attributes.add(name)
            case (
                ast.arg(arg=name)
                | ast.FunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.ExceptHandler(name=str(name))
            ):
                self._add(name, None)

    def _collect_from(self, module_name: str, names: list[ast.alias]) -> None:
        module = load(module_name, self._folder)
        for alias in names:
            if alias.name == "*":
                if isinstance(module, ModuleType):
                    for name in getattr(module, "__all__", None) or dir(module):
                        if not name.startswith("_") and hasattr(module, name):
                            self._add(name, Known(getattr(module, name), f"{module_name}.{name}"))
            elif isinstance(module, ModuleType):
                value = member(module, module_name, alias.name, self._folder, imports=True)
                if not isinstance(value, Missing):
                    path = f"{module_name}.{alias.name}"
                    self._add(alias.asname or alias.name, Known(value, path))
            elif module is None:
                self._add(alias.asname or alias.name, None)

    def _module(self, name: str) -> Meaning:
        found = load(name, self._folder)
        return Known(found, name) if isinstance(found, ModuleType) else None

    def _attribute(self, owner: Meaning, name: str) -> Meaning:
        if isinstance(owner, InstanceOf):
            is_service = owner.of.__name__ == "AccountProvider" and name in ("backend", "backends")
            return InstanceOf(_class("IBMQBackendService")) if is_service else None
        if not isinstance(owner, Known):
            return None
        if isinstance(inspect.getattr_static(owner.value, name, None), property):
            return None
        found = member(owner.value, owner.path, name, self._folder)
        return None if isinstance(found, Missing) else Known(found, f"{owner.path}.{name}")

    def _returned(self, function: ast.expr) -> Meaning:
        called = self.meaning(function)
        if isinstance(called, Known) and inspect.isclass(called.value):
            return InstanceOf(called.value)
        of = type(called.value.__self__) if _is_method(called) else None
        if isinstance(function, ast.Attribute) and of is None:
            owner = self.meaning(function.value)
            of = owner.of if isinstance(owner, InstanceOf) else None
        name = function.attr if isinstance(function, ast.Attribute) else ""
        for base in of.__mro__ if of else ():
            if (base.__name__, name) in _RETURNED:
                return InstanceOf(_class(_RETURNED[base.__name__, name]))
        return None

    def _of_call(self, node: ast.Call) -> Meaning:
        """Return what a function returns, where its arguments tell."""
        called = self.meaning(node.func)
        name = called.path.rpartition(".")[2] if isinstance(called, Known) else ""
        if name == "least_busy":
            return InstanceOf(_class("IBMQBackend"))
        if name == "execute":
            given = [each.value for each in node.keywords if each.arg == "backend"]
            for argument in (*given, *node.args[1:2]):
                backend = self.meaning(argument)
                if isinstance(backend, InstanceOf) and backend.of.__name__ == "IBMQBackend":
                    return InstanceOf(_class("IBMQJob"))
        if name == "get_backend" and isinstance(called, Known) and ".Aer." in called.path:
            from qiskit_aer.backends.aerbackend import AerBackend

            return InstanceOf(AerBackend)
        return None

    def _add(self, name: str, source: ast.expr | Meaning) -> None:
        self._sources.setdefault(name, []).append(source)


def _is_method(called: Meaning) -> TypeGuard[Known]:
    return isinstance(called, Known) and inspect.ismethod(called.value)


def _class(name: str) -> type:
    """Return a class by its name in ``_RETURNED``."""
    import qiskit
    import qiskit.result

    import ibmq_backend
    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.service import IBMQBackendService

    if name == "AerJob":
        from qiskit_aer.jobs import AerJob

        return AerJob  # type: ignore[no-any-return]
    classes: dict[str, type] = {
        "AccountProvider": AccountProvider,
        "IBMQBackend": ibmq_backend.IBMQBackend,
        "IBMQBackendService": IBMQBackendService,
        "IBMQJob": ibmq_backend.IBMQJob,
        "QuantumCircuit": qiskit.QuantumCircuit,
        "Result": qiskit.result.Result,
    }
    return classes[name]
