"""Values in QPY files of versions 13 to 17: numbers, parameters, and expressions of them."""

from __future__ import annotations

import io
import math
import operator
import struct
import uuid
from collections.abc import Callable
from typing import Any, Final

from qiskit.circuit import Parameter, ParameterExpression

MAX_STEPS: Final = 5000
"""Limit of operations of an expression; deep expressions overflow the stack of symengine."""

_EXPRESSION_STEP: Final = "!Bc16sc16s"
_BINARY: Final[dict[int, Callable[[Any, Any], Any]]] = {
    0: operator.add,
    1: operator.sub,
    2: operator.mul,
    3: operator.truediv,
    18: lambda left, right: right - left,
    19: lambda left, right: right / left,
}
_UNARY: Final = {
    5: "sin", 6: "cos", 7: "tan", 8: "arcsin", 9: "arccos", 10: "exp", 11: "log", 16: "abs",
    17: "arctan",
}  # fmt: skip
_BUILT_IN: Final = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "abs": "fabs"}


class Reader:
    """Reads fixed structures from bytes, never past the end.

    Args:
        content: bytes to read.
        position: where to begin.
    """

    def __init__(self, content: bytes, position: int = 0) -> None:
        self._stream = io.BytesIO(content)
        self._stream.seek(position)

    def take(self, size: int) -> bytes:
        """Return the next bytes.

        Raises:
            ValueError: if fewer bytes are left.
        """
        content = self._stream.read(size)
        if len(content) < size:
            raise ValueError("the file ends too early")
        return content

    def unpack(self, form: str) -> tuple[Any, ...]:
        """Return the next structure, described as for :mod:`struct`."""
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def text(self, size: int) -> str:
        """Return the next bytes as UTF-8."""
        return self.take(size).decode("utf-8")

    def typed(self) -> tuple[str, bytes]:
        """Return the kind (a letter) and the bytes of the next value."""
        kind, size = self.unpack("!1cQ")
        return kind.decode("latin-1"), self.take(size)

    @property
    def ended(self) -> bool:
        """Whether all bytes have been read."""
        here = self._stream.tell()
        left = self._stream.read(1)
        self._stream.seek(here)
        return not left


class Values:
    """Decodes the values of one file; each parameter is one object."""

    def __init__(self) -> None:
        self._parameters: dict[bytes, Parameter] = {}

    def plain(self, kind: str, content: bytes) -> Any:
        """Return a value outside an instruction, for example the global phase.

        Raises:
            ValueError: if its kind is not supported.
        """
        if kind == "f":
            return struct.unpack("!d", content)[0]
        if kind == "i":
            return struct.unpack("!q", content)[0]
        return self._symbolic(kind, content)

    def of_instruction(self, kind: str, content: bytes) -> Any:
        """Return a number, parameter or text of an instruction; numbers are little-endian.

        Raises:
            ValueError: if its kind is not supported.
        """
        if kind == "f":
            return struct.unpack("<d", content)[0]
        if kind == "i":
            return struct.unpack("<q", content)[0]
        return self._symbolic(kind, content)

    def _symbolic(self, kind: str, content: bytes) -> Any:
        reader = Reader(content)
        if kind == "p":
            return self._parameter(reader)
        if kind == "v":
            return self._element(reader)
        if kind == "e":
            return self._expression(reader)
        if kind == "s":
            return content.decode("utf-8")
        if kind == "z":
            return None
        raise ValueError(f"values of the kind {kind!r} are not supported")

    def _parameter(self, reader: Reader) -> Parameter:
        size, key = reader.unpack("!H16s")
        return self._known(key, reader.text(size))

    def _element(self, reader: Reader) -> Parameter:
        size, _length, key, index = reader.unpack("!HQ16sQ")
        return self._known(key, f"{reader.text(size)}[{index}]")

    def _known(self, key: bytes, name: str) -> Parameter:
        if key not in self._parameters:
            self._parameters[key] = Parameter(name, uuid=uuid.UUID(bytes=key))
        return self._parameters[key]

    def _expression(self, reader: Reader) -> Any:
        elements, size = reader.unpack("!QQ")
        if size > MAX_STEPS * struct.calcsize(_EXPRESSION_STEP):
            raise ValueError(f"an expression has more than {MAX_STEPS} operations")
        steps = Reader(reader.take(size))
        for _ in range(elements):
            symbol_kind, _kind, length = reader.unpack("!ccQ")
            if symbol_kind == b"p":
                self._parameter(reader)
            elif symbol_kind == b"v":
                self._element(reader)
            else:
                raise ValueError("expressions of expressions are not supported")
            reader.take(length)
        stack: list[Any] = []
        while not steps.ended:
            code, left_kind, left, right_kind, right = steps.unpack(_EXPRESSION_STEP)
            for kind, content in ((left_kind, left), (right_kind, right)):
                self._push(stack, kind, content)
            stack.append(_applied(code, stack))
        return stack.pop()

    def _push(self, stack: list[Any], kind: bytes, content: bytes) -> None:
        if kind == b"p":
            stack.append(self._parameters[content])
        elif kind == b"f":
            stack.append(struct.unpack("!Qd", content)[1])
        elif kind == b"i":
            stack.append(struct.unpack("!Qq", content)[1])
        elif kind != b"n":
            raise ValueError("expressions of this kind are not supported")


def _applied(code: int, stack: list[Any]) -> Any:
    if code in _BINARY:
        right, left = stack.pop(), stack.pop()
        return _BINARY[code](left, right)
    if code not in _UNARY:
        raise ValueError(f"the operation {code} of an expression is not supported")
    value, name = stack.pop(), _UNARY[code]
    if isinstance(value, ParameterExpression):
        return getattr(value, name)()
    return getattr(math, _BUILT_IN.get(name, name))(value)
