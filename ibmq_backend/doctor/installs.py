"""``pip install`` lines and magics in a notebook that would spoil the installation or fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from ibmq_backend.doctor.findings import Finding
from ibmq_backend.doctor.library import absent_package, is_installed
from ibmq_backend.doctor.sources import Command
from ibmq_backend.doctor.versions import satisfies

_PIP: Final = re.compile(
    r"^[%!]\s*(?:\S*python\S*\s+-m\s+|\{sys\.executable\}\s+-m\s+)?pip3?\s+install\b(.*)"
)
_REQUIREMENT: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?(.*)$")
_PINNED: Final = frozenset({"qiskit", "qiskit-aer", "qiskit-terra"})
_SPOILING: Final = frozenset({"qiskit-ibm-provider", "qiskit-ibm-runtime", "qiskit-ibmq-provider"})
"""Packages that need another Qiskit, or overwrite files of this one."""

_MAGIC_PACKAGES: Final = {"%matplotlib": "matplotlib"}


def command_findings(command: Command) -> Iterator[Finding]:
    """Yield what is wrong with a magic or a shell command."""
    words = command.text.split()
    package = _MAGIC_PACKAGES.get(words[0])
    if package and not is_installed(package):
        lost = absent_package(package, needed_by=words[0])
        yield Finding("error", lost.kind, command.place, words[0], lost.problem, lost.remedy)
    pip = _PIP.match(command.text)
    if not pip:
        return
    arguments = [word.strip("'\"") for word in pip[1].split("#")[0].split()]
    upgrades = any(word in ("-U", "--upgrade", "--force-reinstall") for word in arguments)
    for argument in arguments:
        wanted = _REQUIREMENT.match(argument)
        if not wanted:
            continue
        name = wanted[1].lower().replace("_", "-")
        if name in _SPOILING or (
            name in _PINNED and _would_replace(name, wanted[2].strip(), upgrades)
        ):
            problem = f"Installing {argument} would replace parts of this installation."
            present = (
                f"{name} {version(name)} is installed"
                if name in _PINNED
                else "ibmq-backend takes its place"
            )
            remedy = f"Delete it: {present}."
            yield Finding("error", "install", command.place, name, problem, remedy)


def _would_replace(name: str, bounds: str, upgrades: bool) -> bool:
    """Return whether pip would install another version than the present one."""
    if upgrades and "==" not in bounds:
        return True
    try:
        return not satisfies(version(name), bounds)
    except PackageNotFoundError:
        return False
