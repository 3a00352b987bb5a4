"""Rows of docs/documented.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KEYS = {"documented", "here", "since", "test", "difference", "bases"}


class DocsError(Exception):
    """The table cannot be read."""


@dataclass(frozen=True)
class Row:
    """One documented thing.

    Attributes:
        area: heading it stands under.
        documented: what was documented: a signature, a name, or a sentence.
        here: dotted path of what answers to it; empty when nothing does.
        since: first version of the original that had it.
        tests: pytest node ids that would fail without it.
        difference: how it differs and why; empty when it does not.
        bases: names of documented base classes.
    """

    area: str
    documented: str
    here: str
    since: str
    tests: tuple[str, ...]
    difference: str
    bases: tuple[str, ...]


@dataclass(frozen=True)
class Area:
    """A heading, what to know about its rows, and the rows."""

    title: str
    text: str
    rows: tuple[Row, ...]


def read_areas(path: Path) -> list[Area]:
    """Return all areas in the order of the file.

    Raises:
        DocsError: a key is missing or not known.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_area(entry) for entry in document["area"]]


def _area(entry: dict[str, Any]) -> Area:
    title = entry["title"]
    rows = tuple(_row(title, row) for row in entry["rows"])
    return Area(title, entry.get("text", ""), rows)


def _row(area: str, entry: dict[str, Any]) -> Row:
    documented = entry.get("documented", "")
    if unknown := entry.keys() - _KEYS:
        raise DocsError(f"{area}: {documented!r} has unknown keys: {', '.join(sorted(unknown))}.")
    if missing := {"documented", "here", "since", "test"} - entry.keys():
        raise DocsError(f"{area}: {documented!r} lacks {', '.join(sorted(missing))}.")
    tests = entry["test"]
    return Row(
        area=area,
        documented=documented,
        here=entry["here"],
        since=entry["since"],
        tests=(tests,) if isinstance(tests, str) else tuple(tests),
        difference=entry.get("difference", ""),
        bases=tuple(entry.get("bases", ())),
    )
