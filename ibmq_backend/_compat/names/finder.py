"""Finds modules by their old names, unless a module of that name is installed."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Final

from ibmq_backend._compat.aliases import alias_spec
from ibmq_backend._compat.names.old_name import GoneName, OldName

_AER_UNTIL_2022: Final = "qiskit.providers.aer."


class OldModuleFinder(importlib.abc.MetaPathFinder):
    """Finds old modules and what is below them in the modules that replace them."""

    def __init__(self, old: Iterable[OldName], gone: Iterable[GoneName]) -> None:
        self._old = {
            each.name: each.target for each in old if each.is_module and each.target != each.name
        }
        self._gone = {each.name: each for each in gone if each.is_module}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for an old module, ``None`` for other modules.

        Raises:
            ModuleNotFoundError: the module has no substitute; the text says what to write.
        """
        del target
        if fullname.startswith(_AER_UNTIL_2022) and fullname not in self._old:
            fullname = fullname.replace(_AER_UNTIL_2022, "qiskit_aer.")  # Terra did not find it
        if fullname in self._old or fullname in self._gone:
            if importlib.machinery.PathFinder.find_spec(fullname, path) is not None:
                return None
            if fullname in self._gone:
                # Without name=, since `from package import module` hides the error that has one.
                raise ModuleNotFoundError(str(self._gone[fullname]))
            return alias_spec(fullname, self._old[fullname])
        above = fullname.rpartition(".")[0]
        while above and above not in self._old:
            above = above.rpartition(".")[0]
        if not above:
            return None
        return alias_spec(fullname, self._old[above] + fullname.removeprefix(above))
