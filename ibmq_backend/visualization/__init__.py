"""Maps of a device, by the functions of the original package.

The original functions drew interactive pictures with Plotly. These return Matplotlib figures, which
need no JavaScript and stay in a saved notebook, where they are SVG.

``gate_map`` and ``error_map`` draw the figures, also for Terra's functions of the same names, and
``svg`` writes a map without Matplotlib. Positions are from ``coordinates``, and colours from
``error_rates`` and ``colours``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from qiskit.providers import BackendV1

__all__ = ["iplot_error_map", "iplot_gate_map"]

PIXELS_PER_INCH: Final = 100
DEFAULT_INCHES: Final = (15, 12)


def iplot_gate_map(
    backend: BackendV1,
    figsize: tuple[int | None, int | None] = (None, None),
    label_qubits: bool = True,
    qubit_size: float | None = None,
    line_width: float = 4,
    font_size: int | None = None,
    qubit_color: str | Sequence[str] = "#2f4b7c",
    qubit_labels: Sequence[Any] | None = None,
    line_color: str | Sequence[str] = "#2f4b7c",
    font_color: str | None = None,
    background_color: str | None = None,
    as_widget: bool = False,
) -> Figure:
    """Draw the qubits of a device and their couplings.

    Args:
        backend: a device.
        figsize: width and height in pixels; if either is ``None``, the size depends on the device.
        label_qubits: whether to write the numbers of the qubits.
        qubit_size: diameter of a qubit in pixels; by default it depends on the size of the figure.
        line_width: width of couplings in points, less if that is too wide for the figure.
        font_size: size of the labels in points; by default as large as fits into the qubits.
        qubit_color: one colour, or one for each qubit.
        qubit_labels: text for each qubit instead of its number.
        line_color: one colour, or one for each entry of the coupling map.
        font_color: colour of the labels; by default black or white, whichever is readable.
        background_color: colour of the figure; by default that of the style of Matplotlib.
        as_widget: accepted but has no effect, since there are no widgets.

    Returns:
        A Matplotlib figure.

    Raises:
        IBMQBackendValueError: the backend is a simulator or has no coupling map.
        MissingOptionalLibraryError: Matplotlib is not installed.

    Source: ``iplot_gate_map`` of qiskit-ibmq-provider 0.6 to 0.20.2.
    """
    del as_widget
    _check_matplotlib("iplot_gate_map")
    from matplotlib import rc_context

    from ibmq_backend.visualization.gate_map import plot_gate_map

    with rc_context({} if background_color is None else {"figure.facecolor": background_color}):
        figure = plot_gate_map(
            backend,
            figsize=_inches(figsize),
            label_qubits=label_qubits,
            qubit_size=qubit_size,
            line_width=line_width,
            font_size=font_size,
            qubit_color=qubit_color,
            qubit_labels=qubit_labels,
            line_color=line_color,
            font_color=font_color,
        )
    return cast("Figure", figure)


def iplot_error_map(
    backend: BackendV1,
    figsize: tuple[int | None, int | None] = (800, 500),
    show_title: bool = True,
    remove_badcal_edges: bool = True,
    background_color: str | None = None,
    as_widget: bool = False,
) -> Figure:
    """Draw a device, coloured by the error rates of its gates and readout.

    Args:
        backend: a device with a calibration.
        figsize: width and height in pixels.
        show_title: whether to write the name of the device.
        remove_badcal_edges: accepted but has no effect, since couplings that are switched off are
            always shown as such.
        background_color: colour of the figure; by default that of the style of Matplotlib.
        as_widget: accepted but has no effect, since there are no widgets.

    Returns:
        A Matplotlib figure.

    Raises:
        IBMQBackendValueError: the backend is a simulator or has no coupling map or no calibration.
        MissingOptionalLibraryError: Matplotlib is not installed.
        ApiError: reading the calibration failed.

    Wire: getBackendProperties, unless it was read before. Source: ``iplot_error_map`` of
    qiskit-ibmq-provider 0.6 to 0.20.2.
    """
    del remove_badcal_edges, as_widget
    _check_matplotlib("iplot_error_map")
    from matplotlib import rc_context

    from ibmq_backend.visualization.error_map import plot_error_map

    with rc_context({} if background_color is None else {"figure.facecolor": background_color}):
        return plot_error_map(backend, _inches(figsize) or DEFAULT_INCHES, show_title)


def _check_matplotlib(feature: str) -> None:
    from qiskit.exceptions import MissingOptionalLibraryError
    from qiskit.utils import optionals

    from ibmq_backend.installation.extras import find_extra

    if not optionals.HAS_MATPLOTLIB:
        raise MissingOptionalLibraryError(
            "matplotlib", feature, find_extra("visualization").install_command
        )


def _inches(figsize: tuple[int | None, int | None]) -> tuple[float, float] | None:
    width, height = figsize
    if width is None or height is None:
        return None
    return width / PIXELS_PER_INCH, height / PIXELS_PER_INCH
