"""Installed distributions as folders on a path, without installing anything."""

import csv
import json
from pathlib import Path

TERRA_FILES = {
    "qiskit/__init__.py": "__version__ = '0.46.3'\n",
    "qiskit/VERSION.txt": "0.46.3\n",
    "qiskit/exceptions.py": "class QiskitError(Exception): pass\n",
    "qiskit/providers/__init__.py": "",
    "qiskit/tools/__init__.py": "",
}
MODERN_FILES = {
    "qiskit/__init__.py": "__version__ = '2.6.2'\n",
    "qiskit/VERSION.txt": "2.6.2\n",
    "qiskit/exceptions.py": "class QiskitError(Exception): pass\n",
}
OWN_FILES = {"qiskit/providers/ibmq/__init__.py": "IBMQ = 'ours'\n"}
ORIGINAL_FILES = {
    "qiskit/providers/ibmq/__init__.py": "IBMQ = 'theirs'\n",
    "qiskit/providers/ibmq/ibmqfactory.py": "",
}


def install(
    site: Path,
    name: str,
    version: str,
    files: dict[str, str] | None = None,
    *,
    recorded: dict[str, str] | None = None,
    requires: tuple[str, ...] = (),
) -> Path:
    """Write the files and the metadata of a distribution; return the folder of its metadata.

    Args:
        site: folder that is on the path.
        name: name of the distribution.
        version: its version.
        files: text of its files by their path.
        recorded: other texts in its metadata, by name of the file.
        requires: its requirements.
    """
    for path, text in (files or {}).items():
        place = site / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {one}" for one in requires)]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, ""]))
    for file, text in (recorded or {}).items():
        (info / file).write_text(text)
    with (info / "RECORD").open("w", newline="") as record:
        csv.writer(record).writerows([path, "", ""] for path in (files or {}))
    return info


def install_terra(site: Path) -> None:
    """Install qiskit 0.46.3, which consists of a metapackage and of qiskit-terra."""
    install(site, "qiskit", "0.46.3")
    install(site, "qiskit-terra", "0.46.3", TERRA_FILES)


def install_own(site: Path, source: dict[str, object] | None = None, **options) -> Path:
    """Install this package from a source, as ``direct_url.json`` describes it."""
    recorded = {"direct_url.json": json.dumps(source)} if source else {}
    recorded |= options.pop("recorded", {})
    return install(site, "ibmq-backend", "0.1.0", OWN_FILES, recorded=recorded, **options)


def remove(site: Path, name: str, files: dict[str, str]) -> None:
    """Remove a distribution with its files, also those that it shares with another."""
    for path in files:
        (site / path).unlink(missing_ok=True)
    for info in site.glob(f"{name.replace('-', '_')}-*.dist-info"):
        for file in info.iterdir():
            file.unlink()
        info.rmdir()
