"""Released packages that contain calibrations, and reading them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Document = dict[str, Any]

RELEASES: Final = (
    ("qiskit-terra", "0.12.0"),
    ("qiskit-terra", "0.13.0"),
    ("qiskit-terra", "0.14.1"),
    ("qiskit-terra", "0.15.2"),
    ("qiskit-terra", "0.16.4"),
    ("qiskit-terra", "0.17.4"),
    ("qiskit-terra", "0.18.3"),
    ("qiskit-terra", "0.20.2"),
    ("qiskit-terra", "0.22.4"),
    ("qiskit-terra", "0.24.2"),
    ("qiskit-ibm-runtime", "0.24.0"),
    ("qiskit-ibm-runtime", "0.36.1"),
    ("qiskit-ibm-runtime", "0.51.0"),
)
"""Each has calibrations that no earlier one has."""

# The wheels are only unpacked. Source packages of that age need their old tools before pip can
# even download them.
_PIP_DOWNLOAD: Final = (
    "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
    "--only-binary", ":all:", "--implementation", "cp", "--python-version", "38", "--abi", "cp38",
    "--platform", "manylinux2010_x86_64", "--platform", "manylinux2014_x86_64",
)  # fmt: skip
_PIP_DOWNLOAD_PURE: Final = _PIP_DOWNLOAD[:7]
_PROPERTIES: Final = re.compile(r"(.*/)props_([^/]*)\.json")


@dataclass(frozen=True)
class Published:
    """A calibration in a released package.

    Attributes:
        source: package and version.
        properties: the calibration document.
        configuration: the configuration document of the same release; None if it has none.
    """

    source: str
    properties: Document
    configuration: Document | None


def download(folder: Path) -> None:
    """Download the releases that a folder does not have, with pip."""
    for package, version in RELEASES:
        if _wheel(folder, package, version) is None:
            print(f"downloading {package} {version}", file=sys.stderr)
            options = _PIP_DOWNLOAD if package == "qiskit-terra" else _PIP_DOWNLOAD_PURE
            command = [sys.executable, "-m", *options, "--dest", str(folder)]
            subprocess.run([*command, f"{package}=={version}"], check=True)


def read_releases(folder: Path) -> Iterator[Published]:
    """Yield the calibrations in downloaded releases, by release and file name."""
    for package, version in RELEASES:
        wheel = _wheel(folder, package, version)
        if wheel is None:
            raise FileNotFoundError(f"{package} {version} is not in {folder}")
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
            for found in filter(None, map(_PROPERTIES.fullmatch, sorted(names))):
                beside = f"{found[1]}conf_{found[2]}.json"
                configuration = json.loads(archive.read(beside)) if beside in names else None
                properties = json.loads(archive.read(found[0]))
                yield Published(f"{package} {version}", properties, configuration)


def _wheel(folder: Path, package: str, version: str) -> Path | None:
    return next(folder.glob(f"{package.replace('-', '_')}-{version}-*.whl"), None)
