"""Adapts modules of Terra: those that are loaded at once, the others when they get loaded."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
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
    """Lets modules load as they would, and adapts them before the importing program goes on."""

    def __init__(self, adaptations: Mapping[str, Adaptation]) -> None:
        self._adaptations = adaptations
        self._looking: Final = threading.local()

    def adapt_loaded(self) -> None:
        """Adapt the modules that are loaded already."""
        for name, adaptation in self._adaptations.items():
            module = sys.modules.get(name)
            if module is not None:
                _adapt(module, adaptation)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec that the other finders give, its loader followed by the adaptation."""
        del path, target
        adaptation = self._adaptations.get(fullname)
        if adaptation is None or getattr(self._looking, "name", None) == fullname:
            return None
        self._looking.name = fullname
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._looking.name = None
        loader = None if spec is None else spec.loader
        if loader is None:
            return spec
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            _adapt(module, adaptation)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _adapt(module: ModuleType, adaptation: Adaptation) -> None:
    try:
        adaptation(module)
    except (AttributeError, TypeError) as error:
        # Another release of Aer: the program goes on with Aer as it is.
        logger.debug("%s is left as it is: %r", module.__name__, error)
