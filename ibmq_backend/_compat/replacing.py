"""Changes functions of another package in place, so that names imported before change with them.

Old programs import Terra's functions by name before they touch ``IBMQ``. Setting an attribute of
the module would come too late for them, so the function object itself is changed: it keeps its
identity, name, text and signature and hands every call over.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Final

_MARK: Final = "__replaced_by_ibmq_backend__"

Replacement = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Given the function as it was, returns what is called instead."""


def _hand_over(*args: Any, _replacement: Callable[..., Any], **kwargs: Any) -> Any:
    return _replacement(*args, **kwargs)


def rebound(function: FunctionType, names: Mapping[str, object]) -> FunctionType:
    """Return a copy of a function for which some global names mean something else.

    Args:
        function: any Python function.
        names: global name, or ``__builtins__``, to what it shall mean.
    """
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
    """Make every call of ``function`` go to its replacement, wherever it was imported already.

    Doing it again changes nothing. Of a function that a decorator with ``functools.wraps`` made,
    the decorated one is replaced, below the innermost decorator that can be seen.

    Args:
        function: a Python function.
        replacement: called once with the function as it was.

    Raises:
        TypeError: the function is a closure without a decorated function below.
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
        function.__code__ = _hand_over.__code__
        function.__signature__ = signature  # type: ignore[attr-defined]
    setattr(function, _MARK, True)


def _replace_decorated(function: FunctionType, replacement: Replacement) -> None:
    """Exchange the function that a decorator holds in its closure."""
    below = getattr(function, "__wrapped__", None)
    for cell in function.__closure__ or ():
        if below is not None and cell.cell_contents is below:
            cell.cell_contents = replacement(below)
            function.__wrapped__ = cell.cell_contents  # type: ignore[attr-defined]
            return
    raise TypeError(f"{function.__qualname__} is a closure and cannot be replaced in place.")
