"""Colours of maps that are visible on white and on black."""

from __future__ import annotations

import math
from typing import Final

QUBIT_COLOUR: Final = "#648fff"
"""Colour of qubits and couplings without error rates, as in Terra's maps."""

BROKEN_COLOUR: Final = "#8d8d8d"
"""Colour of broken qubits and couplings; no error rate has it."""

SCALE: Final = ("#4a3fb5", "#a43bb0", "#dd4f7d", "#f58a45")
"""Colours from the lowest to the highest error rate."""

INKS: Final = {"black": "#000000", "white": "#ffffff"}


def scale_colour(value: float, low: float, high: float) -> str:
    """Return the colour of a value on the logarithmic scale from ``low`` to ``high``.

    Args:
        value: values outside the scale have the colour of its end.
        low: lower end, above 0.
        high: upper end.
    """
    value = min(max(value, low), high)
    return _colour_at(0.0 if high <= low else math.log(value / low) / math.log(high / low))


def scale_colours(count: int) -> list[str]:
    """Return evenly spaced colours of the scale."""
    return [_colour_at(index / (count - 1)) for index in range(count)]


def _colour_at(share: float) -> str:
    place = share * (len(SCALE) - 1)
    index = min(int(place), len(SCALE) - 2)
    mixed = (
        round(255 * (first + (second - first) * (place - index)))
        for first, second in zip(_rgb(SCALE[index]), _rgb(SCALE[index + 1]), strict=True)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def text_colour(background: str) -> str:
    """Return black or white, whichever has more contrast to a colour ``#rrggbb``."""
    return max("black", "white", key=lambda ink: contrast(INKS[ink], background))


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours ``#rrggbb``, from 1 to 21 (WCAG 2)."""
    low, high = sorted(map(_luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
