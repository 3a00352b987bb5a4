"""Replaces functions of other packages in place, including names that are already imported.

Old programs import Terra's functions by name before they use ``IBMQ``, so setting an attribute of
the module would be too late. The function object itself is changed: it keeps its identity, name,
docstring and signature, and calls the replacement.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Final

_MARK: Final = "__replaced_by_ibmq_backend__"

Replacement = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Returns the function to call instead of the given original."""


def _call_replacement(*args: Any, _replacement: Callable[..., Any], **kwargs: Any) -> Any:
    return _replacement(*args, **kwargs)


def rebound(function: FunctionType, names: Mapping[str, object]) -> FunctionType:
    """Return a copy of a function with other values of global names or ``__builtins__``."""
    copied = FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copied.__kwdefaults__ = function.__kwdefaults__
    copied.__qualname__ = function.__qualname__
    return copied


def replace_in_place(function: FunctionType, replacement: Replacement) -> None:
    """Make every call of ``function`` a call of its replacement, even if it was imported before.

    A second call changes nothing. If the function was created by a decorator with
    ``functools.wraps``, the decorated function is replaced.

    Raises:
        TypeError: the function is a closure without a decorated function.
    """
    if hasattr(function, _MARK):
        return
    if function.__code__.co_freevars:
        _replace_decorated(function, replacement)
    else:
        signature = inspect.signature(function)
        original = rebound(function, {})
        function.__defaults__ = None
        function.__kwdefaults__ = {"_replacement": replacement(original)}
        function.__code__ = _call_replacement.__code__
        function.__signature__ = signature  # type: ignore[attr-defined]
    setattr(function, _MARK, True)


def _replace_decorated(function: FunctionType, replacement: Replacement) -> None:
    """Replace the function in the closure of a decorator."""
    below = getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        if below is not None and cell.cell_contents is below:
            cell.cell_contents = replacement(below)
            function.__wrapped__ = cell.cell_contents  # type: ignore[attr-defined]
            return
    raise TypeError(f"{function.__qualname__} is a closure and cannot be replaced in place.")
