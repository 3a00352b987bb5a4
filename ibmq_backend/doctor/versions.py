"""Compares releases with the bounds in requirements, such as ``>=0.13,<0.15``."""

from __future__ import annotations

import re
from typing import Final

_BOUND: Final = re.compile(r"(===?|>=|<=|!=|~=|<|>)\s*([\w.*+!-]+)")


def satisfies(version: str, bounds: str) -> bool:
    """Return whether a release is within all bounds; only its numbers are compared."""
    return all(_fits(_numbers(version), *bound) for bound in _BOUND.findall(bounds))


def _fits(present: tuple[int, ...], operator: str, text: str) -> bool:
    asked = _numbers(text)
    if operator in ("==", "!=") and text.endswith(".*"):
        return (present[: len(asked)] == asked) is (operator == "==")
    if operator == "~=":
        return present >= asked and present[: len(asked) - 1] == asked[:-1]
    width = max(len(present), len(asked))
    left, right = (numbers + (0,) * (width - len(numbers)) for numbers in (present, asked))
    return {
        "==": left == right,
        "===": left == right,
        "!=": left != right,
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
    }[operator]


def _numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a release without what follows them, such as ``rc1``."""
    match = re.match(r"v?(\d+(?:\.\d+)*)", text)
    return tuple(map(int, match[1].split("."))) if match else ()
