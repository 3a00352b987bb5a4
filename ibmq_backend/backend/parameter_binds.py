"""Checks the values of ``parameter_binds``, which are also numbers and arrays of numpy."""

from __future__ import annotations

import cmath
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from qiskit.circuit import ParameterExpression, ParameterVector

from ibmq_backend.exceptions import IBMQBackendValueError


def read_parameter_binds(
    binds: object, error: type[Exception] = IBMQBackendValueError
) -> list[dict[Any, Any]]:
    """Return the mappings of parameters to values, with numbers of Python instead of numpy's.

    Args:
        binds: a list or array of mappings; a ``ParameterVector`` has a list or array of values.
        error: class of the error.

    Raises:
        IBMQBackendValueError: the binds are not mappings, or a value is not a finite number; by
            default of this class.
    """
    listed = _native(binds)
    if not isinstance(listed, list | tuple) or not all(
        isinstance(each, Mapping) for each in listed
    ):
        raise error(
            f"parameter_binds must be a list of dictionaries, not {binds!r}. Give one for each set "
            "of values: parameter_binds=[{theta: 0.1}, {theta: 0.2}]."
        )
    return [
        {parameter: _value(parameter, value, error) for parameter, value in each.items()}
        for each in listed
    ]


def _value(parameter: object, value: Any, error: type[Exception]) -> Any:
    native = _native(value)
    if isinstance(parameter, ParameterVector) and isinstance(native, list | tuple):
        return [_value(parameter.name, each, error) for each in native]
    number: complex = cmath.nan
    if not isinstance(native, str):
        with suppress(TypeError, ValueError, RuntimeError, OverflowError):
            number = complex(native)
    if not cmath.isfinite(number):
        raise error(
            f"parameter_binds: the value of {parameter!s} must be a finite number, not {value!r}. "
            "Give one dictionary for each set of values: [{theta: 0.1}, {theta: 0.2}]."
        )
    if isinstance(native, bool):
        return int(native)
    if isinstance(native, int | float | complex | ParameterExpression):
        return native
    return number if number.imag else number.real


def _native(value: Any) -> Any:
    """Return an array or a scalar of numpy as a list or number of Python."""
    return value.tolist() if hasattr(value, "tolist") else value
