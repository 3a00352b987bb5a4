"""Loads an existing module under another name."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
from types import ModuleType


class AliasLoader(importlib.abc.Loader):
    """Loads an existing module under another name without changing its identity."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._identity: dict[str, object] = {}

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return the existing module."""
        try:
            module = importlib.import_module(self._target)
        except ModuleNotFoundError as error:
            if error.name != self._target:
                raise
            raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name) from None
        self._identity = {
            name: getattr(module, name, None) for name in ("__spec__", "__loader__", "__package__")
        }
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the identity of the module, which the import system has changed."""
        for name, value in self._identity.items():
            setattr(module, name, value)


def alias_spec(fullname: str, target: str) -> importlib.machinery.ModuleSpec | None:
    """Return a spec that loads ``target`` as ``fullname``, or ``None`` if it is not installed.

    Whether a package that is installed has the module is seen when it is loaded, since finders must
    not import packages: other threads that load them would wait for each other.
    """
    if importlib.util.find_spec(target.partition(".")[0]) is None:
        return None
    return importlib.machinery.ModuleSpec(fullname, AliasLoader(target))
