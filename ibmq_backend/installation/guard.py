"""Explains imports of a spoiled folder ``qiskit/``, instead of the errors that they end in."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import os
from pathlib import Path

from ibmq_backend.installation.owners import (
    FOLDER,
    OLD_PATH,
    ORIGINAL_PROVIDER,
    TESTED_VERSION,
    examine,
)


class InstallationError(Exception):
    """The installation must be repaired; the text contains the line that does it.

    It is no ``ImportError``: Terra replaces those of ``qiskit.IBMQ`` by the advice to install
    qiskit-ibmq-provider.
    """


def check_import(module: str) -> None:
    """Raise an error that explains why a module cannot be imported, if it is known to be spoiled.

    Args:
        module: name of the module that is about to be imported.

    Raises:
        ImportError: files in ``qiskit/`` are missing, or those of two versions are mixed.
        InstallationError: qiskit-ibmq-provider is installed in the folder of this package, or was.
    """
    if module == FOLDER:
        _refuse_spoiled_folder()
    elif module == f"{FOLDER}.providers.ibmq":
        _refuse_spoiled_old_path()


def _refuse_spoiled_folder() -> None:
    refused = {"two-owners"}
    folder = _folder()
    if folder is None or not (folder / "exceptions.py").is_file():
        refused |= {"incomplete", "shadowed"}
    elif version_on_path() == TESTED_VERSION:
        return
    if os.environ.get("QISKIT_SUPPRESS_1_0_IMPORT_ERROR") == "1":  # Qiskit's own check obeys it too
        return
    for finding in examine():
        if finding.kind in refused:
            raise ImportError(str(finding))


def _refuse_spoiled_old_path() -> None:
    folder = _folder()
    if folder and (folder / "providers" / "ibmq" / "__init__.py").is_file():
        try:
            importlib.metadata.distribution(ORIGINAL_PROVIDER)
        except importlib.metadata.PackageNotFoundError:
            return
    for finding in examine():
        if finding.kind == OLD_PATH:
            raise InstallationError(str(finding))


def _folder() -> Path | None:
    """Return the folder from which Qiskit is imported, if it is a package."""
    spec = importlib.machinery.PathFinder.find_spec(FOLDER)
    return Path(spec.origin).parent if spec and spec.origin else None


def version_on_path() -> str | None:
    """Return the version of Terra that an import finds, without importing it."""
    folder = _folder()
    try:
        return (folder / "VERSION.txt").read_text(encoding="utf-8").strip() if folder else None
    except OSError:
        return None
