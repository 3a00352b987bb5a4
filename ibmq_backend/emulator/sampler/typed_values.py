"""The typed encoding of values inside JSON: ``{"__type__": ..., "__value__": ...}``."""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import zlib
from collections.abc import Iterable
from tokenize import TokenError
from typing import Any

import numpy as np

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode

Array = np.ndarray[Any, np.dtype[Any]]

_MAX_BYTES = 1 << 28
MAX_POINTS = 10_000_000
"""Limit of points of a pub, equal to that of the executions of a job."""
_BROKEN = (
    binascii.Error, zlib.error, ValueError, TypeError, KeyError, EOFError, OSError, OverflowError
)  # fmt: skip


def num_elements(shape: Iterable[int]) -> int:
    """Return the number of elements of nested arrays of this shape.

    An axis without elements counts as one of one element: the arrays around it take memory too.
    """
    return math.prod(max(length, 1) for length in shape)


def encode_array(array: Array) -> dict[str, Any]:
    """Return an array as ``ndarray``: base64 of a compressed ``.npy`` file."""
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    packed = base64.b64encode(zlib.compress(content.getvalue())).decode()
    return {"__type__": "ndarray", "__value__": packed}


def unpack(text: Any) -> bytes:
    """Return the bytes of a compressed value.

    Raises:
        ValueError: if it is not base64 of a zlib container, or larger than 256 MB.
    """
    try:
        stream = zlib.decompressobj()
        content = stream.decompress(base64.b64decode(text, validate=True), _MAX_BYTES)
    except _BROKEN as error:
        raise ValueError(f"it is not base64 of a zlib container ({error})") from error
    if stream.unconsumed_tail or not stream.eof:
        raise ValueError("it is cut off or too large")
    return content


def parameter_values(value: Any, names: list[str]) -> tuple[list[int], list[list[float]]]:
    """Return the parameter values of a pub.

    Args:
        value: null, an object by name, an array in the order of the names, or a typed value.
        names: names of the parameters, in alphabetical order.

    Returns:
        The shape of the pub, and a list of values for each of its points, in C order.

    Raises:
        JobRefused: if the values do not fit the circuit.
    """
    try:
        array = np.atleast_1d(_value_array(value, names))
    except _BROKEN as error:
        raise JobRefused(
            f"The parameter values cannot be read: {error}", ErrorCode.JOB_NOT_VALID
        ) from error
    if array.shape[-1] != len(names):
        raise JobRefused(
            f"The circuit has {len(names)} parameters; values are given for {array.shape[-1]}",
            ErrorCode.JOB_NOT_VALID,
        )
    if not np.isfinite(array).all():
        raise JobRefused("A parameter value is not a finite number", ErrorCode.JOB_NOT_VALID)
    shape = [int(length) for length in array.shape[:-1]]
    if num_elements(shape) > MAX_POINTS:
        raise JobRefused(
            f"Values are given for more than {MAX_POINTS} points", ErrorCode.JOB_NOT_VALID
        )
    points = array.reshape((int(np.prod(shape, dtype=np.int64)), len(names)))
    return shape, [[float(number) for number in point] for point in points]


def _value_array(value: Any, names: list[str]) -> Array:
    if isinstance(value, dict) and "__type__" in value:
        kind, content = value["__type__"], value["__value__"]
        if kind == "ndarray":
            return _numbers(_typed_array(content))
        if kind != "BindingsArray":
            raise ValueError(f"values of the type {kind!r} are not known")
        value = {
            name: column
            for key, typed in content["data"].items()
            for name, column in _columns(json.loads(key), _typed_array(typed["__value__"]))
        }
    if value is None:
        return np.zeros((0,))
    if isinstance(value, dict):
        missing = [name for name in names if name not in value]
        if missing or len(value) != len(names):
            raise ValueError(f"the parameters are {', '.join(names) or 'none'}")
        columns = [_numbers(value[name]) for name in names]
        if num_elements(np.broadcast_shapes(*(one.shape for one in columns))) > MAX_POINTS:
            raise ValueError(f"there are more than {MAX_POINTS} points")
        return np.stack(np.broadcast_arrays(*columns), axis=-1) if columns else np.zeros((0,))
    return _numbers(value)


def _columns(names: list[str], array: Array) -> list[tuple[str, Array]]:
    if array.shape[-1:] != (len(names),):
        raise ValueError("the arrays do not fit their names")
    return [(name, array[..., index]) for index, name in enumerate(names)]


def _typed_array(content: Any) -> Array:
    return read_npy(unpack(content)) if isinstance(content, str) else np.asarray(content)


def read_npy(content: bytes) -> Array:
    """Read an array of numbers from a ``.npy`` file.

    Unlike :func:`numpy.load`, it accepts neither archives nor pickled objects, and never allocates
    more than the size of the file.

    Raises:
        ValueError: if the file has another format or another length than its header states.
    """
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array is not in version 1.0 of its format")
    try:
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    except (RecursionError, MemoryError, SyntaxError, TokenError) as error:
        raise ValueError(f"the header of an array cannot be read ({error})") from error
    data = content[stream.tell() :]
    if dtype.kind not in "biufc" or math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"an array of {dtype} and shape {shape} does not fit {len(data)} bytes")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if is_fortran else "C")


def _numbers(value: Any) -> Array:
    array = np.asarray(value).astype(float, casting="same_kind")  # not from complex numbers
    return array.reshape((0,)) if array.size == 0 and array.ndim <= 1 else array


def bit_array(values: list[int], num_bits: int, shape: list[int]) -> dict[str, Any]:
    """Return the shots of a register as ``BitArray``.

    Args:
        values: one value for each shot, point after point.
        num_bits: width of the register.
        shape: shape of the pub followed by the number of shots.
    """
    width = -(-num_bits // 8)
    content = b"".join(value.to_bytes(width, "big") for value in values)
    array = np.frombuffer(content, dtype=np.uint8).reshape((*shape, width))
    return {
        "__type__": "BitArray",
        "__value__": {"array": encode_array(array), "num_bits": num_bits},
    }


def plain_bits(values: list[int], num_bits: int) -> dict[str, Any]:
    """Return the shots of a register in a plain result."""
    return {"samples": [hex(value) for value in values], "num_bits": num_bits}
