"""Adds old names to modules that still exist."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from ibmq_backend._compat.names.old_name import GoneName, OldName
from ibmq_backend._compat.names.tables import GONE_NAMES, OLD_NAMES


def names_by_module() -> dict[str, dict[str, OldName | GoneName]]:
    """Return the old names by module and attribute; modules are attributes of their package."""
    found: dict[str, dict[str, OldName | GoneName]] = {}
    rows: list[OldName | GoneName] = [*OLD_NAMES, *GONE_NAMES]
    for each in rows:
        module, _, attribute = each.name.rpartition(".")
        if module:
            found.setdefault(module, {})[attribute] = each
    return found


def add_names(module: ModuleType, names: dict[str, OldName | GoneName]) -> None:
    """Let a module import its old names when a program uses them.

    Names that the module has itself are left alone. Modules of such a name are registered, since
    their import would replace it, as ``import qiskit.execute`` would the function.
    """
    below = [each for each in names.values() if isinstance(each, OldName) and each.is_module]
    if below and not hasattr(module, "__path__"):
        module.__path__ = []  # a module that was a package
    for each in below:
        if each.name.rpartition(".")[2] in vars(module) and each.target in sys.modules:
            sys.modules.setdefault(each.name, sys.modules[each.target])
    other = getattr(module, "__getattr__", None)
    module.__getattr__ = _with_names(module, names, other)  # type: ignore[method-assign]


def _with_names(
    module: ModuleType,
    names: dict[str, OldName | GoneName],
    other: Callable[[str], Any] | None,
) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:
        found = names.get(name)
        if isinstance(found, OldName):
            try:
                value = vars(module)[name] = found.resolve()
            except ModuleNotFoundError as error:  # of a package that is not installed
                raise AttributeError(str(error)) from error
            return value
        if found is not None and found.is_module and found.name == f"{module.__name__}.{name}":
            raise AttributeError(str(found))  # then the module is looked for
        if found is not None and _imports_from(sys._getframe(1)):
            raise ImportError(str(found))  # an AttributeError becomes "cannot import name"
        if found is not None:
            raise AttributeError(str(found))
        if other is not None:
            return other(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    return __getattr__


def _imports_from(frame: FrameType | None) -> bool:
    """Return whether a frame is at ``from module import name``, rather than at ``module.name``."""
    while frame is not None and frame.f_code.co_name == "__getattr__":
        frame = frame.f_back  # a module with several old names was adapted for each
    return frame is not None and frame.f_code.co_code[frame.f_lasti] == dis.opmap["IMPORT_FROM"]
