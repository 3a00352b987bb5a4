"""Looks names up in the installed packages, so that what is reported is true of them.

Only modules of the packages in ``INSPECTED`` and of the standard library are imported, never those
of the program.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ibmq_backend._compat.names.elements import same_name_above
from ibmq_backend._compat.names.gone_packages import IGNIS
from ibmq_backend._compat.names.tables import GONE_NAMES
from ibmq_backend.doctor.replacements import (
    DISTRIBUTIONS,
    REPLACEMENTS,
    SEARCHED_MODULES,
    advice_for,
    install_command,
)
from ibmq_backend.installation.extras import Extra, find_extra, find_extras

INSPECTED: Final = frozenset({"qiskit", "qiskit_aer", "numpy", "scipy", "matplotlib"})
"""Packages whose modules are imported to look names up; they run none of the user's code."""

_REASONS: Final = {gone.name: gone.reason[0].upper() + gone.reason[1:] for gone in GONE_NAMES}
"""What to write instead of the names whose import ends in an error."""

_NOT_IMPORTED: Final = frozenset({"__main__", "antigravity", "idlelib", "this", "turtledemo"})
"""Names of modules that do something when they are imported."""


@dataclass(frozen=True)
class Missing:
    """Something that a program imports or uses and that is not installed here.

    Attributes:
        kind: ``name`` if its package is installed without it, ``extra`` if an extra of this package
            brings it, ``package`` for a foreign package, ``service`` if its service is gone.
        problem: what is wrong, as a sentence.
        remedy: what to write or to run instead.
    """

    kind: str
    problem: str
    remedy: str


def is_inspected(name: str) -> bool:
    """Return whether names of a module are looked up."""
    parts = name.split(".")
    known = parts[0] in INSPECTED or parts[0] in sys.stdlib_module_names
    return known and _NOT_IMPORTED.isdisjoint(parts)


