"""Import of Terra without SciPy's optimizers, which take a quarter of its time.

Terra imports them for the approximate synthesis of unitaries, and the emulator for pulses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, Final

__all__ = ["deferred_optimizers"]

_NAME: Final = "scipy.optimize"


@contextmanager
def deferred_optimizers() -> Iterator[None]:
    """Let what is imported in the block import ``scipy.optimize`` when it calls its functions.

    It must not derive classes from those of the module.
    """
    if _NAME in sys.modules:
        yield
        return
    sys.modules[_NAME] = _Deferred(_NAME)
    try:
        yield
    finally:
        if isinstance(sys.modules[_NAME], _Deferred):
            del sys.modules[_NAME]


class _Deferred(ModuleType):
    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any, **options: Any) -> Any:
            return getattr(import_module(_NAME), name)(*arguments, **options)

        return call
