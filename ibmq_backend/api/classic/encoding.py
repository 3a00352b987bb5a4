"""Writes a Qobj as the service reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ibmq_backend.exceptions import ApiError


def encode_qobj(document: Mapping[str, Any]) -> bytes:
    """Return a Qobj document as JSON text in UTF-8.

    Complex numbers become ``[re, im]``, arrays lists, parameter expressions without free
    parameters numbers.

    Raises:
        ApiError: something in it has no JSON form; nothing was sent.
    """
    try:
        return json.dumps(document, default=_plain, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ApiError(
            f"The Qobj cannot be written as JSON: {error}", operation="createJob", accepted=False
        ) from error


def _plain(value: Any) -> Any:
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
