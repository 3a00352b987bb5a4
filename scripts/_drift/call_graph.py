"""Who uses what: from each function of the package to the functions and operations it names."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from scripts._drift.code_index import CodeIndex, FunctionNode, Type


class CallGraph:
    """The uses within a package.

    A function uses what it calls and what it hands on, in itself and in the functions within it.
    What is handed to a class as it is made is used by its methods instead.
    Asking a protocol asks every class that has all its methods, and asking a class asks those made
    of it.

    Args:
        index: The package.
    """

    def __init__(self, index: CodeIndex) -> None:
        self._index = index
        self.uses: dict[str, set[str]] = {}
        self.outside: dict[str, set[str]] = {}
        """By function what it names of other packages, such as one of the bindings."""
        self.words: dict[str, set[str]] = {}
        """By function every string in it: what it reads of documents."""
        self.attributes: dict[str, set[str]] = {}
        """By function every attribute in it: what it reads of models."""
        self.keywords: dict[str, set[str]] = {}
        """By function every keyword in it: what it sends."""
        handed: dict[str, set[str]] = {}
        for name, module, cls, node in index.functions():
            reading = _Reading(index, module, cls, node)
            for made, functions in reading.handed.items():
                handed.setdefault(made, set()).update(functions)
            self.uses[name] = reading.uses
            self.outside[name] = reading.outside
            self.words[name] = reading.words
            self.attributes[name] = reading.attributes
            self.keywords[name] = reading.keywords
        for made, functions in handed.items():
            for name in index.classes[made].methods.keys() - {"__init__"}:
                self.uses[f"{made}.{name}"] |= functions
        self._dispatch()
        self._used_by: dict[str, set[str]] = {}
        for name, used in self.uses.items():
            for one in used:
                self._used_by.setdefault(one, set()).add(name)

    def below(self, start: Iterable[str]) -> set[str]:
        """Return the functions, and all that they use, directly or not."""
        return self._closure(start, self.uses)

    def above(self, start: Iterable[str]) -> set[str]:
        """Return the functions, and all that use them, directly or not."""
        return self._closure(start, self._used_by)

    def callers(self, name: str) -> set[str]:
        """Return what uses a function directly."""
        return self._used_by.get(name, set())

    def way(self, start: str, goals: set[str]) -> list[str]:
        """Return the shortest way from a function to one of several, both ends included."""
        before: dict[str, str] = {}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            if here in goals:
                way = [here]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            for one in sorted(self.uses.get(here, ())):
                if one not in before and one != start:
                    before[one] = here
                    queue.append(one)
        return []

    def _closure(self, start: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
        found = set(start)
        waiting = list(found)
        while waiting:
            for one in edges.get(waiting.pop(), ()):
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        return found

    def _dispatch(self) -> None:
        classes = self._index.classes
        for one in classes.values():
            for base in self._index.ancestry(one.name):
                if base is not one:
                    self._link(base.name, one.name, one.methods)
            if not one.is_protocol:
                has = {name for base in self._index.ancestry(one.name) for name in base.methods}
                for other in classes.values():
                    wanted = {name for name in other.methods if not name.startswith("_")}
                    if other.is_protocol and wanted and wanted <= has:
                        self._link(other.name, one.name, wanted)

    def _link(self, base: str, made: str, methods: Iterable[str]) -> None:
        for name in methods:
            own = self._index.method(made, name)
            if own is not None and f"{base}.{name}" in self.uses:
                self.uses[f"{base}.{name}"].add(own)


class _Reading:
    """What one function names."""

    def __init__(self, index: CodeIndex, module: str, cls: str | None, node: FunctionNode) -> None:
        self._index = index
        self._module = module
        self._cls = cls
        self._local = index.parameters(module, cls, node)
        self.uses: set[str] = set()
        self.outside: set[str] = set()
        self.words: set[str] = set()
        self.attributes: set[str] = set()
        self.keywords: set[str] = set()
        self.handed: dict[str, set[str]] = {}
        """By class the functions that it is handed as it is made."""
        for inner in ast.walk(node):
            self._learn(inner)
        kept: set[str] = set()
        for inner in ast.walk(node):
            made = index.target(module, inner.func) if isinstance(inner, ast.Call) else None
            if made in index.classes:
                kept |= self._handed_to(made, inner)
        for inner in ast.walk(node):
            self._note(inner)
        self.uses -= kept

    def _handed_to(self, made: str, call: ast.Call) -> set[str]:
        before, self.uses = self.uses, set()
        for value in [*call.args, *(each.value for each in call.keywords)]:
            if isinstance(value, ast.Attribute | ast.Name):
                self._note(value)
        found, self.uses = {name for name in self.uses if not self._is_property(name)}, before
        self.handed.setdefault(made, set()).update(found)
        return found

    def _is_property(self, name: str) -> bool:
        cls, _, last = name.rpartition(".")
        return last == "__init__" or self._index.member(cls, last) is not None

    def _learn(self, node: ast.AST) -> None:
        """Keep the types of local names; the first assignment decides."""
        if isinstance(node, FunctionNode):
            for name, known in self._index.parameters(self._module, None, node).items():
                self._local.setdefault(name, known)
        for goal, value, many in _bindings(node):
            found = self._type(value)
            if isinstance(node, ast.AnnAssign):
                found = self._index.annotated(self._module, node.annotation) or found
            if found is None:
                continue
            if many:
                found = Type(found.name) if found.many else None
            if found is not None and isinstance(goal, ast.Name):
                self._local.setdefault(goal.id, found)

    def _type(self, node: ast.expr | None) -> Type | None:
        return self._index.type_of(self._module, self._local, node)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.words.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            self.keywords.add(node.arg)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            self.attributes.add(node.attr)
            self._note_attribute(node)
        elif (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Load)
            and node.id not in self._local
        ):
            self._note_name(self._index.target(self._module, node))

    def _note_attribute(self, node: ast.Attribute) -> None:
        if _is_super(node.value) and self._cls is not None:
            for above in self._index.classes[self._cls].bases:
                self._note_method(above, node.attr)
            return
        base = self._type(node.value)
        if base is not None:
            if not base.many:
                self._note_method(base.name, node.attr)
            return
        root = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id not in self._local:
            self._note_name(self._index.target(self._module, node))

    def _note_method(self, cls: str, name: str) -> None:
        found = self._index.method(cls, name)
        if found is not None:
            self.uses.add(found)

    def _note_name(self, name: str | None) -> None:
        if name is None:
            return
        if name in self._index.classes:
            self._note_method(name, "__init__")
        elif self._index.function(name) is not None:
            self.uses.add(name)
        else:
            owner, _, last = name.rpartition(".")
            if owner in self._index.classes:
                self._note_method(owner, last)
            # A table of functions stands for all that are in it.
            self.uses |= self._index.tables.get(name, frozenset())
            self.outside.add(name)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None, bool]]:
    """Yield target, value, and whether the target is one of many in the value."""
    if isinstance(node, ast.Assign):
        for goal in node.targets:
            yield goal, node.value, False
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
        yield node.target, node.value, False
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield node.target, node.iter, True
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr, False


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )
