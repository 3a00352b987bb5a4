"""Values of Python programs as JSON has them; used by both dialects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain_value(value: Any) -> Any:
    """Return a value that JSON has no form for as one that it has; for ``json.dumps(default=)``.

    Complex numbers become ``[re, im]``, arrays lists, parameter expressions without free
    parameters numbers.

    Raises:
        TypeError: there is no such form.
    """
    if isinstance(value, complex):
        return [value.real, value.imag]
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "parameters") and not value.parameters:
        number = complex(value)
        return number.real if number.imag == 0.0 else [number.real, number.imag]
    raise TypeError(f"{type(value).__name__} has no JSON form")
