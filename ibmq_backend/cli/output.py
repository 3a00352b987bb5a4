"""What commands print: JSON for programs, tables and pairs for people.

Names and texts come from a service, which may be hostile: what controls a terminal is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ibmq_backend._secrets.redact import printable


def print_json(value: Any) -> None:
    """Print a value as indented JSON; times become ISO 8601 text with their offset."""
    print(json.dumps(value, indent=2, default=_plain))


def print_text(text: str) -> None:
    """Print one line of text."""
    print(printable(text))


def print_table(rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    """Print rows under the keys of the first one.

    Args:
        rows: mappings with the same keys.
        empty: what to print when there are none.
    """
    if not rows:
        print(empty)
        return
    titles = list(rows[0])
    cells = [titles, *([shown(row[title]) for title in titles] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(titles))]
    for line in cells:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )


def print_pairs(pairs: Mapping[str, Any], width: int = 0) -> None:
    """Print one ``name  value`` line for each pair, values aligned.

    Args:
        pairs: names and values.
        width: characters for the names, at least.
    """
    lines = {printable(name): value for name, value in pairs.items()}
    width = max(width, *map(len, lines))
    for name, value in lines.items():
        print(f"{name.ljust(width)}  {shown(value)}".rstrip())


def shown(value: Any) -> str:
    """A value on one line as people read it: times to the second with offset, lists with commas."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value)) or "-"
    return printable(str(value))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form.")
