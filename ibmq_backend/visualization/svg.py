"""The map of a device as SVG, for notebooks and web pages; needs neither Matplotlib nor Qiskit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from ibmq_backend.visualization.colours import (
    BROKEN_COLOUR,
    QUBIT_COLOUR,
    scale_colours,
    text_colour,
)
from ibmq_backend.visualization.coordinates import qubit_coordinates
from ibmq_backend.visualization.error_rates import ErrorRates, GateErrors

MAX_QUBITS: Final = 500
MAX_COUPLINGS: Final = 2000
"""Numbers above which no map is drawn; directions count."""

MAX_CELL_PIXELS: Final = 44
MAX_WIDTH_PIXELS: Final = 480
RADIUS_CELLS: Final = 0.34
FONT_CELLS: Final = (0.42, 0.38, 0.3, 0.23)
"""Font sizes with which numbers of one to four digits are inside the circles."""

LEGEND_WIDTH_PIXELS: Final = 220
LEGEND_LINE_PIXELS: Final = 18
SWATCHES: Final = 12
SWATCH_PIXELS: Final = 5


def map_svg(
    name: str,
    num_qubits: int,
    coupling_map: Iterable[Sequence[int]],
    rates: ErrorRates | None = None,
) -> str:
    """Return an ``<svg>`` element with the qubits of a device and their couplings.

    The text of the legend has the colour of the surrounding text.

    Args:
        name: name of the device.
        num_qubits: number of qubits.
        coupling_map: pairs of coupled qubits, in either direction or in both.
        rates: error rates, which are shown as colours, with a legend.
    """
    pairs = sorted({(min(pair), max(pair)) for pair in coupling_map})
    points = qubit_coordinates(num_qubits, pairs)
    rows, columns = (1 + max(each) for each in zip(*points, strict=True))
    cell = min(MAX_CELL_PIXELS, MAX_WIDTH_PIXELS / columns)
    centres = [((column + 0.5) * cell, (row + 0.5) * cell) for row, column in points]
    font = FONT_CELLS[len(str(num_qubits - 1)) - 1] * cell
    legend = [] if rates is None else _legend(rates, rows * cell)
    width = max(columns * cell, LEGEND_WIDTH_PIXELS if legend else 0)
    height = rows * cell + LEGEND_LINE_PIXELS * len(legend)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" role="img" font-family="sans-serif">'
        f"<title>Map of {escape(name)}</title>"
        f'<g stroke-width="{cell / 8:.1f}">'
        f"{''.join(_coupling(pair, centres, rates) for pair in pairs)}</g>"
        f'<g font-size="{font:.1f}" text-anchor="middle">'
        f"{''.join(_qubit(qubit, at, cell, font, rates) for qubit, at in enumerate(centres))}</g>"
        f'<g font-size="11" fill="currentColor">{"".join(legend)}</g></svg>'
    )


def _coupling(
    pair: tuple[int, int], centres: Sequence[tuple[float, float]], rates: ErrorRates | None
) -> str:
    (x1, y1), (x2, y2) = (centres[qubit] for qubit in pair)
    colour, tip = _shown(None if rates is None else rates.pair, pair)
    dashes = ' stroke-dasharray="3"' if colour == BROKEN_COLOUR else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
        f"{dashes}><title>{pair[0]}-{pair[1]}{tip}</title></line>"
    )


def _qubit(
    qubit: int, centre: tuple[float, float], cell: float, font: float, rates: ErrorRates | None
) -> str:
    colour, tip = _shown(None if rates is None else rates.single, (qubit,))
    if rates is not None and qubit in rates.readout:
        tip += f", readout error {_percent(rates.readout[qubit])} %"
    x, y = centre
    return (
        f"<g><title>Qubit {qubit}{tip}</title>"
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS_CELLS * cell:.1f}" fill="{colour}"/>'
        f'<text x="{x:.1f}" y="{y + 0.36 * font:.1f}" fill="{text_colour(colour)}">{qubit}</text>'
        "</g>"
    )


def _shown(errors: GateErrors | None, qubits: tuple[int, ...]) -> tuple[str, str]:
    """Return the colour of a qubit or coupling and the text of its error rate."""
    rate = None if errors is None else errors.rates.get(qubits)
    if errors is None or rate is None:
        return QUBIT_COLOUR, ""
    colour, gate = errors.colour_of(qubits), escape(errors.gate)
    if colour == BROKEN_COLOUR:
        return colour, f": {gate} is switched off"
    return colour, f": {gate} error {_percent(rate)} %"


def _legend(rates: ErrorRates, top: float) -> list[str]:
    lines: list[str] = []
    for errors in (rates.single, rates.pair):
        if errors.limits is None:
            continue
        low, high = errors.limits
        y = top + LEGEND_LINE_PIXELS * len(lines)
        bar = "".join(
            f'<rect x="{6 + SWATCH_PIXELS * index}" y="{y + 4:.1f}" height="10" '
            f'width="{SWATCH_PIXELS + 0.5}" fill="{colour}"/>'
            for index, colour in enumerate(scale_colours(SWATCHES))
        )
        span = f"{_percent(low)} to {_percent(high)}" if low < high else _percent(low)
        text = f"{errors.gate} error {span} %"
        lines.append(f'{bar}<text x="74" y="{y + 13:.1f}">{escape(text)}</text>')
    if rates.single.num_broken or rates.pair.num_broken:
        y = top + LEGEND_LINE_PIXELS * len(lines)
        lines.append(
            f'<path d="M6 {y + 9:.1f}h60" stroke="{BROKEN_COLOUR}" stroke-width="5" '
            f'stroke-dasharray="3"/><text x="74" y="{y + 13:.1f}">switched off</text>'
        )
    return lines


def _percent(rate: float) -> str:
    return f"{100 * rate:.3g}"
