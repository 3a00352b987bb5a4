"""Device snapshots on disk: finding and reading them.

A snapshot consists of up to three JSON files in one folder: ``conf_X.json`` (the configuration
document of the service), ``props_X.json`` (its properties document) and ``defs_X.json`` (its pulse
defaults). Files of one snapshot share the same ``X``; ``props_X_DATE.json`` beside them are
properties of other dates. qiskit-terra contains about fifty snapshots; users may add folders of
their own.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from ibmq_backend.text_files import read_text

__all__ = [
    "SnapshotError",
    "SnapshotFiles",
    "discover",
    "read_document",
    "terra_folder",
    "terra_version",
]

Document = dict[str, Any]

_DATED: Final = re.compile(r"(.+)_\d{4}-\d{2}-\d{2}[^_]*")
"""The ``X_DATE`` of ``props_X_DATE.json``."""


class SnapshotError(ValueError):
    """A snapshot file is missing, unreadable or incomplete.

    Attributes:
        path: the file or folder.
        reason: the problem in words.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"Device snapshot {path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class SnapshotFiles:
    """The files of one snapshot.

    Attributes:
        stem: the ``X`` of ``conf_X.json``.
        configuration: path of the configuration, None if only calibration was published.
        properties: path of the properties, or None.
        defaults: path of the pulse defaults, or None.
        dated: paths of properties of other dates, ``props_X_DATE.json``.
    """

    stem: str
    configuration: Path | None = None
    properties: Path | None = None
    defaults: Path | None = None
    dated: tuple[Path, ...] = ()


def terra_folder() -> Path:
    """Return the folder of snapshots in the installed qiskit-terra, without importing it.

    Raises:
        SnapshotError: if qiskit is not installed or has no snapshots.
    """
    spec = importlib.util.find_spec("qiskit")
    locations = list(spec.submodule_search_locations or ()) if spec else []
    for location in locations:
        folder = Path(location) / "providers" / "fake_provider" / "backends"
        if folder.is_dir():
            return folder
    raise SnapshotError(
        Path("qiskit/providers/fake_provider/backends"),
        "not found; the emulator needs qiskit-terra 0.20 to 0.46 for its device data",
    )


def terra_version() -> str:
    """Return the version of the installed qiskit-terra, or "unknown"."""
    for distribution in ("qiskit-terra", "qiskit"):
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return "unknown"


def discover(folder: Path) -> Iterator[SnapshotFiles]:
    """Yield the snapshots in a folder and in its direct subfolders, sorted by name.

    Raises:
        SnapshotError: if the folder does not exist.
    """
    if not folder.is_dir():
        raise SnapshotError(folder, "is not a folder")
    folders = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    for each in folders:
        configured = _stems(each, "conf")
        dated: dict[str, list[Path]] = {}
        alone = set()
        for stem in sorted(_stems(each, "props") - configured):
            match = _DATED.fullmatch(stem)
            if match and match[1] in configured:
                dated.setdefault(match[1], []).append(each / f"props_{stem}.json")
            else:
                alone.add(stem)
        for stem in sorted(configured | alone):
            yield SnapshotFiles(
                stem=stem,
                configuration=_existing(each / f"conf_{stem}.json"),
                properties=_existing(each / f"props_{stem}.json"),
                defaults=_existing(each / f"defs_{stem}.json"),
                dated=tuple(dated.get(stem, ())),
            )


def read_document(path: Path) -> Document:
    """Read one JSON object.

    Raises:
        SnapshotError: if the file cannot be read, is not JSON, or is not an object.
    """
    try:
        document = json.loads(read_text(path), parse_constant=_reject_constant)
    except OSError as error:
        raise SnapshotError(path, f"cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise SnapshotError(path, f"is not JSON ({error})") from error
    except RecursionError:
        raise SnapshotError(path, "is nested too deeply") from None
    if not isinstance(document, dict):
        raise SnapshotError(path, f"must contain a JSON object, not {type(document).__name__}")
    return document


def _reject_constant(word: str) -> None:
    raise ValueError(f"it contains {word}")


def _stems(folder: Path, kind: str) -> set[str]:
    return {path.stem.split("_", 1)[1] for path in folder.glob(f"{kind}_*.json")}


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None
