"""Find handwritten lines that a change breaks, or that use what changed, with mypy.

mypy runs over the adapters three times: with bindings made from the old description, from the new
one, and from the new one without the fields and parameters that changed. Errors of the second run
are lines that break. Errors of the third are lines that use what changed.
"""

from __future__ import annotations

import ast
import copy
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scripts._drift.changes import Change
from scripts._drift.operations import METHODS, Version
from scripts._drift.problems import DriftError
from scripts._drift.wire import constant_of
from scripts._regenerate.bindings import build_package
from scripts._regenerate.dialects import DIALECTS
from scripts._regenerate.problems import RegenerateError
from scripts._regenerate.spec_check import check_spec, resolve
from scripts._regenerate.spec_source import Description

_CHECKED: Final = "ibmq_backend/api"
_ERROR: Final = re.compile(r"(?P<file>ibmq_backend/\S+?):(?P<line>\d+): error: (?P<message>.*)")
_ERROR_STATUSES: Final = ("4", "5", "default")
_MODIFIED_ENDS: Final = ("[]", "*")

Document = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class CodeLine:
    """One line of handwritten code.

    Attributes:
        file: path relative to the repository.
        line: line number, from 1.
        message: what mypy says about it; empty for a line that uses what changed but still works.
    """

    file: str
    line: int
    message: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class CodeImpact:
    """What the changes do to the handwritten code.

    Attributes:
        by_change: for each change the lines that break, or else those that use it.
        others: lines that break and that no single change accounts for.
    """

    by_change: Mapping[Change, Sequence[CodeLine]]
    others: Sequence[CodeLine]


def check_code(
    root: Path, dialect: str, old: Version, new: Version, changes: Sequence[Change]
) -> CodeImpact:
    """Return which handwritten lines break with the new version or use what has changed.

    Args:
        root: folder of the repository.
        dialect: name of the dialect that the descriptions belong to.
        old: the description that the code was written for.
        new: the description to check the code with.
        changes: the differences between both.

    Raises:
        DriftError: no bindings can be made from one of the descriptions, or mypy failed.
    """
    try:
        check_spec(Description(new.name, dict(new.document)))
    except RegenerateError as error:
        raise DriftError(
            f"{error}\nComplete NEW as a file of spec/ before --check-code."
        ) from error
    documents = (old.document, new.document, without_changed(new, changes))
    with _Workbench(root, dialect) as bench:
        before, after, using = map(bench.errors, documents)
    broken = after - before
    uses = using - after
    by_change = {
        one: _lines_of(one, broken, uses, _models_of(one, old, new))
        or _free_readers(root, one, old, new)
        for one in changes
    }
    known = {str(line) for lines in by_change.values() for line in lines}
    return CodeImpact(by_change, sorted(line for line in broken if str(line) not in known))


def without_changed(version: Version, changes: Sequence[Change]) -> dict[str, Any]:
    """Return a copy of a description without the fields and parameters that changed."""
    document: dict[str, Any] = copy.deepcopy(dict(version.document))
    for change in changes:
        for owner, name in _owners_of_field(document, change):
            owner["properties"].pop(name, None)
            owner["required"] = [one for one in owner.get("required", ()) if one != name]
            if not owner["required"]:
                del owner["required"]
        if change.part == "parameter" and not change.where.startswith("path "):
            for holder in _operation_objects(document, change):
                holder["parameters"] = [
                    one
                    for one in holder.get("parameters", ())
                    if _parameter_name(document, one) != change.where
                ]
    return document


def _parameter_name(document: Document, parameter: dict[str, Any]) -> str:
    found = resolve(document, parameter)
    return f"{found['in']} {found['name']}"


def _operation_objects(document: Document, change: Change) -> Iterator[dict[str, Any]]:
    """Yield the operation of a change and the path item that it belongs to."""
    for item in document["paths"].values():
        for method in METHODS:
            operation = item.get(method)
            if operation is not None and operation.get("operationId") == change.operation:
                yield operation
                yield item


