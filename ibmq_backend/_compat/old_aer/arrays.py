"""Saved states and operators that behave as the NumPy arrays that Aer returned until 0.9.

What ``Statevector``, ``DensityMatrix``, ``Operator`` and ``SuperOp`` of Terra do is unchanged. Only
what they refuse is done with their arrays, of shape (2**n,), (2**n, 2**n) or (4**n, 4**n).
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

import numpy as np

from ibmq_backend._compat.replacing import replace_in_place

METHODS: Final = (
    *("__getitem__", "__setitem__", "__abs__", "__neg__", "__pos__", "__pow__"),
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__"),
    *("__truediv__", "__rtruediv__", "__matmul__", "__rmatmul__"),
    *("dot", "reshape", "conjugate", "transpose", "adjoint"),
)
"""Methods that use the array if those of Terra raise an error or do not exist."""


def adapt_saved_states(module: ModuleType) -> None:
    """Adapt the classes of saved states and operators in ``qiskit_aer.backends.compatibility``."""
    for cls in (module.Statevector, module.DensityMatrix, module.Operator, module.SuperOp):
        for name in METHODS:
            inherited = getattr(cls, name, None)
            if inherited is not None or hasattr(np.ndarray, name):
                setattr(cls, name, _or_of_array(name, inherited))
        cls.__eq__ = _elementwise(cls.__eq__)
        cls.__ne__ = _elementwise(cls.__ne__)


def _or_of_array(name: str, inherited: Callable[..., Any] | None) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        from qiskit.exceptions import QiskitError

        if inherited is not None:
            try:
                result = inherited(self, *args, **kwargs)
            except (AttributeError, QiskitError, TypeError, ValueError):
                pass
            else:
                if result is not NotImplemented:
                    return as_saved(self, result)
        arrays = (np.asarray(each) if hasattr(each, "__array__") else each for each in args)
        return getattr(self.data, name)(*arrays, **kwargs)

    method.__name__ = name
    return method


def _elementwise(inherited: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compare(self: Any, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return getattr(self.data, inherited.__name__)(other)
        return inherited(self, other)

    return compare


def as_saved(saved: Any, result: Any) -> Any:
    """Return a state or operator of Terra as one of Aer, if ``saved`` is of this kind."""
    if type(result) is not type(saved).__mro__[1]:
        return result
    made = object.__new__(type(saved))
    vars(made).update(vars(result))
    return made


def _keep_class(original: Callable[..., Any]) -> Callable[..., Any]:
    def rounded(saved: Any, decimals: int | None = None) -> Any:
        return as_saved(saved, original(saved, decimals=decimals))

    return rounded


def adapt_rounding(module: ModuleType) -> None:
    """Keep the class of states and operators that ``decimals=`` rounds."""
    replace_in_place(module.format_statevector, _keep_class)
    replace_in_place(module.format_unitary, _keep_class)
