"""What commands print: JSON for programs, tables, pairs and histograms for people.

On a terminal rich fits them to its width; a table that needs more is printed as pairs. Into files
and pipes they are plain text of whatever width is needed, so that nothing is cut. Names and texts
come from a service, which may be hostile: characters that control a terminal are escaped, and
nothing is read as markup.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend._secrets.redact import printable

if TYPE_CHECKING:
    from rich.console import JustifyMethod, RenderableType

PLAIN_WIDTH: Final = 1_000_000
"""Characters in a line of a file or pipe before it is wrapped."""

MAX_WHOLE_WORD: Final = 17
"""Longest word in a table on a terminal that is not wrapped, in characters."""
MIN_LAST_COLUMN: Final = 8


def print_json(value: Any) -> None:
    """Print a value as indented JSON; times become ISO 8601 text with their offset."""
    print(json.dumps(value, indent=2, default=_to_json))


def print_text(text: str) -> None:
    """Print one line of text."""
    print(printable(text))


def print_table(rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    """Print rows under the keys of the first one.

    Args:
        rows: mappings with the same keys.
        empty: text to print when there are no rows.
    """
    from rich.table import Table
    from rich.text import Text

    if not rows:
        print(empty)
        return
    lines = [[format_value(value) for value in row.values()] for row in rows]
    widths = (
        _column_widths([list(rows[0]), *lines]) if sys.stdout.isatty() else [None] * len(rows[0])
    )
    if not widths:
        for index, row in enumerate(rows):
            print(end="\n" if index else "")
            print_pairs(row)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title, width in zip(rows[0], widths, strict=True):
        numbers = all(isinstance(row[title], int | None) for row in rows)
        justify: JustifyMethod = "right" if numbers else "left"
        table.add_column(Text(title), justify=justify, overflow="fold", width=width)
    for line in lines:
        table.add_row(*(Text(cell, no_wrap=False) for cell in line))
    print_renderable(table)


def print_pairs(pairs: Mapping[str, Any], width: int = 0, indent: int = 0) -> None:
    """Print one ``name  value`` line for each pair, values aligned.

    Args:
        pairs: names and values.
        width: minimum number of characters for the names.
        indent: number of blanks before each line.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=width, no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, value in pairs.items():
        table.add_row(Text(printable(name)), Text(format_value(value)))
    print_renderable(table, indent)


def print_renderable(renderable: RenderableType, indent: int = 0) -> None:
    """Print what rich renders: fitted to a terminal, else plain and complete.

    Args:
        renderable: a table, for example.
        indent: number of blanks before each line.
    """
    from rich.console import Console
    from rich.padding import Padding

    indented = Padding(renderable, (0, 0, 0, indent), expand=False) if indent else renderable
    if sys.stdout.isatty():
        Console(file=sys.stdout, force_jupyter=False).print(indented)
        return
    text = io.StringIO()
    console = Console(file=text, width=PLAIN_WIDTH, force_terminal=False, force_jupyter=False)
    console.print(indented)
    print("\n".join(line.rstrip() for line in text.getvalue().splitlines()))


def format_value(value: Any) -> str:
    """Return a value as people read it, on one line.

    Times have seconds and an offset, lists have commas, ``None`` is a dash.
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, list | tuple):
        return ", ".join(map(format_value, value)) or "-"
    return printable(str(value))


def _column_widths(lines: Sequence[Sequence[str]]) -> Sequence[int | None]:
    """Return the widths of a table's columns on this terminal; none if it is too narrow.

    The first column, with names or ids, is not wrapped. The others are wrapped between words, and
    the last one, which may be any text, also inside words.
    """
    from rich.cells import cell_len
    from rich.console import Console

    columns = list(zip(*lines, strict=True))
    available = Console(file=sys.stdout).width - 2 * (len(columns) - 1)
    widths = [min(max(map(cell_len, column)), available + 1) for column in columns]
    least = [
        min(max(cell_len(word) for cell in column for word in cell.split()), MAX_WHOLE_WORD)
        for column in columns
    ]
    least[0], least[-1] = widths[0], min(least[-1], MIN_LAST_COLUMN)
    if sum(least) > available:
        return []
    while sum(widths) > available:
        widest = max(range(len(widths)), key=lambda at: (widths[at] - least[at], at))
        widths[widest] -= 1
    return widths


def _to_json(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form.")
