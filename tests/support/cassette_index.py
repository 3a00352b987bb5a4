"""INDEX.toml: where each cassette comes from and what it was recorded with."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.support.spec_check import SPEC

NAME: Final = "INDEX.toml"
SOURCES: Final = ("emulator", "live", "published")
"""Only the last two are evidence about the service; an emulator cassette proves nothing of it."""

_HEADING: Final = """\
# Where each cassette comes from. Written by scripts/record; do not edit.
# source: "emulator" says nothing about the real service; "live" and "published" do.
"""


@dataclass(frozen=True)
class Entry:
    """What is known of one cassette.

    Attributes:
        path: below the folder of the cassettes, with slashes.
        source: one of :data:`SOURCES`.
        recorded: day of the recording, ISO.
        spec_sha256: of the description that it was checked against when it was recorded.
        strays: requests that are meant to miss every operation.
    """

    path: str
    source: str
    recorded: str
    spec: str
    spec_sha256: str
    ibmq_backend: str
    httpx: str
    vcrpy: str
    strays: tuple[str, ...] = ()


def spec_sha256(dialect: str) -> str:
    """Digest of the description of a dialect."""
    return hashlib.sha256((SPEC / f"{dialect}.yaml").read_bytes()).hexdigest()


def entry(
    path: str, dialect: str, source: str, recorded: date, strays: Iterable[str] = ()
) -> Entry:
    """The entry of a cassette that has just been recorded."""
    return Entry(
        path=path,
        source=source,
        recorded=recorded.isoformat(),
        spec=f"spec/{dialect}.yaml",
        spec_sha256=spec_sha256(dialect),
        ibmq_backend=version("ibmq-backend"),
        httpx=version("httpx"),
        vcrpy=version("vcrpy"),
        strays=tuple(strays),
    )


def read(folder: Path) -> dict[str, Entry]:
    """The entries by path; none when there is no index."""
    file = folder / NAME
    if not file.exists():
        return {}
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        path: Entry(path=path, **{**table, "strays": tuple(table.get("strays", ()))})
        for path, table in tables.items()
    }


def files(folder: Path) -> set[str]:
    """The cassettes that there are, by path below the folder."""
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*.yaml")}


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
    (folder / NAME).write_text(text, encoding="utf-8")


def _table(one: Entry) -> str:
    # JSON text and JSON lists of text are TOML too.
    lines = [f"\n[{json.dumps(one.path)}]"]
    for name, value in asdict(one).items():
        if name == "path" or (name == "strays" and not value):
            continue
        lines.append(f"{name} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"
