"""Comparison of a published description with ours, which is lenient on purpose.

Ours describes the replies of several versions, keeps words open that a published description lists,
and names error codes and headers that were measured but never published. None of this makes a
client fail against a service that behaves as published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from scripts._drift.changes import Change, Effect
from scripts._drift.compare import compare_versions
from scripts._drift.operations import Version
from scripts._drift.problems import DriftError

_NAMES: Final = {"operation renamed", "tag changed", "server added", "server removed"}
_BOUNDS: Final = {
    f"{bound} changed"
    for bound in ("pattern", "format", "minLength", "maxLength", "minimum", "maximum",
                  "minItems", "maxItems")
}  # fmt: skip
_ALLOWED_IN_REPLIES: Final = {"fields no longer described", "other objects allowed"}
_IDENTITY: Final = ("part", "where", "field", "kind", "old", "new")


def compare_with_published(ours: Version, published: Version) -> list[Change]:
    """Return the differences; breaking are those that contradict our description.

    Raises:
        DriftError: a reference cannot be followed.
    """
    set_once = {
        f"{one.location} {one.name}"
        for version in (ours, published)
        for operation in version.operations.values()
        for one in operation.parameters.values()
        if one.set_once
    }
    return [
        replace(one, effect=Effect.COMPATIBLE) if _is_allowed(one) else one
        for one in compare_versions(ours, published)
        if one.kind not in _NAMES
        and not (one.kind in ("parameter added", "parameter removed") and one.where in set_once)
    ]


def without_known(changes: Iterable[Change], path: Path) -> list[Change]:
    """Return the changes that an earlier report does not contain.

    Args:
        changes: the changes.
        path: a report written by ``--json``.

    Raises:
        DriftError: the file is not such a report.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["changes"]
        known = {
            (_plain(entry["endpoint"]), *(entry[key] for key in _IDENTITY)) for entry in entries
        }
    except OSError as error:
        raise DriftError(f"{path}: cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DriftError(
            f"{path}: is not a report of changes. Write one with --json FILE."
        ) from error
    listed = list(changes)
    moved = {one.endpoint: one.old for one in listed if one.kind == "path changed"}

    def is_known(one: Change) -> bool:
        identity = tuple(getattr(one, key) for key in _IDENTITY)
        endpoints = {one.endpoint, moved.get(one.endpoint, one.endpoint)}
        return any((_plain(endpoint), *identity) in known for endpoint in endpoints)

    return [one for one in listed if not is_known(one)]


def as_json(old: str, new: str, changes: Iterable[Change]) -> str:
    """Return the changes as JSON, for programs and for ``--known``."""
    entries = [{**asdict(one), "effect": one.effect.value} for one in changes]
    return json.dumps({"old": old, "new": new, "changes": entries}, indent=1) + "\n"


def _plain(endpoint: str) -> str:
    return re.sub("{[^}]*}", "{}", endpoint)


def _is_allowed(change: Change) -> bool:
    return any(_reasons(change))


def _reasons(change: Change) -> Iterator[bool]:
    yield change.kind in ("way to sign in removed", "header removed")
    if change.part == "response":
        yield change.kind in _BOUNDS | _ALLOWED_IN_REPLIES  # bindings do not check bounds
        yield change.kind == "field removed" and not change.old.endswith("(required)")
        yield change.kind == "type changed" and change.new.endswith(("anything", "anything else"))
        return
    yield change.kind in ("pattern changed", "format changed")  # one form has several notations
    yield change.kind == "minLength changed" and change.new == "1"
    yield change.part == "parameter" and change.kind == "parameter removed"
