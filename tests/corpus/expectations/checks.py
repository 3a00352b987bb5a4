"""Checks of printed lines: a pattern, or a function for lines with counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

Check = str | Callable[[str], bool]

DICTIONARY = re.compile(r"\{[^{}]*\}")


def counts(shots: int, *likely: str, share: float = 0.7, index: int = 0) -> Callable[[str], bool]:
    """Return a check for a line with counts, most of which have one of the likely outcomes.

    Args:
        shots: the sum of all counts.
        likely: outcomes that all occur and together have at least ``share``; without any, only the
            sum is checked.
        share: from 0 to 1.
        index: the index of the dictionary in the line.
    """

    def check(line: str) -> bool:
        found = DICTIONARY.findall(line)
        if len(found) <= index:
            return False
        printed = ast.literal_eval(found[index])
        if sum(printed.values()) != shots:
            return False
        return not likely or (
            sum(printed.get(key, 0) for key in likely) >= share * shots
            and all(printed.get(key, 0) > 0 for key in likely)
        )

    return check


BELL = ("00", "11")
FIGURE = "<Figure size"
