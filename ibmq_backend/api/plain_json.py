"""Values of Python programs as JSON has them; used by both dialects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import fields, has


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


def unmapped(model: Any, mapped: Collection[str]) -> dict[str, Any]:
    """Return the fields of a reply that records have no place for, as JSON.

    Args:
        model: of the bindings.
        mapped: names of the fields that are left out.

    Returns:
        Described fields by their names in Python, and all that the description does not name.
    """
    found: dict[str, Any] = dict(model.additional_properties)
    for field in fields(type(model)):
        value = getattr(model, field.name)
        is_absent = value is field.default
        if not is_absent and field.init and field.name not in mapped:
            found[field.name] = value.to_dict() if has(type(value)) else value
    return found
