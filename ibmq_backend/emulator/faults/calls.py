"""Which calls of an operation a fault is meant for."""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

from ibmq_backend.emulator.faults.errors import FaultScriptError

_ALLOWED: Final = "a number from 1, '2-4', '5-', '1,3,7-', a list of these, or '*'"
_PART: Final = re.compile(r"\s*(\d{1,18})\s*(-)?\s*(\d{1,18})?\s*")


@attrs.frozen
class CallNumbers:
    """A set of call numbers, counted from 1.

    Attributes:
        ranges: First and last number of every range; the last is None where it has no end.
    """

    ranges: tuple[tuple[int, int | None], ...]

    def __contains__(self, number: int) -> bool:
        return any(
            first <= number and (last is None or number <= last) for first, last in self.ranges
        )

    def __str__(self) -> str:
        return ",".join(
            str(first) if first == last else f"{first}-{'' if last is None else last}"
            for first, last in self.ranges
        )


ALL_CALLS: Final = CallNumbers(((1, None),))


def call_numbers(given: Any) -> CallNumbers:
    """Read what stands under ``calls``.

    Args:
        given: A number, a text such as ``"1,3,7-"``, a list of these, or ``"*"`` for all.

    Raises:
        FaultScriptError: It is none of these.
    """
    if isinstance(given, CallNumbers):
        return given
    parts = list(given) if isinstance(given, list | tuple) else [given]
    ranges = [found for part in parts for found in _ranges(part, given)]
    if not ranges:
        raise FaultScriptError.about("calls", given, _ALLOWED)
    return CallNumbers(tuple(ranges))


def _ranges(part: Any, given: Any) -> list[tuple[int, int | None]]:
    if isinstance(part, int) and not isinstance(part, bool) and part >= 1:
        return [(part, part)]
    if not isinstance(part, str):
        raise FaultScriptError.about("calls", given, _ALLOWED)
    if part.strip() == "*":
        return [(1, None)]
    found = []
    for piece in part.split(","):
        match = _PART.fullmatch(piece)
        if match is None or (match[3] and not match[2]):
            raise FaultScriptError.about("calls", given, _ALLOWED)
        first = int(match[1])
        last = int(match[3]) if match[3] else None if match[2] else first
        if first < 1 or (last is not None and last < first):
            raise FaultScriptError.about("calls", given, _ALLOWED)
        found.append((first, last))
    return found
