"""Adapts modules of Terra, immediately or when they are loaded."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Final

from ibmq_backend._secrets.redact import get_logger

logger = get_logger(__name__)

Adaptation = Callable[[ModuleType], None]
"""Changes a module that has just been loaded."""


class AdaptingFinder(importlib.abc.MetaPathFinder):
    """A finder that adapts modules when they are loaded.

    Args:
        adaptations: functions by the name of the module that they change.
    """

    def __init__(self, adaptations: Mapping[str, Sequence[Adaptation]]) -> None:
        self._adaptations = adaptations
        self._looking: Final = threading.local()

    def adapt_loaded(self) -> None:
        """Adapt the modules that are already loaded."""
        for name in self._adaptations:
            module = sys.modules.get(name)
            if module is not None:
                self.adapt(module, name)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of the other finders, with a loader that also adapts the module."""
        if fullname not in self._adaptations or getattr(self._looking, "name", None) == fullname:
            return None
        self._looking.name = fullname
        try:
            # Not importlib.util.find_spec, which imports the package: a thread that loads it would
            # wait for the lock that the import system holds while it asks finders.
            others = sys.meta_path[sys.meta_path.index(self) + 1 :]
            specs = (other.find_spec(fullname, path, target) for other in others)
            spec = next(filter(None, specs), None)
        finally:
            self._looking.name = None
        loader = None if spec is None else spec.loader
        if loader is None:
            return spec
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self.adapt(module, fullname)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def adapt(self, module: ModuleType, name: str) -> None:
        """Adapt a module that has just been loaded under a name."""
        for adaptation in self._adaptations[name]:
            try:
                adaptation(module)
            except (AttributeError, TypeError) as error:
                # Another release of Aer; the program continues without the adaptation.
                logger.debug("%s is not adapted: %r", name, error)
