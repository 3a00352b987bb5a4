"""Counts as a histogram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ibmq_backend._secrets.redact import printable

if TYPE_CHECKING:
    from rich.console import Group


def histogram(counts: Mapping[str, int], top: int | None = None, width: int = 40) -> Group:
    """Return one row for each outcome: bits, count and bar; the most frequent first.

    Args:
        counts: outcome (the classical bits, bit 0 rightmost) to number of shots.
        top: maximum number of outcomes to show; a last line sums up the others. ``None`` shows all.
        width: length of the longest bar in characters, if the terminal is wide enough.
    """
    from rich.bar import Bar
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    if not counts:
        return Group(Text("(no outcomes)"))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    largest = max(ordered[0][1], 1)
    shortest = 1.01 * largest / (8 * width)  # a rare outcome stays visible
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)  # the bars become narrower instead
    table.add_column(no_wrap=True, justify="right")
    table.add_column(max_width=width)
    for bits, count in ordered[:top]:
        bar = Bar(largest, 0, max(count, shortest) if count else 0)
        table.add_row(Text(printable(bits), no_wrap=False, overflow="fold"), Text(str(count)), bar)
    rest = [count for _, count in ordered[len(table.rows) :]]
    more = [Text(f"... {len(rest)} more outcomes, {sum(rest)} shots")] if rest else []
    return Group(table, *more)
