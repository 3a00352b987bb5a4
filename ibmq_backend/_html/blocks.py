"""Cards, tables and charts. Every text is escaped, and secrets in it are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

from attrs import frozen

from ibmq_backend._secrets.redact import printable_lines, redact
from ibmq_backend.units import to_local

MAX_READ_SECONDS: Final = 3.0
"""Limit for the requests of an object that is displayed."""

MAX_TEXT_CHARACTERS: Final = 2000
"""Limit for one cell of a table."""

BAR_COLOUR: Final = "#4a8fd9"
PALE_COLOUR: Final = "#8b95a5"
"""Colours that can be seen on white and on black."""

MIN_BAR: Final = 0.006
"""Width of the smallest visible bar, as a fraction of the chart."""

_TABLE: Final = "<table style='border-collapse:collapse;margin:0 0 8px;color:inherit'>"
_CELL: Final = "style='text-align:left;vertical-align:top;padding:2px 12px 2px 4px'"
_NAME: Final = f"{_CELL[:-1]};white-space:nowrap'"
_NUMBER: Final = "style='text-align:right;padding:2px 12px 2px 4px;white-space:nowrap'"
_BAR: Final = "style='min-width:120px;width:220px;padding:2px 4px'"


@frozen
class Bar:
    """A row of a chart.

    Attributes:
        label: what the bar stands for.
        values: texts or numbers between the label and the bar.
        start: left end of the bar, from 0 to 1.
        end: right end of the bar, from 0 to 1; no bar if it is not greater than ``start``.
        pale: whether the bar is grey.
    """

    label: str
    values: Sequence[object]
    start: float
    end: float
    pale: bool = False


def card(title: str, rows: Mapping[str, object]) -> str:
    """Return a card that describes one object; rows without a value are left out."""
    body = "".join(
        f"<tr><th scope='row' {_NAME}>{escape(name)}</th><td {_CELL}>{_escaped(value)}</td></tr>"
        for name, value in rows.items()
        if value is not None
    )
    return f"{_TABLE}{_caption(title)}<tbody>{body}</tbody></table>"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of objects; ``None`` is shown as a dash, floats have three digits."""
    body = "".join(
        f"<tr><th scope='row' {_CELL}>{_escaped(first)}</th>{_cells(values, _CELL)}</tr>"
        for first, *values in rows
    )
    head = _head(columns, _CELL)
    return f"{_TABLE}{_caption(title)}{head}<tbody>{body}</tbody></table>"


def chart(title: str, columns: Sequence[str], bars: Iterable[Bar]) -> str:
    """Return a table whose rows end with a bar.

    Args:
        title: caption of the table.
        columns: headings of the label and of the values.
        bars: rows of the chart.
    """
    body = "".join(
        f"<tr><th scope='row' {_CELL}><code>{_escaped(bar.label)}</code></th>"
        f"{_cells(bar.values, _NUMBER)}<td {_BAR}>{_drawn(bar)}</td></tr>"
        for bar in bars
    )
    head = _head(columns, _NUMBER, "<td></td>")
    return f"{_TABLE}{_caption(title)}{head}<tbody>{body}</tbody></table>"


def note(text: str) -> str:
    """Return a paragraph."""
    return f"<p style='margin:0 0 8px'>{_escaped(text)}</p>"


def beside(first: str, second: str) -> str:
    """Return two blocks side by side, or one below the other where the page is too narrow."""
    return (
        "<div style='display:flex;flex-wrap:wrap;gap:0 32px;align-items:flex-start;"
        "color:var(--jp-ui-font-color1,inherit)'>"
        f"<div style='flex:1 1 340px;min-width:0'>{first}</div>"
        f"<div style='max-width:100%;overflow-x:auto'>{second}</div></div>"
    )


def _caption(title: str) -> str:
    style = "caption-side:top;text-align:left;padding:2px 4px;color:inherit"
    return f"<caption style='{style}'><b>{_escaped(title)}</b></caption>"


def _head(columns: Sequence[str], style: str, after: str = "") -> str:
    first, *others = columns
    cells = f"<th scope='col' {_CELL}>{_escaped(first)}</th>" + "".join(
        f"<th scope='col' {style}>{_escaped(column)}</th>" for column in others
    )
    return f"<thead><tr>{cells}{after}</tr></thead>"


def _cells(values: Iterable[object], style: str) -> str:
    return "".join(f"<td {style}>{_escaped(value)}</td>" for value in values)


def _drawn(bar: Bar) -> str:
    if not bar.end > bar.start:
        return ""
    width = max(bar.end - bar.start, MIN_BAR)
    left = min(bar.start, 1 - width)
    colour = PALE_COLOUR if bar.pale else BAR_COLOUR
    return (
        "<svg aria-hidden='true' width='100%' height='12' style='display:block'>"
        f"<rect x='{left:.2%}' width='{width:.2%}' height='12' fill='{colour}'/></svg>"
    )


def _escaped(value: object) -> str:
    text = printable_lines(redact(_text(value)))
    if len(text) > MAX_TEXT_CHARACTERS:
        text = f"{text[:MAX_TEXT_CHARACTERS]} ..."
    return escape(text).replace("\n", "<br/>")


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{to_local(value):%Y-%m-%d %H:%M:%S %Z}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
