"""A figure of the error rates of a device, with the signature of ``qiskit.visualization``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.visualization.colours import (
    BROKEN_COLOUR,
    QUBIT_COLOUR,
    SCALE,
    text_colour,
)
from ibmq_backend.visualization.error_rates import (
    ErrorRates,
    GateErrors,
    rates_of_properties,
    rates_of_target,
)
from ibmq_backend.visualization.gate_map import (
    DASHES,
    POINTS_PER_INCH,
    Figure,
    background_of,
    close_if_inline,
    describe,
    new_figure,
    plot_coupling_map,
)

MIN_FONT_POINTS: Final = 6.0
MAX_FONT_POINTS: Final = 14.0
MAX_BARS_OF_ONE_CHART: Final = 9
MIN_ROWS: Final = 5
"""Rows of a bar chart, so that few bars are not too thick."""

TICK_STEPS: Final = (1, 2, 5, 10, 20, 50)


def plot_error_map(
    backend: Any,
    figsize: tuple[float, float] = (15, 12),
    show_title: bool = True,
    qubit_coordinates: Sequence[Sequence[float]] | None = None,
) -> Figure:
    """Return a figure of the error rates of a backend, as ``qiskit.visualization.plot_error_map``.

    Args:
        backend: a device with a calibration.
        figsize: width and height in inches.
        show_title: whether to write the name of the device.
        qubit_coordinates: row and column of each qubit; by default computed.

    Raises:
        IBMQBackendValueError: the backend is a simulator or has no coupling map or no calibration.
    """
    name, num_qubits, coupling_map = describe(backend)
    rates = _error_rates(backend, name)
    figure = new_figure(figsize)
    ink = text_colour(background_of(figure))
    width, height = figsize
    font = min(MAX_FONT_POINTS, max(MIN_FONT_POINTS + 1, min(width, 1.25 * height)))
    line = font / POINTS_PER_INCH

    def axes_at(left: float, bottom: float, right: float, top: float) -> Axes:
        """Return axes between positions in inches."""
        sides = (left / width, bottom / height, (right - left) / width, (top - bottom) / height)
        return figure.add_axes(sides)

    gates = [errors for errors in (rates.single, rates.pair) if errors.limits]
    for index, errors in enumerate(gates):
        column = (width - 2 * line) / len(gates)
        left = line + index * column + 0.08 * column
        _draw_scale(axes_at(left, 2 * line, left + 0.84 * column, 2.8 * line), errors, font, ink)
    bottom = 5 * line if gates else line
    top = height - (4 * line if show_title else line)
    halves = _halves(sorted(rates.readout))
    chart = 0.1 * width
    edge = 3 * line
    for index, qubits in enumerate(halves):
        left = (edge, width - edge - chart)[index]
        axes = axes_at(left, bottom + 5 * line, left + chart, top - 2 * line)
        _draw_readout(axes, rates.readout, qubits, font, ink, mirrored=index == 1)
    side = edge + chart + line
    axes = axes_at(
        side if halves else line,
        bottom + 2 * line,
        width - (side if len(halves) > 1 else line),
        top,
    )
    pairs = [(min(pair), max(pair)) for pair in coupling_map]
    plot_coupling_map(
        num_qubits,
        qubit_coordinates,
        coupling_map,
        line_width=math.inf,  # the widest that suits the distances
        qubit_color=[rates.single.colour_of((qubit,)) for qubit in range(num_qubits)],
        line_color=[rates.pair.colour_of(pair) for pair in pairs],
        ax=axes,
        broken=frozenset(pair for pair in pairs if rates.pair.colour_of(pair) == BROKEN_COLOUR),
    )
    if rates.single.num_broken or rates.pair.num_broken:
        axes.legend(
            [Line2D([], [], color=BROKEN_COLOUR, linestyle=DASHES, linewidth=font / 3)],
            ["switched off"],
            loc="upper center",
            bbox_to_anchor=(0.5, 0),
            frameon=False,
            fontsize=font,
            labelcolor=ink,
        )
    if show_title:
        figure.text(
            0.5,
            1 - 2 * line / height,
            f"{name} Error Map",
            fontsize=1.6 * font,
            color=ink,
            horizontalalignment="center",
            verticalalignment="center",
        )
    close_if_inline(figure)
    return figure


def _error_rates(backend: Any, name: str) -> ErrorRates:
    if backend.version > 1:
        return rates_of_target(backend.target)
    properties = backend.properties()
    if properties is None:
        raise IBMQBackendValueError(
            f"{name} has no calibration to draw. iplot_gate_map() needs none."
        )
    return rates_of_properties(properties)


def _halves(qubits: Sequence[int]) -> list[Sequence[int]]:
    """Return the qubits of each bar chart."""
    if len(qubits) <= MAX_BARS_OF_ONE_CHART:
        return [qubits] if qubits else []
    size = math.ceil(len(qubits) / 2)
    return [qubits[:size], qubits[size:]]


def _draw_readout(
    axes: Axes,
    readout: Mapping[int, float],
    qubits: Sequence[int],
    font: float,
    ink: str,
    *,
    mirrored: bool,
) -> None:
    """Draw the readout errors of some qubits as bars, and a line at the mean of all qubits."""
    axes.barh(qubits, [100 * readout[qubit] for qubit in qubits], color=QUBIT_COLOUR)
    mean = 100 * sum(readout.values()) / len(readout)
    axes.axvline(mean, linestyle="--", linewidth=1, color=ink)
    height = axes.get_window_extent().height * POINTS_PER_INCH / axes.figure.dpi / len(qubits)
    size = min(font, max(MIN_FONT_POINTS, 0.8 * height))
    step = next(each for each in TICK_STEPS if each * height >= size or each == TICK_STEPS[-1])
    axes.set_yticks(qubits[::step])
    axes.set_ylim(qubits[0] + max(len(qubits), MIN_ROWS) - 0.4, qubits[0] - 0.6)
    axes.set_xlim(0, 105 * max(readout.values()))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=2))
    axes.set_facecolor("none")
    axes.tick_params(axis="y", labelsize=size, length=0)
    axes.tick_params(axis="x", labelsize=0.8 * font)
    axes.tick_params(colors=ink)
    axes.set_title("Readout error (%)", fontsize=0.9 * font, color=ink)
    axes.set_xlabel(f"mean {mean:.3g}", fontsize=0.9 * font, color=ink)
    axes.spines[:].set_visible(False)
    if mirrored:
        axes.invert_xaxis()
        axes.yaxis.tick_right()


def _draw_scale(axes: Axes, errors: GateErrors, font: float, ink: str) -> None:
    """Draw the colours of the error rates of a gate, or only their value if all are equal."""
    mean = 100 * sum(errors.working) / len(errors.working)
    low, high = (100 * limit for limit in errors.limits or ())
    axes.set_title(f"{errors.gate} error rate (%), mean {mean:.3g}", fontsize=font, color=ink)
    if low == high:
        axes.axis("off")
        return
    colours = LinearSegmentedColormap.from_list("error rates", SCALE)
    bar = axes.figure.colorbar(
        ScalarMappable(LogNorm(low, high), colours), cax=axes, orientation="horizontal"
    )
    ticks = [low * (high / low) ** (index / 3) for index in range(4)]
    bar.set_ticks(ticks, labels=[f"{tick:.3g}" for tick in ticks])
    bar.minorticks_off()
    bar.outline.set_visible(False)
    axes.tick_params(colors=ink, labelsize=0.8 * font)