def load(name: str, folder: Path) -> ModuleType | Missing | None:
    """Return a module, what is wrong with it, or ``None`` if it is not looked into.

    Args:
        name: dotted name of the module.
        folder: folder of the program, whose modules it can import.
    """
    root = name.partition(".")[0]
    if (folder / f"{root}.py").exists() or (folder / root).is_dir():
        return None
    if not is_inspected(name):
        return None if is_installed(root) else absent_package(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if missing.partition(".")[0] != root:
            return absent_package(missing, needed_by=name)
        if not is_installed(root):
            return absent_package(name)
        return _gone_module(name, error)
    except ImportError as error:  # of an optional dependency, with Terra's own text
        return _optional(name, error)
    except Exception as error:  # the module fails here, as it would in the program
        return Missing("name", f"{name} cannot be imported: {error!r}.", "ibmq-backend doctor")


def member(owner: Any, path: str, name: str, folder: Path, *, imports: bool = False) -> Any:
    """Return an attribute of a module, class or object, or what is wrong with it.

    Args:
        owner: the object that should have it.
        path: dotted name of the object.
        name: name of the attribute.
        folder: folder of the program.
        imports: the program imports the name, which loads it if it is a module.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(owner, name)
    except AttributeError:
        if f"{path}.{name}" in _REASONS:
            return gone(path, name, owner)
    except ImportError as error:  # modules that load their names on demand
        return _optional(f"{path}.{name}", error)
    full = f"{path}.{name}"
    if isinstance(owner, ModuleType):
        if not imports and _has_module(full):
            return Missing("name", f"The program does not import {full}.", f"import {full}")
        below = load(full, folder)
        if not isinstance(below, Missing) or below.kind != "name":
            return below
    return gone(path, name, owner)


def gone(path: str, name: str, owner: Any) -> Missing:
    """Return what to say about a name that an installed module or class does not have."""
    full = f"{path}.{name}"
    home = _present_home(name, path) if path.startswith("qiskit") else None
    moved = f"from {home} import {name}" if home else None
    row = REPLACEMENTS.get(full) or _REASONS.get(full)
    present = row or moved or advice_for(full) or _similar(name, owner)
    of = owner.__module__ if inspect.isclass(owner) else path
    return Missing(
        "name",
        f"{full} does not exist in {_release_of(of)}.",
        present or f"Rewrite what uses it: there is no {name} any more.",
    )


def better_import(missing: Missing, module: str, names: Sequence[str]) -> Missing:
    """Return what to write for names that are imported from a module that does not exist.

    Args:
        missing: what is wrong with the module.
        module: its dotted name.
        names: what the program imports from it.
    """
    if "qiskit" not in module or missing.kind not in ("name", "package"):
        return missing
    rows: list[str] = []
    moved: dict[str, list[str]] = {}
    for name in names:
        above = same_name_above(f"{module}.{name}")
        row = next((REPLACEMENTS[each] for each in above if each in REPLACEMENTS), None)
        home = None if row else _present_home(name, module)
        if row:
            rows.append(row)
        elif home:
            moved.setdefault(home, []).append(name)
    lines = [f"from {home} import {', '.join(found)}" for home, found in moved.items()]
    lines += [row.rstrip(".") for row in dict.fromkeys(rows)]
    return replace(missing, remedy="; ".join(lines)) if lines else missing


def absent_package(name: str, needed_by: str | None = None) -> Missing:
    """Return what to say about a package that is not installed."""
    root = name.partition(".")[0]
    extra = _extra_with(root)
    needs = f"{needed_by} needs {root}, which" if needed_by else f"The package {root}"
    problem = f"{needs} is not installed."
    if extra:
        return Missing("extra", problem, extra.remedy)
    if needed_by or root in DISTRIBUTIONS:
        return Missing("package", problem, install_command(root))
    own = f"{install_command(root)}  # or put your {root}.py beside the program"
    return Missing("package", problem, advice_for(name) or own)


def needed_packages(function: Any) -> Iterator[str]:
    """Yield the optional packages that a function of Terra needs when it is called."""
    module = getattr(function, "__module__", None) or ""
    if not module.startswith("qiskit.") or not inspect.isfunction(function):
        return
    if module.startswith("qiskit.visualization") and function.__name__.startswith(
        ("plot_", "pulse_drawer", "timeline_drawer")
    ):
        yield "matplotlib"
    from qiskit.utils.lazy_tester import LazyImportTester

    while inspect.isfunction(function):
        for cell in function.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:  # not yet assigned
                continue
            if isinstance(content, LazyImportTester):
                yield from (module.partition(".")[0] for module in content._modules)
        function = getattr(function, "__wrapped__", None)


def unknown_keywords(function: Any, given: Sequence[str]) -> list[str]:
    """Return the keyword arguments that a function does not have.

    Functions behind a decorator, which may accept more, are not judged.
    """
    if not callable(function) or not _is_of_qiskit(function):
        return []
    called = function.__init__ if inspect.isclass(function) else function
    if not inspect.isfunction(called) or hasattr(called, "__wrapped__"):
        return []
    code = called.__code__  # not its signature: a function that was changed may accept more
    if code.co_flags & inspect.CO_VARKEYWORDS:
        return []
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return [name for name in given if name not in names]


def is_installed(root: str) -> bool:
    """Return whether a package can be imported."""
    try:
        return importlib.util.find_spec(root) is not None
    except (ValueError, ImportError):  # a module without a spec, or one that is switched off
        return sys.modules.get(root) is not None


def _extra_with(package: str) -> Extra | None:
    """Return the smallest extra of this package that brings another one."""
    distribution = DISTRIBUTIONS.get(package, package.replace("_", "-")).lower()
    found = [extra for extra in find_extras() if distribution in extra.requires]
    return min(found, key=lambda extra: len(extra.requires), default=None)


def _release_of(path: str) -> str:
    """Return the installed release that a dotted name belongs to, for messages."""
    root = path.partition(".")[0]
    if root in sys.stdlib_module_names:
        return f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    if path.startswith("qiskit.providers.ibmq"):
        root = "ibmq_backend"
    elif path.startswith("qiskit.providers.aer"):
        root = "qiskit_aer"
    distribution = {"qiskit_aer": "qiskit-aer", "ibmq_backend": "ibmq-backend"}.get(root, root)
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return distribution


def _has_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ValueError, ImportError):
        return False


def _gone_module(name: str, error: ModuleNotFoundError) -> Missing:
    if name.startswith("qiskit.providers.ibmq.") and str(error).startswith("There is no "):
        reason = str(error).partition(": ")[2]
        first, _, rest = reason.partition(". ")
        return Missing(
            "service",
            f"{name}: {first.rstrip('.')}.",
            rest or "Delete the import and what uses it.",
        )
    ignis = find_extra("ignis")
    if f"{name}.".startswith(f"{IGNIS}.") and not ignis.is_complete:
        return Missing("extra", f"{IGNIS} is not installed.", ignis.remedy)
    return Missing(
        "name",
        f"{name} does not exist in {_release_of(name)}.",
        _REASONS.get(name) or advice_for(name) or "Delete the import, and rewrite what uses it.",
    )


def _optional(name: str, error: ImportError) -> Missing:
    lost = getattr(error, "_libname", None) or error.name or ""
    if lost and is_installed(lost.partition(".")[0]):
        return Missing("name", f"{name} cannot be imported: {error}.", "ibmq-backend doctor")
    return absent_package(lost or name, needed_by=name)


def _present_home(name: str, path: str) -> str | None:
    """Return the module from which a class or function of Qiskit is imported now."""
    for module_name in SEARCHED_MODULES:
        if module_name == path or ("pulse" in module_name) is not ("pulse" in path):
            continue  # the gates and the instructions of pulses have names in common
        try:
            found = getattr(importlib.import_module(module_name), name, None)
        except ImportError:
            continue
        if _is_of_qiskit(found) and (inspect.isclass(found) or inspect.isfunction(found)):
            return module_name
    return None


def _is_of_qiskit(value: Any) -> bool:
    module = getattr(value, "__module__", None)
    return isinstance(module, str) and module.startswith(("qiskit", "ibmq_backend"))


def _similar(name: str, owner: Any) -> str | None:
    near = difflib.get_close_matches(name, [each for each in dir(owner) if each[0] != "_"], 1, 0.8)
    return f"The nearest name is {near[0]}." if near else None
