"""The package as data: its modules, classes and functions, and which type an expression has.

Read from the source without importing it. Types come from annotations, constructors and returns,
which is enough for code that is annotated throughout.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_CONTAINERS: Final = frozenset(
    {"Sequence", "list", "List", "Iterator", "Iterable", "tuple", "set", "frozenset", "Collection"}
)
_MAPPINGS: Final = frozenset({"dict", "Mapping", "MutableMapping", "defaultdict"})
_TABLES: Final = (ast.Dict, ast.List, ast.Tuple, ast.Set)


@dataclass(frozen=True)
class Type:
    """A class of the package, or a container of its instances."""

    name: str
    many: bool = False


@dataclass
class Class:
    """A class.

    Attributes:
        name: With its module.
        bases: Names of the classes it stands on, with their modules.
        methods: Its own, properties included.
        attributes: Types of what its instances hold.
        is_protocol: Whether it only says what others have.
    """

    name: str
    module: str
    node: ast.ClassDef
    bases: list[str] = field(default_factory=list)
    methods: dict[str, FunctionNode] = field(default_factory=dict)
    attributes: dict[str, Type] = field(default_factory=dict)
    is_protocol: bool = False


@dataclass
class Module:
    """A module.

    Attributes:
        imports: Local name to what it stands for, with its module.
        functions: By name.
        values: Module-level names to their types.
    """

    name: str
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    values: dict[str, Type] = field(default_factory=dict)


class CodeIndex:
    """All modules of a package.

    Args:
        folder: The package.
        leave_out: Parts of it that are not looked at.
    """

    def __init__(self, folder: Path, leave_out: tuple[str, ...] = ()) -> None:
        self.modules: dict[str, Module] = {}
        self.classes: dict[str, Class] = {}
        self.tables: dict[str, frozenset[str]] = {}
        """Module-level names to the functions that their values name."""
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
            if not any(part in leave_out for part in parts):
                name = ".".join(parts)
                tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
                self.modules[name] = self._module(name, tree, path.stem == "__init__")
        for one in self.classes.values():
            one.bases = [
                found
                for base in one.node.bases
                if (found := self.target(one.module, _without_index(base)))
            ]
            one.is_protocol = any(base.endswith(".Protocol") for base in one.bases)
        for _ in range(2):  # what an attribute holds may be the attribute of another
            for one in self.classes.values():
                self._attributes(one)
            for module in self.modules.values():
                self._values(module)
        for module in self.modules.values():
            self._tables(module)

    def _module(self, name: str, tree: ast.Module, is_package: bool) -> Module:
        module = Module(name, tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name.partition(".")[0]
                    module.imports[local] = alias.name if alias.asname else local
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    own = name.split(".")
                    above = own[: len(own) - node.level + is_package]
                    base = ".".join([*above, *([base] if base else [])])
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = f"{base}.{alias.name}"
        for node in tree.body:
            if isinstance(node, FunctionNode):
                module.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                methods = {one.name: one for one in node.body if isinstance(one, FunctionNode)}
                made = Class(f"{name}.{node.name}", name, node, methods=methods)
                self.classes[made.name] = made
        return module

    # -- names ------------------------------------------------------------------------------

    def target(self, module: str, node: ast.expr | None) -> str | None:
        """Return what a name or dotted name stands for in a module, with its module."""
        if isinstance(node, ast.Name):
            found = self.modules[module].imports.get(node.id)
            return self.follow(found or f"{module}.{node.id}")
        if isinstance(node, ast.Attribute):
            base = self.target(module, node.value)
            return None if base is None else self.follow(f"{base}.{node.attr}")
        return None

    def follow(self, name: str) -> str:
        """Return where a name that a module only passes on comes from."""
        for _ in range(10):
            module, _, last = name.rpartition(".")
            passed_on = self.modules[module].imports.get(last) if module in self.modules else None
            own = module in self.modules and (
                last in self.modules[module].functions or name in self.classes
            )
            if passed_on is None or own or passed_on == name:
                return name
            name = passed_on
        return name

    def ancestry(self, name: str) -> Iterator[Class]:
        """Yield a class and the classes of the package that it stands on."""
        found = self.classes.get(name)
        if found is not None:
            yield found
            for base in found.bases:
                yield from self.ancestry(base)

    def method(self, cls: str, name: str) -> str | None:
        """Return the full name of a method, from the class that has it."""
        for one in self.ancestry(cls):
            if name in one.methods:
                return f"{one.name}.{name}"
        return None

    def function(self, name: str) -> tuple[str, FunctionNode] | None:
        """Return module and node of a function or method by its full name."""
        owner, _, last = name.rpartition(".")
        if owner in self.classes and last in self.classes[owner].methods:
            return self.classes[owner].module, self.classes[owner].methods[last]
        if owner in self.modules and last in self.modules[owner].functions:
            return owner, self.modules[owner].functions[last]
        return None

    def functions(self) -> Iterator[tuple[str, str, str | None, FunctionNode]]:
        """Yield full name, module, class and node of every function and method."""
        for module in self.modules.values():
            for name, node in module.functions.items():
                yield f"{module.name}.{name}", module.name, None, node
        for one in self.classes.values():
            for name, node in one.methods.items():
                yield f"{one.name}.{name}", one.module, one.name, node

    # -- types ------------------------------------------------------------------------------

    def annotated(self, module: str, node: ast.expr | None) -> Type | None:
        """Return the type that an annotation names, if it is of this package."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.BinOp):
            return self.annotated(module, node.left) or self.annotated(module, node.right)
        if isinstance(node, ast.Subscript):
            outer = node.value.id if isinstance(node.value, ast.Name) else ""
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if outer in _CONTAINERS or outer in _MAPPINGS:
                found = self.annotated(module, inner[-1 if outer in _MAPPINGS else 0])
                return None if found is None else Type(found.name, many=True)
            if outer in ("Optional", "Final", "ClassVar", "type", "Annotated"):
                return self.annotated(module, inner[0])
            return self.annotated(module, node.value)
        name = self.target(module, node) if isinstance(node, ast.Name | ast.Attribute) else None
        return Type(name) if name in self.classes else None

    def type_of(self, module: str, local: dict[str, Type], node: ast.expr | None) -> Type | None:
        """Return the type of an expression, if it is of this package.

        Args:
            module: Where it stands.
            local: Types of the local names, ``self`` included.
            node: The expression.
        """
        if isinstance(node, ast.Name):
            return (
                local.get(node.id)
                or self.modules[module].values.get(node.id)
                or self._value(self.target(module, node))
            )
        if isinstance(node, ast.Attribute):
            base = self.type_of(module, local, node.value)
            if base is None or base.many:
                return self._value(self.target(module, node)) if base is None else None
            return self.member(base.name, node.attr)
        if isinstance(node, ast.Call):
            return self._called(module, local, node)
        if isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
            return self.type_of(module, local, node.value)
        if isinstance(node, ast.BoolOp):
            types = (self.type_of(module, local, value) for value in node.values)
            return next((found for found in types if found), None)
        if isinstance(node, ast.IfExp):
            return self.type_of(module, local, node.body) or self.type_of(
                module, local, node.orelse
            )
        if isinstance(node, ast.Subscript):
            found = self.type_of(module, local, node.value)
            return Type(found.name) if found and found.many else None
        return None

    def member(self, cls: str, name: str) -> Type | None:
        """Return the type of an attribute or property of a class."""
        for one in self.ancestry(cls):
            if name in one.attributes:
                return one.attributes[name]
            method = one.methods.get(name)
            if method is not None and _is_property(method):
                return self.annotated(one.module, method.returns)
        return None

    def parameters(self, module: str, cls: str | None, node: FunctionNode) -> dict[str, Type]:
        """Return the types of the parameters of a function, ``self`` included."""
        found = {}
        listed = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for index, one in enumerate(listed):
            if index == 0 and cls is not None and one.arg in ("self", "cls"):
                found[one.arg] = Type(cls)
            elif (annotated := self.annotated(module, one.annotation)) is not None:
                found[one.arg] = annotated
        return found

    def _value(self, name: str | None) -> Type | None:
        module, _, last = (name or "").rpartition(".")
        return self.modules[module].values.get(last) if module in self.modules else None

    def _called(self, module: str, local: dict[str, Type], node: ast.Call) -> Type | None:
        function = node.func
        if isinstance(function, ast.Attribute):
            base = self.type_of(module, local, function.value)
            if base is not None and not base.many:
                method = self.method(base.name, function.attr)
                return self._returned(method)
            if base is not None and function.attr in ("pop", "get", "values"):
                return Type(base.name, many=function.attr == "values")
        name = self.target(module, function)
        if name in self.classes:
            return Type(name)
        return self._returned(name)

    def _returned(self, name: str | None) -> Type | None:
        found = None if name is None else self.function(name)
        return None if found is None else self.annotated(found[0], found[1].returns)

    def _attributes(self, one: Class) -> None:
        for node in one.node.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                self._keep(
                    one.attributes, node.target.id, self.annotated(one.module, node.annotation)
                )
        for method in one.methods.values():
            local = self.parameters(one.module, one.name, method)
            for inner in ast.walk(method):
                if isinstance(inner, ast.AnnAssign) and _of_self(inner.target):
                    found = self.annotated(one.module, inner.annotation)
                    self._keep(one.attributes, _of_self(inner.target), found)
                elif isinstance(inner, ast.Assign):
                    for goal in inner.targets:
                        found = self.type_of(one.module, local, inner.value)
                        self._keep(one.attributes, _of_self(goal), found)

    def _values(self, module: Module) -> None:
        for node in module.tree.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found = self.annotated(module.name, node.annotation)
                found = found or self.type_of(module.name, {}, node.value)
                self._keep(module.values, node.target.id, found)
            elif isinstance(node, ast.Assign):
                for goal in node.targets:
                    if isinstance(goal, ast.Name):
                        found = self.type_of(module.name, {}, node.value)
                        self._keep(module.values, goal.id, found)

    def _tables(self, module: Module) -> None:
        for node in module.tree.body:
            goals = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign):
                goals = [node.target]
            # Anything else is made by a function once, and is no function.
            if not isinstance(getattr(node, "value", None), _TABLES):
                continue
            names = {
                target
                for inner in ast.walk(node)
                if isinstance(inner, ast.Name)
                and (target := self.target(module.name, inner)) is not None
                and self.function(target) is not None
            }
            for goal in goals:
                if isinstance(goal, ast.Name) and names:
                    self.tables[f"{module.name}.{goal.id}"] = frozenset(names)

    def _keep(self, known: dict[str, Type], name: str, found: Type | None) -> None:
        if name and found is not None:
            known.setdefault(name, found)


def _of_self(node: ast.expr) -> str:
    is_own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return node.attr if is_own and node.value.id == "self" else ""  # type: ignore[attr-defined]


def _is_property(node: FunctionNode) -> bool:
    names = {
        one.id if isinstance(one, ast.Name) else getattr(one, "attr", "")
        for one in node.decorator_list
    }
    return bool(names & {"property", "cached_property"})


def _without_index(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node
