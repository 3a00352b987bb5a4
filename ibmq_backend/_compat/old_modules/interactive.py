"""The interactive figures of Terra until 0.16, drawn by Matplotlib.

They are displayed at once in a notebook, as Plotly's were, and returned elsewhere. Their sizes are
in pixels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.util import find_spec
from typing import Any, Final

from qiskit import visualization

PIXELS_PER_INCH: Final = 100
HAS_MATPLOTLIB: Final = find_spec("matplotlib") is not None


def _displayed(draw: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(draw)
    def draw_and_display(*args: Any, **kwargs: Any) -> Any:
        figure = draw(*args, **kwargs)
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if shell is None or not shell.has_trait("kernel"):
            return figure
        from IPython.display import display

        display(figure)  # type: ignore[no-untyped-call]
        return None

    return draw_and_display


def _inches(figsize: Sequence[float] | None) -> tuple[float, ...] | None:
    return tuple(pixels / PIXELS_PER_INCH for pixels in figsize) if figsize else None


@_displayed
def iplot_histogram(
    data: Any,
    figsize: Sequence[float] | None = None,
    number_to_keep: int | None = None,
    sort: str = "asc",
    legend: list[str] | None = None,
    options: dict[str, Any] | None = None,
) -> Any:
    """Draw a histogram of counts.

    Args:
        data: counts, or a list of counts.
        figsize: width and height in pixels.
        number_to_keep: number of bars; the others become one.
        sort: ``"asc"`` or ``"desc"``.
        legend: a name for each of several counts.
        options: these arguments by the names of 2018: ``number_to_keep``, ``sort``, ``legend``,
            ``width`` and ``height``.
    """
    options = options or {}
    if figsize is None and "width" in options and "height" in options:
        figsize = (options["width"], options["height"])
    return visualization.plot_histogram(
        data,
        figsize=_inches(figsize),
        number_to_keep=number_to_keep or options.get("number_to_keep"),
        sort=options.get("sort", sort),
        legend=legend or options.get("legend"),
    )


@_displayed
def iplot_bloch_multivector(rho: Any, figsize: Sequence[float] | None = None) -> Any:
    """Draw a Bloch sphere for each qubit of a state."""
    return visualization.plot_bloch_multivector(rho, figsize=_inches(figsize))


@_displayed
def iplot_state_city(rho: Any, figsize: Sequence[float] | None = None) -> Any:
    """Draw the entries of a density matrix as towers."""
    return visualization.plot_state_city(rho, figsize=_inches(figsize))


@_displayed
def iplot_state_hinton(rho: Any, figsize: Sequence[float] | None = None) -> Any:
    """Draw the entries of a density matrix as squares."""
    return visualization.plot_state_hinton(rho, figsize=_inches(figsize))


@_displayed
def iplot_state_qsphere(rho: Any, figsize: Sequence[float] | None = None) -> Any:
    """Draw a state as points on a sphere."""
    return visualization.plot_state_qsphere(rho, figsize=_inches(figsize))


@_displayed
def iplot_state_paulivec(
    rho: Any,
    figsize: Sequence[float] | None = None,
    slider: bool = False,
    show_legend: bool = False,
) -> Any:
    """Draw the mean values of the Pauli operators; there is neither a slider nor a legend."""
    del slider, show_legend
    return visualization.plot_state_paulivec(rho, figsize=_inches(figsize))


def plot_state(quantum_state: Any, method: str = "city", figsize: Any = None) -> Any:
    """Return a figure of a state.

    Args:
        quantum_state: a state of shape (d,) or (d, d).
        method: ``"city"``, ``"paulivec"``, ``"qsphere"``, ``"bloch"`` or ``"hinton"``.
        figsize: width and height in inches.

    Raises:
        ValueError: an unknown method.
    """
    name = "plot_bloch_multivector" if method == "bloch" else f"plot_state_{method}"
    if not hasattr(visualization, name):
        raise ValueError(
            f"{method!r} is no figure of a state. Pass 'city', 'paulivec', 'qsphere', 'bloch' or "
            "'hinton'."
        )
    return getattr(visualization, name)(quantum_state, figsize=figsize)


@_displayed
def iplot_state(
    quantum_state: Any, method: str = "city", figsize: Sequence[float] | None = None
) -> Any:
    """Draw a state as ``plot_state`` does; the size is in pixels."""
    return plot_state(quantum_state, method, _inches(figsize))


def qx_color_scheme() -> dict[str, Any]:
    """Return the style of drawn circuits that was named after the Quantum Experience."""
    return {"name": "iqx"}
