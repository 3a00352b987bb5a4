"""Pictures of a device; the old names, on Terra's plots.

The original functions drew interactive pictures with Plotly. These give Matplotlib figures, which
need no JavaScript and stay in a saved notebook. ``graph_drawing`` draws their graphs where Graphviz
is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from qiskit.exceptions import MissingOptionalLibraryError

from ibmq_backend.exceptions import IBMQBackendValueError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ibmq_backend.backend.backend import IBMQBackend

__all__ = ["iplot_error_map", "iplot_gate_map"]

PIXELS_PER_INCH: Final = 100


def iplot_gate_map(
    backend: IBMQBackend,
    figsize: tuple[int | None, int | None] = (None, None),
    label_qubits: bool = True,
    qubit_size: float | None = None,
    line_width: float = 4,
    font_size: int | None = None,
    qubit_color: str | Sequence[str] = "#2f4b7c",
    qubit_labels: Sequence[Any] | None = None,
    line_color: str | Sequence[str] = "#2f4b7c",
    font_color: str = "white",
    background_color: str = "white",
    as_widget: bool = False,
) -> Figure:
    """Draw the qubits of a device and which of them are coupled.

    Args:
        backend: a device.
        figsize: width and height in pixels; parts that are ``None`` follow from the device.
        label_qubits: write the numbers of the qubits.
        qubit_size: diameter of a qubit in pixels.
        line_width: of the couplings, in points.
        font_size: in points.
        qubit_color: one colour, or one for each qubit.
        qubit_labels: text for each qubit instead of its number.
        line_color: one colour, or one for each entry of the coupling map.
        font_color: of the labels.
        background_color: of the figure.
        as_widget: accepted and without effect: there are no widgets.

    Returns:
        A Matplotlib figure.

    Raises:
        IBMQBackendValueError: a simulator has no map.
        MissingOptionalLibraryError: Matplotlib is not installed.

    Source: ``iplot_gate_map`` of qiskit-ibmq-provider 0.6 to 0.20.2.
    """
    del as_widget
    _check(backend, "iplot_gate_map", ["matplotlib"])
    from qiskit.visualization import plot_gate_map

    configuration = backend.configuration()
    figure: Figure = plot_gate_map(
        backend,
        figsize=_inches(figsize),
        label_qubits=label_qubits,
        qubit_size=qubit_size,
        line_width=line_width,
        font_size=font_size,
        qubit_color=_for_each(qubit_color, configuration.n_qubits),
        qubit_labels=None if qubit_labels is None else list(qubit_labels),
        line_color=_for_each(line_color, len(configuration.coupling_map or ())),
        font_color=font_color,
    )
    figure.set_facecolor(background_color)
    return figure


def iplot_error_map(
    backend: IBMQBackend,
    figsize: tuple[int | None, int | None] = (800, 500),
    show_title: bool = True,
    remove_badcal_edges: bool = True,
    background_color: str = "white",
    as_widget: bool = False,
) -> Figure:
    """Draw a device coloured by the errors of its gates and readout.

    Args:
        backend: a device with a calibration.
        figsize: width and height in pixels.
        show_title: write the name of the device.
        remove_badcal_edges: accepted and without effect: Terra's plot shows every coupling.
        background_color: of the figure.
        as_widget: accepted and without effect: there are no widgets.

    Returns:
        A Matplotlib figure.

    Raises:
        IBMQBackendValueError: the backend has no calibration.
        MissingOptionalLibraryError: Matplotlib or seaborn is not installed.
        ApiError: the calibration could not be read.

    Wire: getBackendProperties, unless it was read before. Source: ``iplot_error_map`` of
    qiskit-ibmq-provider 0.6 to 0.20.2.
    """
    del remove_badcal_edges, as_widget
    _check(backend, "iplot_error_map", ["matplotlib", "seaborn"])
    if backend.properties() is None:
        raise IBMQBackendValueError(f"{backend.name()} has no calibration to draw.")
    from qiskit.visualization import plot_error_map

    figure: Figure = plot_error_map(
        backend, figsize=_inches(figsize) or (15, 12), show_title=show_title
    )
    figure.set_facecolor(background_color)
    return figure


def _check(backend: IBMQBackend, feature: str, libraries: Sequence[str]) -> None:
    if backend.configuration().simulator:
        raise IBMQBackendValueError(f"{backend.name()} is a simulator: it has no map of qubits.")
    from qiskit.utils import optionals

    for library in libraries:
        if not getattr(optionals, f"HAS_{library.upper()}"):
            raise MissingOptionalLibraryError(
                library, feature, "pip install 'ibmq-backend[visualization]'"
            )


def _inches(figsize: tuple[int | None, int | None]) -> tuple[float, float] | None:
    width, height = figsize
    if width is None or height is None:
        return None
    return width / PIXELS_PER_INCH, height / PIXELS_PER_INCH


def _for_each(colour: str | Sequence[str], count: int) -> list[str]:
    return [colour] * count if isinstance(colour, str) else list(colour)
