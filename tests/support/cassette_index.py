"""INDEX.toml: where each cassette comes from and what it was recorded with."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tests.support import cassettes, dialects
from tests.support.exchanges import Exchange
from tests.support.spec_check import SPEC

NAME: Final = "INDEX.toml"
SOURCES: Final = ("emulator", "live", "published")
"""Only the last two are evidence about the service; an emulator cassette proves nothing of it."""

LIBRARIES: Final = ("ibmq-backend", "httpx", "qiskit")
"""What a recording depends on: who asked, how, and what made the circuits."""

AGE_VARIABLE: Final = "IBMQ_CASSETTES_DAYS"
USUAL_DAYS: Final = 365

_HEADING: Final = """\
# Where each cassette comes from. Written by scripts/record; do not edit.
# source: "emulator" says nothing about the real service; "live" and "published" do.
"""


@dataclass(frozen=True)
class Entry:
    """The entry of one cassette in the index.

    Attributes:
        path: relative to the folder of the cassettes, with slashes.
        source: one of :data:`SOURCES`.
        recorded: day of the recording, ISO.
        api_version: the version of the API that its requests name; empty in the classic dialect.
        specs: path of each description to its digest (SHA-256) at that time.
        libraries: name to version.
        strays: requests that are intended to match no operation.
        facts: what the tests must know of the live account when they replay it.
    """

    path: str
    source: str
    recorded: str
    api_version: str
    specs: Mapping[str, str]
    libraries: Mapping[str, str]
    strays: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def spec_digests(dialect: str) -> dict[str, str]:
    """Return the current digest of each description that covers a dialect, by path."""
    return {
        f"spec/{name}.yaml": hashlib.sha256((SPEC / f"{name}.yaml").read_bytes()).hexdigest()
        for name in dialects.descriptions(dialect)
    }


def entry(
    path: str,
    source: str,
    recorded: date,
    exchanges: Iterable[Exchange] = (),
    *,
    strays: Iterable[str] = (),
    facts: Mapping[str, Any] | None = None,
) -> Entry:
    """Return the entry of a new cassette."""
    versions = {exchange.headers.get("ibm-api-version", "") for exchange in exchanges} - {""}
    return Entry(
        path=path,
        source=source,
        recorded=recorded.isoformat(),
        api_version=", ".join(sorted(versions)),
        specs=spec_digests(cassettes.dialect_of(path)),
        libraries={name: version(name) for name in LIBRARIES},
        strays=tuple(strays),
        facts=facts or {},
    )


def read(folder: Path) -> dict[str, Entry]:
    """Return the entries by path; none when there is no index."""
    file = folder / NAME
    if not file.exists():
        return {}
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        path: Entry(path=path, **{**table, "strays": tuple(table.get("strays", ()))})
        for path, table in tables.items()
    }


def files(folder: Path) -> set[str]:
    """Return the relative paths of all cassettes."""
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*.yaml")}


def outdated(folder: Path) -> list[str]:
    """Return the emulator cassettes that are older than a change of their descriptions."""
    return [
        one.path
        for one in read(folder).values()
        if one.source == "emulator" and one.specs != spec_digests(cassettes.dialect_of(one.path))
    ]


def age_warning(folder: Path, today: date) -> str:
    """Return a warning about old cassettes, or an empty text.

    It is only a warning, because an old checkout must pass offline. ``IBMQ_CASSETTES_DAYS`` sets
    the age in days; 0 switches the warning off.
    """
    days = int(os.environ.get(AGE_VARIABLE) or USUAL_DAYS)
    old = [
        one
        for one in read(folder).values()
        if days and (today - date.fromisoformat(one.recorded)).days > days
    ]
    if not old:
        return ""
    oldest = min(old, key=lambda one: one.recorded)
    return (
        f"{len(old)} cassettes are older than {days} days, {oldest.path} of {oldest.recorded} for "
        f"one: scripts/record makes them anew ({AGE_VARIABLE}=0 silences this)"
    )


def prune(folder: Path, dialect: str, recorded: Collection[str]) -> None:
    """Delete the emulator's cassettes of a dialect that have not been recorded."""
    known = read(folder)
    for path in files(folder) - set(recorded):
        source = known[path].source if path in known else "emulator"
        if path.startswith(f"{dialect}/") and source == "emulator":
            (folder / path).unlink()


def update(folder: Path, entries: Iterable[Entry]) -> None:
    """Write new entries and drop those whose cassette is gone."""
    known = read(folder) | {one.path: one for one in entries}
    present = files(folder)
    kept = [known[path] for path in sorted(known) if path in present]
    text = _HEADING + "".join(map(_table, kept))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(text, encoding="utf-8")


def _table(one: Entry) -> str:
    # JSON text is TOML text too.
    lines = [f"\n[{json.dumps(one.path)}]"]
    for name, value in asdict(one).items():
        if name == "path" or (name in ("strays", "facts") and not value):
            continue
        lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
