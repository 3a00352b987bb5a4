"""Who owns the folder ``qiskit/`` of this environment, and whether it is intact.

Qiskit 1 and later, qiskit-terra, qiskit-ibmq-provider and this package install files in the same
folder. Package managers do not notice: each overwrites and deletes files of the others.
"""

from __future__ import annotations

import csv
import importlib.machinery
import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ibmq_backend.installation.commands import DISTRIBUTION, quote, reinstall_command
from ibmq_backend.installation.extras import complete_extras

TESTED_VERSION: Final = "0.46.3"
"""The version of Terra with which this package was tested."""

FOLDER: Final = "qiskit"
TERRA: Final = "qiskit-terra"
METAPACKAGE: Final = "qiskit"
ORIGINAL_PROVIDER: Final = "qiskit-ibmq-provider"
OLD_PATH: Final = "old-path"


@dataclass(frozen=True)
class Owner:
    """A distribution that installed files in the folder ``qiskit/``, or should have.

    Attributes:
        name: name of the distribution.
        version: its version.
        location: the folder that contains ``qiskit/``.
        files: number of files that it installed there; the metapackage qiskit 0.46 has none.
        missing: those of them that no longer exist.
    """

    name: str
    version: str
    location: Path
    files: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """Something wrong with the installation.

    Attributes:
        kind: ``two-owners``, ``incomplete``, ``absent``, ``wrong-version`` or ``shadowed`` for
            Qiskit, ``old-path`` for the folder ``qiskit/providers/ibmq``.
        problem: one sentence that says what is wrong.
        repair: the line that repairs it.
    """

    kind: str
    problem: str
    repair: str

    def __str__(self) -> str:
        return f"{self.problem} Run `{self.repair}`."


def find_owners() -> tuple[Owner, ...]:
    """Return the distributions with files in the folder ``qiskit/``, by name."""
    found: dict[str, Owner] = {}
    for distribution in importlib.metadata.distributions():
        name = (distribution.name or "").lower().replace("_", "-")
        paths = list(_paths(distribution))
        if name in found or not (paths or name in (METAPACKAGE, TERRA, ORIGINAL_PROVIDER)):
            continue
        found[name] = Owner(
            name=name,
            version=distribution.version,
            location=Path(str(distribution.locate_file(""))),
            files=len(paths),
            missing=tuple(path for path in paths if not _exists(distribution, path)),
        )
    return tuple(found[name] for name in sorted(found))


def examine() -> tuple[Finding, ...]:
    """Return what is wrong with the folder ``qiskit/``; nothing if it is intact.

    One line repairs all that it finds, except a program that hides the folder.
    """
    owners = {owner.name: owner for owner in find_owners()}
    problems = [
        *_problems_of_qiskit(owners),
        *_problems_of_the_old_path(owners),
    ]
    removed = [
        name
        for name in (METAPACKAGE, TERRA, ORIGINAL_PROVIDER)
        if name in owners
        and (name == ORIGINAL_PROVIDER or any(kind != OLD_PATH for kind, _ in problems))
    ]
    line = reinstall_command(removed, complete_extras()) if problems else ""
    findings = [Finding(kind, problem, line) for kind, problem in problems]
    return (*_shadows(owners), *findings)


def explain() -> str | None:
    """Return why Qiskit does not work and what repairs it, ``None`` if it is intact."""
    return next((str(finding) for finding in examine() if finding.kind != OLD_PATH), None)


def install_beside(distribution: str) -> str:
    """Return the command that installs a package without replacing Terra."""
    return f"pip install {distribution} '{METAPACKAGE}=={TESTED_VERSION}'"


def _problems_of_qiskit(owners: dict[str, Owner]) -> Iterator[tuple[str, str]]:
    qiskit, terra = owners.get(METAPACKAGE), owners.get(TERRA)
    if qiskit and not qiskit.version.startswith("0."):
        if terra:
            yield (
                "two-owners",
                f"qiskit {qiskit.version} and {TERRA} {terra.version} overwrite each other in the "
                f"folder {FOLDER}/: ibmq-backend needs {TESTED_VERSION}, and Qiskit 1 or later an "
                "environment of its own.",
            )
        else:
            yield (
                "wrong-version",
                f"qiskit {qiskit.version} is installed, but ibmq-backend needs {TESTED_VERSION}.",
            )
    elif terra is None:
        yield "absent", f"{TERRA} {TESTED_VERSION} is not installed."
    elif terra.version != TESTED_VERSION:
        yield (
            "wrong-version",
            f"{TERRA} {terra.version} is installed, but ibmq-backend needs {TESTED_VERSION}.",
        )
    elif terra.missing:
        yield "incomplete", _incomplete(terra)


def _problems_of_the_old_path(owners: dict[str, Owner]) -> Iterator[tuple[str, str]]:
    original, own = owners.get(ORIGINAL_PROVIDER), owners.get(DISTRIBUTION)
    if original:
        yield (
            OLD_PATH,
            f"{ORIGINAL_PROVIDER} {original.version} and ibmq-backend are both installed in the "
            f"folder {FOLDER}/providers/ibmq.",
        )
    elif own and own.missing:
        yield OLD_PATH, _incomplete(own)


def _incomplete(owner: Owner) -> str:
    example = min(owner.missing, key=lambda path: (not path.endswith(".py"), path.count("/"), path))
    return (
        f"{len(owner.missing)} of the {owner.files} files of {owner.name} {owner.version} in the "
        f"folder {FOLDER}/ are missing, such as {example}."
    )


def _shadows(owners: dict[str, Owner]) -> Iterator[Finding]:
    """Find a module named qiskit that is imported instead of the installed one."""
    terra = owners.get(TERRA)
    spec = importlib.machinery.PathFinder.find_spec(FOLDER)
    if terra is None or not terra.files or spec is None or spec.origin is None:
        return
    imported = Path(spec.origin)
    if imported.name == "__init__.py":
        imported = imported.parent
    if imported.parent.resolve() != terra.location.resolve():
        renamed = imported.with_name(f"my_{imported.name}")
        yield Finding(
            "shadowed",
            f"{imported} is imported instead of the installed Qiskit: give it another name.",
            f"mv {quote(str(imported))} {quote(str(renamed))}",
        )


def _paths(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    """Yield the files of a distribution in the folder, without those that Python writes."""
    record = distribution.read_text("RECORD") or ""
    if f"{FOLDER}/" not in record:
        return
    for row in csv.reader(record.splitlines()):
        if row and row[0].startswith(f"{FOLDER}/") and not row[0].endswith(".pyc"):
            yield row[0]


def _exists(distribution: importlib.metadata.Distribution, path: str) -> bool:
    return Path(str(distribution.locate_file(path))).exists()
