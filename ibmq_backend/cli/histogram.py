"""Counts as text."""

from __future__ import annotations

from collections.abc import Mapping

from ibmq_backend._secrets.redact import printable

_EIGHTHS = "▏▎▍▌▋▊▉"


def histogram(counts: Mapping[str, int], top: int | None = None, width: int = 40) -> str:
    """One line for each outcome: bits, count, bar; the most frequent first.

    Args:
        counts: outcome (the classical bits, bit 0 rightmost) to number of shots.
        top: show at most so many lines; a last line sums up the rest. ``None`` = all.
        width: length of the longest bar in characters.

    Returns:
        Lines joined by line breaks, without one at the end.
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if not ordered:
        return "(no outcomes)"
    shown = ordered if top is None else ordered[:top]
    largest = ordered[0][1]
    digits = len(str(largest))
    lines = [
        f"{printable(bits)}  {count:>{digits}}  {_bar(count, largest, width)}".rstrip()
        for bits, count in shown
    ]
    rest = ordered[len(shown) :]
    if rest:
        shots = sum(count for _, count in rest)
        lines.append(f"... {len(rest)} more outcomes, {shots} shots")
    return "\n".join(lines)


def _bar(count: int, largest: int, width: int) -> str:
    eighths = round(8 * width * count / largest) if largest else 0
    full, part = divmod(eighths, 8)
    if count and not eighths:
        part = 1
    return "█" * full + (_EIGHTHS[part - 1] if part else "")
