"""Lets functions of Terra take the argument names they had in the years of ``IBMQ``.

Old programs import such functions by name before they touch ``IBMQ``, so replacing the attribute of
the module would come too late: the function object itself is changed, in place, when the old import
path is first used. New names keep working, and nothing changes for programs that never import it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

_MARK: Final = "__accepts_old_arguments__"


def _with_new_names(
    *args: Any, _original: Callable[..., Any], _renamed: dict[str, str], **kwargs: Any
) -> Any:
    for old, new in _renamed.items():
        if old in kwargs:
            if new in kwargs:
                raise TypeError(f"{old!r} is the old name of {new!r}: give one of them.")
            kwargs[new] = kwargs.pop(old)
    return _original(*args, **kwargs)


def rename_in_place(function: FunctionType, renamed: dict[str, str]) -> None:
    """Make ``function`` accept old keyword names, wherever it has been imported already.

    Args:
        function: a plain function without closure.
        renamed: old keyword name to today's.
    """
    if hasattr(function, _MARK) or function.__code__.co_freevars:
        return
    signature = inspect.signature(function)
    original = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    original.__kwdefaults__ = function.__kwdefaults__
    function.__defaults__ = None
    function.__kwdefaults__ = {"_original": original, "_renamed": dict(renamed)}
    function.__code__ = _with_new_names.__code__
    function.__signature__ = signature  # type: ignore[attr-defined]
    setattr(function, _MARK, True)


def accept_old_arguments() -> None:
    """Apply the table of renamed arguments to Terra's functions."""
    from qiskit.circuit.random import random_circuit

    # n_qubits until Terra 0.16; the documented program of the provider calls it so.
    rename_in_place(random_circuit, {"n_qubits": "num_qubits"})