def _owners_of_field(document: Document, change: Change) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the schemas that describe the field of a change as a property, and its name."""
    steps = [step for step in re.split(r"\.|(\[\])", change.field) if step]
    while steps and steps[-1] in _MODIFIED_ENDS:
        steps.pop()
    if not steps or change.part not in ("request", "response"):
        return
    for operation in _operation_objects(document, change):
        body = operation.get("requestBody", {})
        status, _, media = change.where.partition(" ")
        if change.part == "response":
            body = operation.get("responses", {}).get(status, {})
        for kind, content in resolve(document, body).get("content", {}).items():
            if kind.partition(";")[0] in (media, change.where):
                for owner in _owners(document, content.get("schema", {}), steps):
                    yield owner, steps[-1]


def _owners(document: Document, schema: Any, steps: list[str]) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    schema = resolve(document, schema)
    for key in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(key, ()):
            yield from _owners(document, part, steps)
    first, *rest = steps
    properties = schema.get("properties", {})
    if not rest:
        if first in properties:
            yield schema
        return
    inner = {"[]": schema.get("items"), "*": schema.get("additionalProperties")}
    yield from _owners(document, inner.get(first, properties.get(first)), rest)


class _Workbench:
    """Bindings in a fixed folder, so that mypy checks only what differs from its last run.

    Args:
        root: folder of the repository.
        dialect: name of the dialect whose bindings are replaced.
    """

    def __init__(self, root: Path, dialect: str) -> None:
        self._root = root
        self._dialect = next(one for one in DIALECTS if one.name == dialect)
        self._cache = root / ".mypy_cache" / "drift"
        self._bindings = self._cache / "bindings"

    def __enter__(self) -> _Workbench:
        self._bindings.mkdir(parents=True, exist_ok=True)
        self._lock = (self._cache / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._bindings, ignore_errors=True)
        self._lock.close()

    def errors(self, document: Document) -> set[CodeLine]:
        """Return the errors of mypy in the adapters with bindings made from a description."""
        package = self._bindings / self._dialect.package
        shutil.rmtree(package, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="drift-") as work:
            try:
                made = build_package(self._dialect, document, self._root / "spec", Path(work))
            except RegenerateError as error:
                raise DriftError(str(error)) from error
            shutil.move(made, package)
        return self._run_mypy()

    def _run_mypy(self) -> set[CodeLine]:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", _CHECKED, "--cache-dir", str(self._cache)),
                *("--no-pretty", "--no-error-summary", "--hide-error-context"),
            ],
            cwd=self._root,
            env={**os.environ, "MYPYPATH": str(self._bindings)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise DriftError(f"mypy failed.\n{done.stdout}{done.stderr}".strip())
        found = map(_ERROR.fullmatch, done.stdout.splitlines())
        return {CodeLine(one["file"], int(one["line"]), one["message"]) for one in found if one}


def _models_of(change: Change, old: Version, new: Version) -> set[str]:
    """Return the names of the schemas that describe the field of a change."""
    return {
        _plain(name)
        for version in (old, new)
        for owner, _ in _owners_of_field(version.document, change)
        for name, schema in version.document["components"]["schemas"].items()
        if schema is owner
    }


def _lines_of(
    change: Change, broken: set[CodeLine], uses: set[CodeLine], models: set[str]
) -> list[CodeLine]:
    names = {_plain(name) for name in _names_of(change)}
    using = {
        CodeLine(one.file, one.line)
        for one in uses
        if names & _quoted(one.message) and (not models or models & _quoted(one.message))
    }
    places = {str(one) for one in using}
    breaking = {one for one in broken if str(one) in places or names & _quoted(one.message)}
    return sorted(breaking or using)


def _names_of(change: Change) -> list[str]:
    """Return the names that an error about a change may quote."""
    if change.part == "operation":
        return [constant_of(change.operation)] if change.kind == "operation removed" else []
    if change.part == "parameter":
        return [change.where.partition(" ")[2]]
    words = [word for word in re.split(r"\W+", change.field) if word]
    return words[-1:]


def _quoted(message: str) -> set[str]:
    names = re.findall(r'"([^"]*)"', message.partition("; maybe")[0])
    return {_plain(word) for name in names for word in re.split(r"\W+", name)}


def _plain(name: str) -> str:
    return re.sub("[-_]", "", name).lower()


def _free_readers(root: Path, change: Change, old: Version, new: Version) -> list[CodeLine]:
    """Return the lines that name a field of a document that is read without a model."""
    if change.part not in ("request", "response") or not _names_of(change):
        return []
    package = root / "ibmq_backend"
    searched = package
    if change.part == "response" and change.where.startswith(_ERROR_STATUSES):
        searched = package / "_http"  # reads the errors of all operations
    elif any(any(_owners_of_field(one.document, change)) for one in (old, new)):
        return []
    (name,) = _names_of(change)
    return [
        CodeLine(str(path.relative_to(root)), node.lineno)
        for path in sorted(searched.rglob("*.py"))
        if "emulator" not in path.relative_to(package).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value == name
    ]
