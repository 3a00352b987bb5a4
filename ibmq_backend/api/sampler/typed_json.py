"""Decodes the service's typed JSON: objects ``{"__type__": ..., "__value__": ...}``.

Only the types of measured data are decoded; objects of other types are returned unchanged. The
stated size of an array must match its bytes.
"""

from __future__ import annotations

import base64
import binascii
import io
import math
import zlib
from collections.abc import Mapping
from tokenize import TokenError
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from ibmq_backend._http.errors import UNREADABLE

MAX_ARRAY_BYTES: Final = 1 << 31
"""Maximum size of an unpacked array."""

_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_CONTAINERS: Final = frozenset(
    {"PrimitiveResult", "SamplerPubResult", "EstimatorPubResult", "PubResult", "BindingsArray"}
)


@frozen(eq=False)
class BitArray:
    """The outcomes of the shots of one register.

    Attributes:
        rows: the bytes, shape ``(*pub shape, shots, bytes per shot)``; each row is one shot with
            its most significant byte first.
        num_bits: the size of the register.
    """

    rows: NDArray[np.uint8] = field(repr=False)
    num_bits: int

    def values(self) -> NDArray[Any]:
        """Return the measured value of each shot, shape ``(*pub shape, shots)``.

        Registers of more than 63 bits give Python integers (dtype ``object``).
        """
        width = self.rows.shape[-1]
        small = width < 8
        numbers = np.zeros(self.rows.shape[:-1], dtype=np.int64 if small else object)
        for index in range(width):
            column = self.rows[..., index].astype(np.int64 if small else object)
            numbers = numbers * 256 + column
        return numbers


@frozen
class DataBin:
    """The named data of one pub, in the order of its fields."""

    fields: Mapping[str, Any]
    shape: tuple[int, ...]


def decode(value: Any) -> Any:
    """Return a JSON value with all typed objects decoded; unreadable metadata stays as it is.

    Raises:
        ValueError, TypeError, KeyError: a typed object is not in its documented form.
    """
    if isinstance(value, list):
        if _SCALARS.issuperset(map(type, value)):  # samples, for example: a long list
            return value
        return [decode(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__type__")
    if kind is None or "__value__" not in value:
        return _fields(value)
    inner = value["__value__"]
    if kind == "ndarray":
        return _array(inner)
    if kind == "BitArray":
        rows = np.asarray(decode(inner["array"]))
        if rows.dtype != np.uint8 or rows.ndim < 2:
            raise TypeError(f"bits come as {rows.dtype} in {rows.ndim} dimensions")
        num_bits = int(inner["num_bits"])
        if num_bits < 1 or rows.shape[-1] != -(-num_bits // 8):
            raise ValueError(f"{num_bits} bits come in {rows.shape[-1]} bytes")
        return BitArray(rows, num_bits)
    if kind == "DataBin":
        return _data_bin(inner)
    if kind in _CONTAINERS:
        return _fields(inner)
    if kind == "ExecutionSpans":
        return [decode(span) for span in inner["spans"]]
    if kind == "datetime":
        return inner
    if kind == "complex":
        return complex(inner[0], inner[1])
    return value


def _fields(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _metadata(entry) if key == "metadata" else decode(entry)
        for key, entry in value.items()
    }


def _metadata(value: Any) -> Any:
    try:
        return decode(value)
    except UNREADABLE:
        return value  # the measured data are complete without it


def _data_bin(inner: Mapping[str, Any]) -> DataBin:
    fields = {name: decode(entry) for name, entry in inner["fields"].items()}
    names = inner.get("field_names")
    if isinstance(names, list) and set(names) == set(fields):
        fields = {name: fields[name] for name in names}
    shape = decode(inner.get("shape") or [])
    return DataBin(fields, tuple(int(length) for length in shape))


def _array(inner: Any) -> NDArray[Any]:
    if not isinstance(inner, str):
        return np.asarray(decode(inner))  # small arrays may be lists
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(inner, validate=True), MAX_ARRAY_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"an array cannot be unpacked: {error}") from error
    if not unpacker.eof:
        raise ValueError("an array is truncated or too large")
    return _read_npy(data)


def _read_npy(content: bytes) -> NDArray[Any]:
    """Read a ``.npy`` file; ``numpy.load`` reads archives too and trusts the stated shape."""
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
