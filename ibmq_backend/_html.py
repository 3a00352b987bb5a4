"""Static cards and tables for notebooks: plain HTML, everything in it escaped, no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

__all__ = ["card", "table"]


def card(title: str, rows: Mapping[str, object]) -> str:
    """Return the facts about one object.

    Args:
        title: heading.
        rows: name to value; those that are ``None`` are left out.
    """
    body = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
        if value is not None
    )
    return f"<table><caption><b>{escape(title)}</b></caption>{body}</table>"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return facts about several objects.

    Args:
        title: heading.
        columns: heading of each column.
        rows: values of each object; ``None`` is shown as a dash, a float with three digits.
    """
    head = "".join(f"<th style='text-align:left'>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_text(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><caption><b>{escape(title)}</b></caption><tr>{head}</tr>{body}</table>"


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
