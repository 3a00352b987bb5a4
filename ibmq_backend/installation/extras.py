"""The optional dependencies of this package: what each is for, and what is missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from dataclasses import dataclass
from typing import Final

from ibmq_backend.installation.commands import DISTRIBUTION, install_command, installer

PURPOSES: Final[dict[str, str]] = {
    "local": "the emulator: the local service and ibmq-backend serve",
    "postgres": "an emulator that keeps its jobs in PostgreSQL",
    "dask": "an emulator that runs its jobs on a Dask cluster",
    "visualization": "maps of devices and Qiskit's plots",
    "notebook": "tables and widgets in Jupyter",
    "ignis": "qiskit.ignis: error mitigation, tomography and benchmarking of old programs",
    "testing": "the pytest plugin: fixtures and cassettes",
}
"""What each extra is for."""

AER: Final = "qiskit-aer"

FIRST_PYTHON_WITHOUT_AER: Final = (3, 13)
"""Aer 0.14 is the last for Qiskit 0.46, and has no wheel for this version of Python or later."""

_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w.-]+)['"]""")
_NAME = re.compile(r"[\w.-]*\w")
_OWN_EXTRAS = re.compile(r"\[([\w.,\s-]+)\]")


@dataclass(frozen=True)
class Extra:
    """An extra of this package in this environment.

    Attributes:
        name: name of the extra.
        purpose: what it is for.
        requires: distributions that it needs.
        missing: those that are not installed.
        unavailable: why it cannot be completed with this version of Python; empty if it can.
        install_command: the command that installs it.
    """

    name: str
    purpose: str
    requires: tuple[str, ...]
    missing: tuple[str, ...]
    unavailable: str
    install_command: str

    @property
    def is_complete(self) -> bool:
        """Whether everything that it needs is installed."""
        return not self.missing

    @property
    def remedy(self) -> str:
        """What to run to complete it, or why that is not possible and what to do instead."""
        return self.unavailable or self.install_command


def find_extras() -> tuple[Extra, ...]:
    """Return all extras, with what is missing of each."""
    return tuple(find_extra(name) for name in PURPOSES)


def find_extra(name: str) -> Extra:
    """Return one extra, with what is missing of it."""
    requires = _requirements(name)
    missing = tuple(each for each in requires if not _is_installed(each))
    kept = complete_extras() if installer().replaces_environment else ()
    return Extra(
        name=name,
        purpose=PURPOSES[name],
        requires=requires,
        missing=missing,
        unavailable=why_without_aer() if AER in missing else "",
        install_command=install_command({name, *kept}),
    )


def complete_extras() -> tuple[str, ...]:
    """Return the names of the extras of which nothing is missing."""
    return tuple(
        name
        for name in PURPOSES
        if (requires := _requirements(name)) and all(map(_is_installed, requires))
    )


def why_without_aer() -> str:
    """Return why this version of Python has no Aer, and what to do; empty if it has one."""
    if sys.version_info < FIRST_PYTHON_WITHOUT_AER:
        return ""
    return (
        f"{AER} 0.14, the last one for Qiskit 0.46, does not exist for Python "
        f"{sys.version_info[0]}.{sys.version_info[1]}. Install in an environment of Python 3.12, "
        "or use a server: IBMQ.enable_account(token, url)."
    )


def require_aer() -> None:
    """Raise ``ModuleNotFoundError`` if Aer is missing, which is imported only where jobs run."""
    if importlib.util.find_spec("qiskit_aer") is None:
        raise ModuleNotFoundError("No module named 'qiskit_aer'", name="qiskit_aer")


def describe_missing(needed_by: str, extra: str, module: str | None) -> str:
    """Return the message about a module that is missing, with the command that installs it.

    Args:
        needed_by: what needs the module, the subject of the sentence.
        extra: the extra that contains it.
        module: name of the module, as in ``ModuleNotFoundError.name``.
    """
    found = find_extra(extra)
    if found.unavailable and module in (None, "qiskit_aer"):
        return f"{needed_by} needs {AER}. {found.unavailable}"
    return (
        f"{needed_by} needs {module or ', '.join(found.missing)}, which is not installed. "
        f"Run `{found.install_command}`."
    )


def _requirements(extra: str) -> tuple[str, ...]:
    """Return the distributions that an extra adds, also through other extras."""
    found: list[str] = []
    for requirement in _metadata_requirements():
        if extra not in _EXTRA.findall(requirement):
            continue
        match = _NAME.match(requirement)
        name = match.group().lower() if match else ""
        if name != DISTRIBUTION:
            found.append(name)
        elif of_others := _OWN_EXTRAS.match(requirement, len(name)):
            for other in of_others.group(1).split(","):
                found.extend(_requirements(other.strip()))
    return tuple(dict.fromkeys(found))


def _metadata_requirements() -> list[str]:
    try:
        return importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return []


def _is_installed(distribution: str) -> bool:
    try:
        importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
