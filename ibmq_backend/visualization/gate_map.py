"""Figures of the qubits of a device, with the signatures of ``qiskit.visualization``.

Sizes are shares of the distance between neighbouring qubits, so that nothing overlaps on a device
of any size. Nothing is a bitmap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, Final

from matplotlib import pyplot, rcParams
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure as PlainFigure
from matplotlib.patches import Circle, FancyArrowPatch, PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.visualization.colours import QUBIT_COLOUR, contrast, text_colour
from ibmq_backend.visualization.coordinates import Point
from ibmq_backend.visualization.coordinates import qubit_coordinates as computed_coordinates

INCHES_PER_UNIT: Final = 0.8
"""Distance between neighbouring qubits on a figure without a given size."""

MAX_INCHES_PER_UNIT: Final = 2.0
"""Distance between neighbouring qubits on a figure that is larger than the device needs."""

MAX_FIGURE_INCHES: Final = (14.0, 12.0)
MARGIN_UNITS: Final = 0.55
DIAMETER_UNITS: Final = 0.64
MAX_LINE_UNITS: Final = 0.12
LABEL_RADIUS_SHARE: Final = 0.86
"""How far from the centre of a qubit its label may reach, as a share of the radius."""

DIGIT_HEIGHT_SHARE: Final = 0.45
"""Height of digits as a share of the diameter of a qubit, if the label is not too wide."""

MIN_CONTRAST: Final = 1.5
"""Contrast to the background below which qubits and couplings have an outline."""

INCHES_PER_PIXEL: Final = 1.15 / 100
"""What Terra calls a pixel in ``qubit_size``."""

POINTS_PER_INCH: Final = 72
INLINE_BACKENDS: Final = frozenset({"backend_inline", "inline", "nbagg"})
"""Backends of Matplotlib that show open figures, with the names of all its versions."""

DASHES: Final = (0, (1.0, 0.6))
"""Dashes of couplings that are switched off, in line widths."""


class Figure(PlainFigure):
    """A figure that a notebook shows as SVG, and that is saved with the background it has."""

    def _repr_svg_(self) -> str:
        picture = StringIO()
        self.savefig(picture, format="svg")
        return picture.getvalue()

    def savefig(self, fname: Any, *, transparent: bool | None = None, **kwargs: Any) -> None:
        """Save the figure; the arguments are those of Matplotlib."""
        if not (rcParams["savefig.transparent"] if transparent is None else transparent):
            kwargs.setdefault("facecolor", self.get_facecolor())
        super().savefig(fname, transparent=transparent, **kwargs)


def new_figure(figsize: tuple[float, float]) -> Figure:
    """Return an empty figure of a width and height in inches."""
    figure = pyplot.figure(figsize=figsize, FigureClass=Figure)
    assert isinstance(figure, Figure)
    return figure


def close_if_inline(figure: Figure) -> None:
    """Close a figure that a notebook would show a second time, beside the value of its cell."""
    if pyplot.get_backend().lower().rpartition(".")[2] in INLINE_BACKENDS:
        pyplot.close(figure)


def plot_gate_map(
    backend: Any,
    figsize: tuple[float, float] | None = None,
    plot_directed: bool = False,
    label_qubits: bool = True,
    qubit_size: float | None = None,
    line_width: float = 4,
    font_size: float | None = None,
    qubit_color: Sequence[Any] | None = None,
    qubit_labels: Sequence[Any] | None = None,
    line_color: Sequence[Any] | None = None,
    font_color: Any = None,
    ax: Axes | None = None,
    filename: str | None = None,
    qubit_coordinates: Sequence[Sequence[float]] | None = None,
) -> Figure | None:
    """Return a figure of the qubits of a backend, as ``qiskit.visualization.plot_gate_map``.

    Raises:
        IBMQBackendValueError: the backend is a simulator or has no coupling map, or a list has not
            one entry for each qubit or coupling.
    """
    _, num_qubits, coupling_map = describe(backend)
    return plot_coupling_map(
        num_qubits,
        qubit_coordinates,
        coupling_map,
        figsize,
        plot_directed,
        label_qubits,
        qubit_size,
        line_width,
        font_size,
        qubit_color,
        qubit_labels,
        line_color,
        font_color,
        ax,
        filename,
    )


def plot_coupling_map(
    num_qubits: int,
    qubit_coordinates: Sequence[Sequence[float]] | None,
    coupling_map: Sequence[Sequence[int]],
    figsize: tuple[float, float] | None = None,
    plot_directed: bool = False,
    label_qubits: bool = True,
    qubit_size: float | None = None,
    line_width: float = 4,
    font_size: float | None = None,
    qubit_color: Sequence[Any] | None = None,
    qubit_labels: Sequence[Any] | None = None,
    line_color: Sequence[Any] | None = None,
    font_color: Any = None,
    ax: Axes | None = None,
    filename: str | None = None,
    broken: frozenset[tuple[int, int]] = frozenset(),
) -> Figure | None:
    """Return a figure of qubits, as ``qiskit.visualization.plot_coupling_map``.

    Args:
        num_qubits: number of qubits.
        qubit_coordinates: row and column of each qubit; by default computed.
        coupling_map: pairs of coupled qubits.
        figsize: width and height in inches; by default it depends on the number of qubits.
        plot_directed: whether to draw couplings as arrows.
        label_qubits: whether to write the labels of the qubits.
        qubit_size: diameter of a qubit in pixels; by default it depends on the size of the figure.
        line_width: width of couplings in points, less if that is too wide for the figure.
        font_size: size of the labels in points; by default as large as fits into the qubits.
        qubit_color: one colour, or one for each qubit.
        qubit_labels: text for each qubit instead of its number.
        line_color: one colour, or one for each entry of ``coupling_map``.
        font_color: colour of the labels; by default black or white, whichever is readable.
        ax: axes to draw on, instead of a new figure.
        filename: file to write, instead of returning a figure.
        broken: couplings drawn with dashes, the lower qubit first.

    Returns:
        ``None`` if the map was drawn on ``ax`` or saved as ``filename``.

    Raises:
        IBMQBackendValueError: a list has not one entry for each qubit or coupling.
    """
    pairs = [(first, second) for first, second in coupling_map]
    points = _in_units(
        _each("qubit_coordinates", qubit_coordinates, num_qubits)
        or computed_coordinates(num_qubits, pairs)
    )
    labels = _each("qubit_labels", qubit_labels, num_qubits) or range(num_qubits)
    colours = _each("qubit_color", qubit_color, num_qubits) or [QUBIT_COLOUR] * num_qubits
    lines = _each("line_color", line_color, len(pairs)) or [QUBIT_COLOUR] * len(pairs)
    colours, lines = [[to_hex(colour) for colour in each] for each in (colours, lines)]
    figure = None
    if ax is None or filename is not None:
        figure = new_figure(figsize or _default_size(points))
        ax = figure.add_axes((0, 0, 1, 1))
    _frame(ax, points)
    points_per_unit = _points_per_unit(ax)
    diameter = DIAMETER_UNITS
    if qubit_size is not None:
        diameter = qubit_size * INCHES_PER_PIXEL * POINTS_PER_INCH / points_per_unit
    width = min(line_width, MAX_LINE_UNITS * points_per_unit)
    coloured = dict(zip(pairs, lines, strict=True))
    if plot_directed:
        _draw_arrows(ax, points, coloured, width, diameter)
    else:
        _draw_lines(ax, points, coloured, width, broken)
    _draw_qubits(ax, points, colours, diameter)
    if label_qubits:
        inks = [text_colour(colour) if font_color is None else font_color for colour in colours]
        size = None if font_size is None else font_size / points_per_unit
        _draw_labels(ax, points, [str(label) for label in labels], inks, diameter, size)
    if figure is None:
        return None
    if filename is not None:
        figure.savefig(filename)
        pyplot.close(figure)
        return None
    close_if_inline(figure)
    return figure


def describe(backend: Any) -> tuple[str, int, Sequence[Sequence[int]]]:
    """Return the name, number of qubits and coupling map of a backend of version 1 or 2.

    Raises:
        IBMQBackendValueError: the backend is a simulator or has no coupling map.
    """
    if backend.version <= 1:
        configuration = backend.configuration()
        name, num_qubits = backend.name(), configuration.n_qubits
        pairs = [] if configuration.simulator else configuration.coupling_map
    else:
        name, num_qubits, pairs = backend.name, backend.num_qubits, backend.coupling_map
    if num_qubits != 1 and not pairs:
        raise IBMQBackendValueError(
            f"{name} is a simulator or has no coupling map, so it has no map of qubits. "
            "provider.backends(simulator=False) lists the devices."
        )
    return name, num_qubits, list(pairs or [])


def _each(name: str, values: Any, count: int) -> list[Any] | None:
    """Return the values as a list of ``count``; a string stands for all of them."""
    if values is None:
        return None
    listed = [values] * count if isinstance(values, str) else list(values)
    if len(listed) != count:
        raise IBMQBackendValueError(f"{name} has {len(listed)} entries. It must have {count}.")
    return listed


def _in_units(coordinates: Sequence[Sequence[float]]) -> list[Point]:
    """Return x and y (upwards) of rows and columns, at least 1 apart."""
    points = [(float(column), -float(row)) for row, column in coordinates]
    distances = (
        math.dist(point, other) for index, point in enumerate(points) for other in points[:index]
    )
    nearest = min((distance for distance in distances if distance > 0), default=1.0)
    return [(x / nearest, y / nearest) for x, y in points]


def _default_size(points: Sequence[Point]) -> tuple[float, float]:
    spans = [max(each) - min(each) + 2 * MARGIN_UNITS for each in zip(*points, strict=True)]
    limits = [limit / span for limit, span in zip(MAX_FIGURE_INCHES, spans, strict=True)]
    scale = min(INCHES_PER_UNIT, *limits)
    return scale * spans[0], scale * spans[1]


def _frame(axes: Axes, points: Sequence[Point]) -> None:
    columns, rows = zip(*points, strict=True)
    axes.axis("off")
    axes.set_aspect("equal")
    for values, set_limits in ((columns, axes.set_xlim), (rows, axes.set_ylim)):
        set_limits(min(values) - MARGIN_UNITS, max(values) + MARGIN_UNITS)
    surplus = _points_per_unit(axes) / POINTS_PER_INCH / MAX_INCHES_PER_UNIT
    if surplus > 1:
        for low, high, set_limits in (
            (*axes.get_xlim(), axes.set_xlim),
            (*axes.get_ylim(), axes.set_ylim),
        ):
            middle, reach = (low + high) / 2, surplus * (high - low) / 2
            set_limits(middle - reach, middle + reach)


def _points_per_unit(axes: Axes) -> float:
    box = axes.get_window_extent()
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    pixels = min(box.width / (right - left), box.height / (high - low))
    return float(pixels * POINTS_PER_INCH / axes.figure.dpi)


def background_of(figure: Any) -> str:
    """Return the colour of a figure, or of the style of Matplotlib if it is transparent."""
    face = figure.get_facecolor()
    return to_hex(face if to_rgba(face)[3] else rcParams["figure.facecolor"])


def _draw_lines(
    axes: Axes,
    points: Sequence[Point],
    coloured: Mapping[tuple[int, int], str],
    width: float,
    broken: frozenset[tuple[int, int]],
) -> None:
    """Draw couplings; each half has the colour of its direction if there are two."""
    background = background_of(axes.figure)
    segments, colours, styles = [], [], []
    for (first, second), colour in coloured.items():
        opposite = coloured.get((second, first))
        if opposite == colour and first > second:
            continue
        start, end = points[first], points[second]
        if opposite not in {None, colour}:
            end = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        segments.append((start, end))
        colours.append(colour)
        styles.append(DASHES if (min(first, second), max(first, second)) in broken else "solid")
    outlines = [
        text_colour(background) if contrast(each, background) < MIN_CONTRAST else "none"
        for each in colours
    ]
    axes.add_collection(LineCollection(segments, colors=outlines, linewidths=width + 2, zorder=0.9))
    axes.add_collection(
        LineCollection(segments, colors=colours, linewidths=width, linestyles=styles, zorder=1)
    )


def _draw_arrows(
    axes: Axes,
    points: Sequence[Point],
    coloured: Mapping[tuple[int, int], str],
    width: float,
    diameter: float,
) -> None:
    for (first, second), colour in coloured.items():
        both = (second, first) in coloured
        if both and first > second:
            continue
        start, end = points[first], points[second]
        share = diameter / 2 / math.dist(start, end)
        step = (share * (end[0] - start[0]), share * (end[1] - start[1]))
        axes.add_patch(
            FancyArrowPatch(
                (start[0] + step[0], start[1] + step[1]),
                (end[0] - step[0], end[1] - step[1]),
                arrowstyle="<|-|>" if both else "-|>",
                mutation_scale=3.5 * width,
                linewidth=width / 2,
                color=colour,
                shrinkA=0,
                shrinkB=0,
                zorder=1,
            )
        )


def _draw_qubits(
    axes: Axes, points: Sequence[Point], colours: Sequence[str], diameter: float
) -> None:
    background = background_of(axes.figure)
    outlines = [
        text_colour(background) if contrast(each, background) < MIN_CONTRAST else "none"
        for each in colours
    ]
    circles = [Circle(point, diameter / 2) for point in points]
    axes.add_collection(
        PatchCollection(circles, facecolors=colours, edgecolors=outlines, zorder=2, gid="qubits")
    )


def _draw_labels(
    axes: Axes,
    points: Sequence[Point],
    labels: Sequence[str],
    inks: Sequence[Any],
    diameter: float,
    size: float | None,
) -> None:
    """Draw labels as outlines of glyphs, which keep their size relative to the qubits."""
    glyphs = {label: TextPath((0, 0), label, size=1) for label in {*labels} if label}
    if not glyphs:
        return
    digit = TextPath((0, 0), "0", size=1).get_extents()
    middle = (digit.y0 + digit.y1) / 2
    boxes = {label: path.get_extents() for label, path in glyphs.items()}
    if size is None:
        reach = max(
            math.hypot(box.width / 2, max(box.y1 - middle, middle - box.y0))
            for box in boxes.values()
        )
        size = min(
            DIGIT_HEIGHT_SHARE * diameter / digit.height, LABEL_RADIUS_SHARE * diameter / 2 / reach
        )
    drawn = [
        PathPatch(
            Affine2D()
            .translate(-(boxes[label].x0 + boxes[label].x1) / 2, -middle)
            .scale(size)
            .translate(*point)
            .transform_path(glyphs[label])
        )
        for label, point in zip(labels, points, strict=True)
        if label
    ]
    colours = [ink for label, ink in zip(labels, inks, strict=True) if label]
    axes.add_collection(
        PatchCollection(drawn, facecolors=colours, linewidths=0, zorder=3, gid="labels")
    )
