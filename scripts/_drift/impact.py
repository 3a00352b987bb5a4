"""What a change touches: the adapter, the documented interface, the emulator, the cassettes.

All of it is read from the code and from the cassettes. Only the names of the documented interface
come from a list, ``docs/documented.toml``, which is one of documentation and checked elsewhere.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from scripts._drift.call_graph import CallGraph
from scripts._drift.cassettes import Interaction, OperationFinder, read_cassettes, shows
from scripts._drift.changes import Change, Effect
from scripts._drift.code_index import CodeIndex
from scripts._drift.operations import STREAM, Version
from scripts._drift.sources import read_version
from scripts._regenerate.dialects import DIALECTS

_PACKAGE: Final = "ibmq_backend"
# Cassettes of a folder hold exchanges with all of these.
_FOLDERS: Final = {"classic": ("classic",), "platform": ("platform", "cloud")}


@dataclass(frozen=True)
class Impact:
    """What one change touches.

    Attributes:
        change: The change.
        known_as: Operation id in the bindings, empty for an operation that they do not have.
        senders: Adapter functions that send the request.
        readers: Adapter functions that name the changed field or parameter.
        documented: Documented methods that come to one of them, and so to the change.
        ways: By documented method the functions from it to the adapter function.
        emulator: Functions of the emulator that answer the operation.
        stale: Cassettes with an exchange that is untrue in the new version.
        exercised: Cassettes with any exchange of the operation.
    """

    change: Change
    known_as: str
    senders: tuple[str, ...]
    readers: tuple[str, ...]
    documented: tuple[str, ...]
    ways: dict[str, list[str]]
    emulator: tuple[str, ...]
    stale: tuple[str, ...]
    exercised: tuple[str, ...]


class ImpactFinder:
    """Finds what changes touch in this repository.

    Args:
        root: Folder of the repository.

    Raises:
        DriftError: A description or a cassette of the repository cannot be read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._versions = {
            dialect.name: read_version(str(root / "spec" / dialect.spec), root)
            for dialect in DIALECTS
        }
        self._packages = {dialect.name: dialect.package for dialect in DIALECTS}
        self._index = CodeIndex(root / _PACKAGE, leave_out=("emulator", "cli"))
        self._graph = CallGraph(self._index)
        self._known_senders: dict[tuple[str, str], set[str]] = {}

    def ours(self, dialect: str) -> Version:
        """Return the description of a dialect in ``spec/``."""
        return self._versions[dialect]

    def interactions(self, dialect: str) -> list[Interaction]:
        """Return all recorded exchanges of a dialect."""
        return [interaction for _, interaction in self._recorded(dialect)]

    def dialect_of(self, versions: Iterable[Version]) -> str:
        """Return the dialect with most operations in common with the versions."""
        keys = {key for version in versions for key in version.operations}
        return max(
            self._versions, key=lambda name: len(keys & self._versions[name].operations.keys())
        )

    def impacts(
        self, changes: list[Change], dialect: str, keys: dict[str, tuple[str, str]]
    ) -> list[Impact]:
        """Return what each change touches.

        Args:
            changes: The changes.
            dialect: Of which dialect the descriptions are.
            keys: By endpoint method and plain path of the operation.
        """
        return [self._impact(one, dialect, keys.get(one.endpoint)) for one in changes]

    def _impact(self, change: Change, dialect: str, key: tuple[str, str] | None) -> Impact:
        ours = None if key is None else self._versions[dialect].operations.get(key)
        if ours is None or key is None:
            return Impact(change, "", (), (), (), {}, (), (), ())
        senders = self.senders(dialect, ours.id)
        readers = self._readers(change, senders, dialect)
        exercised = [one for one in self._recorded(dialect) if one[0] == key]
        stale = {one.cassette for _, one in exercised if shows(change, one)}
        reached = self._documented_above(senders, readers, change)
        return Impact(
            change=change,
            known_as=ours.id,
            senders=_short(senders),
            readers=_short(readers or ()),
            documented=tuple(sorted(reached)),
            ways=reached,
            emulator=self._handlers.get((self._folder(dialect), ours.id), ()),
            stale=tuple(sorted(stale)),
            exercised=tuple(sorted({one.cassette for _, one in exercised})),
        )

    # -- code -------------------------------------------------------------------------------

    def operations_below(self, function: str, dialect: str) -> set[str]:
        """Return the operations of a dialect that a function sends, directly or not."""
        below = self._graph.below([function])
        ids = (one.id for one in self._versions[dialect].operations.values())
        return {name for name in ids if self.senders(dialect, name) & below}

    def documented_operations(self, dialect: str) -> dict[str, set[str]]:
        """Return the operations of a dialect that each documented name comes to."""
        senders = {
            one.id: self.senders(dialect, one.id)
            for one in self._versions[dialect].operations.values()
        }
        found = {}
        for name, function in self._documented.items():
            below = self._graph.below([function])
            found[name] = {operation for operation, by in senders.items() if by & below}
        return found

    def senders(self, dialect: str, operation_id: str) -> set[str]:
        """Return the functions that send the request of an operation."""
        if (dialect, operation_id) not in self._known_senders:
            found = self._find_senders(dialect, operation_id)
            self._known_senders[dialect, operation_id] = found
        return self._known_senders[dialect, operation_id]

    def _find_senders(self, dialect: str, operation_id: str) -> set[str]:
        operations = self._versions[dialect].operations.values()
        if any(one.id == operation_id and one.method == STREAM for one in operations):
            return {
                function
                for function, names in self._graph.outside.items()
                if function.startswith(f"{_PACKAGE}.api.")
                and any(name.partition(".")[0] == "websockets" for name in names)
            }
        module = _snake(operation_id)
        start = f"{self._packages[dialect]}.api."
        pattern = re.compile(rf"{re.escape(start)}\w+\.{module}(\.\w+)?")
        found = {
            function
            for function, names in self._graph.outside.items()
            if any(pattern.fullmatch(name) for name in names)
        }
        if found:
            return found
        # Requests without bindings, such as uploads to a foreign host, name the operation itself.
        constant = f"{self._packages[dialect]}.operations.{module.upper()}"
        naming = {name for name, names in self._graph.outside.items() if constant in names}
        return {name for name in naming if not self._graph.callers(name) & naming}

    def _readers(self, change: Change, senders: set[str], dialect: str) -> set[str] | None:
        """Return the functions that name what has changed; ``None`` for the whole operation."""
        name = change.field.rpartition(".")[2].replace("[]", "")
        if change.field and not name:
            name = change.field.replace("[]", "").rpartition(".")[2]
        if change.part == "parameter":
            place, _, name = change.where.partition(" ")
            if place == "path":
                return None
        if not name or name == "*" or change.part == "operation":
            return None
        start = f"{_PACKAGE}.api.{self._folder(dialect)}."
        near = senders | {caller for sender in senders for caller in self._graph.callers(sender)}
        if change.part != "parameter":
            near |= self._graph.below(senders)
        return {
            function
            for function in near
            if function.startswith(start) and self._names(function, name, change.part, dialect)
        }

    def _names(self, function: str, name: str, part: str, dialect: str) -> bool:
        said = self._graph.words.get(function, set())
        if part != "response":
            said = said | self._graph.keywords.get(function, set())
        elif self._reads_models(function, dialect):
            said = said | self._graph.attributes.get(function, set())
        return _plain(name) in {_plain(word) for word in said}

    def _reads_models(self, function: str, dialect: str) -> bool:
        models = f"{self._packages[dialect]}.models."
        return any(name.startswith(models) for name in self._graph.outside.get(function, set()))

    def _documented_above(
        self, senders: set[str], readers: set[str] | None, change: Change
    ) -> dict[str, list[str]]:
        """Return the documented methods that come to the change, each with its way there."""
        if readers is None or (not readers and _is_felt_unread(change)):
            start = senders
        else:
            below = {sender: self._graph.below([sender]) for sender in senders}
            start = {sender for sender in senders if readers & below[sender]}
            start |= {one for one in readers if not any(one in each for each in below.values())}
        above = self._graph.above(start)
        return {
            name: _shorts(self._graph.way(function, start))
            for name, function in self._documented.items()
            if function in above
        }

    @cached_property
    def _documented(self) -> dict[str, str]:
        """Names of the documented interface to the functions behind them."""
        text = (self._root / "docs/documented.toml").read_text(encoding="utf-8")
        rows = [row for area in tomllib.loads(text)["area"] for row in area["rows"]]
        homes = self._homes()
        found = {}
        for here in sorted({row["here"] for row in rows if row["here"]}):
            parts = here.removeprefix(f"{_PACKAGE}.").split(".")
            first = f"{_PACKAGE}.{homes[parts[0]]}" if parts[0] in homes else _PACKAGE
            full = self._index.follow(f"{first}.{parts[0]}")
            owner = self._index.follow(f"{first}.{'.'.join(parts[:-1])}")
            for name in (full, f"{owner}.{parts[-1]}"):
                cls, _, method = name.rpartition(".")
                function = self._index.method(cls, method) or name
                if function in self._graph.uses:
                    found[".".join(parts)] = function
        return found

    def _homes(self) -> dict[str, str]:
        """Names that the package loads late, and their modules."""
        for node in self._index.modules[_PACKAGE].tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
                return dict(ast.literal_eval(node.value))
        return {}

    @cached_property
    def _handlers(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Functions of the emulator by adapter and operation id, from its tables."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        emulator = self._root / _PACKAGE / "emulator"
        for path in sorted(emulator.rglob("handlers/*.py")):
            module = ".".join(path.relative_to(emulator).with_suffix("").parts)
            folder = "platform" if module.startswith("platform.") else "classic"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for key, value in _entries(node):
                    found[folder, key] = (*found.get((folder, key), ()), f"{module}.{value}")
        return found

    # -- cassettes --------------------------------------------------------------------------

    def _folder(self, dialect: str) -> str:
        return next(folder for folder, names in _FOLDERS.items() if dialect in names)

    def _recorded(self, dialect: str) -> list[tuple[tuple[str, str] | None, Interaction]]:
        return self._by_folder[self._folder(dialect)]

    @cached_property
    def _by_folder(self) -> dict[str, list[tuple[tuple[str, str] | None, Interaction]]]:
        folder = self._root / "tests/cassettes"
        recorded = read_cassettes(folder) if folder.is_dir() else []
        found = {}
        for name, dialects in _FOLDERS.items():
            finder = OperationFinder([self._versions[one] for one in dialects])
            own = [one for one in recorded if one.cassette.startswith(f"{name}/")]
            found[name] = [(finder.key(one), one) for one in own]
        return found


def is_urgent(impact: Impact) -> bool:
    """Return whether somebody has to act: it breaks, and something here touches it."""
    touched = impact.readers or impact.stale or (impact.documented and not impact.change.field)
    return impact.change.effect is Effect.BREAKING and bool(touched)


def _is_felt_unread(change: Change) -> bool:
    """Return whether a change reaches a client that never names what has changed."""
    if change.effect is not Effect.BREAKING:
        return False
    return change.part != "response" and change.kind in (
        "parameter added",
        "field added",
        "became required",
    )


def _entries(node: ast.AST) -> Iterable[tuple[str, str]]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(value, ast.Name):
                yield str(key.value), value.id


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _plain(name: str) -> str:
    return re.sub("[-_]", "", name).lower()


def _short(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(name.removeprefix(f"{_PACKAGE}.") for name in names))


def _shorts(names: Iterable[str]) -> list[str]:
    return [name.removeprefix(f"{_PACKAGE}.") for name in names]
