"""Figures of error rates: texts do not overlap, gates have their names."""

from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from qiskit.providers.fake_provider import FakeVigo, FakeVigoV2

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.visualization.colours import contrast
from ibmq_backend.visualization.error_map import plot_error_map

mpl.use("Agg")
DEFAULT = (15, 12)
SMALL = (8, 5)  # that of iplot_error_map


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    pyplot.close("all")


def texts(figure):
    """Return the texts that a figure shows."""
    found = [*figure.texts]
    for axes in figure.axes:
        found.append(axes.title)
        if axes.get_legend():
            found.extend(axes.get_legend().get_texts())
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            found.append(axis.label)
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if low <= tick.get_loc() <= high:
                    found.extend((tick.label1, tick.label2))
    return [text for text in found if text.get_visible() and text.get_text()]


def words(figure):
    return " | ".join(text.get_text() for text in texts(figure))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "figsize"),
    [
        ("ibmq_armonk", SMALL),
        ("ibmq_vigo", SMALL),
        ("ibmq_vigo", DEFAULT),
        ("ibmq_casablanca", SMALL),
        ("ibmq_guadalupe", SMALL),
        ("ibmq_montreal", SMALL),
        ("ibmq_manhattan", SMALL),
        ("ibm_washington", SMALL),
        ("ibm_washington", DEFAULT),
    ],
)
def test_nothing_overlaps(provider, name, figsize):
    figure = plot_error_map(provider.get_backend(name), figsize=figsize)
    figure.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    assert len(boxes) > 3
    for (first, box), (second, other) in combinations(boxes, 2):
        overlap = (
            min(box.x1, other.x1) - max(box.x0, other.x0),
            min(box.y1, other.y1) - max(box.y0, other.y0),
        )
        assert min(overlap) < 1, (first, second)
    whole = figure.bbox
    for text, box in boxes:
        assert min(box.x0, box.y0, whole.x1 - box.x1, whole.y1 - box.y1) >= 0, text
    areas = [axes.get_window_extent() for axes in figure.axes]
    assert not any(first.overlaps(second) for first, second in combinations(areas, 2))


def test_gates_have_their_names(provider):
    assert "cx error rate (%), mean 0.876" in words(
        plot_error_map(provider.get_backend("ibmq_vigo"))
    )
    assert "ecr error rate" in words(plot_error_map(provider.get_backend("ibm_sherbrooke")))


def test_version_2_looks_the_same():
    assert words(plot_error_map(FakeVigoV2())) == words(plot_error_map(FakeVigo()))


def test_bars_are_the_readout_errors(backend):
    bars = plot_error_map(backend).axes[2].patches
    assert [bar.get_width() for bar in bars] == [
        100 * backend.properties().readout_error(qubit) for qubit in range(5)
    ]


def test_gates_that_are_switched_off(provider):
    figure = plot_error_map(provider.get_backend("ibm_washington"))
    assert "switched off" in words(figure)
    assert "cx error rate (%), mean 1.81" in words(figure)  # of the working gates
    assert "switched off" not in words(plot_error_map(provider.get_backend("ibmq_vigo")))


@pytest.mark.parametrize("style", ["default", "dark_background", "ggplot"])
def test_texts_are_readable(backend, style):
    with pyplot.style.context(style):
        figure = plot_error_map(backend)
        found = texts(figure)
    assert found
    background = to_hex(figure.get_facecolor())
    assert all(contrast(to_hex(text.get_color()), background) > 7 for text in found)


def test_title_can_be_left_out(backend):
    assert "ibmq_vigo Error Map" in words(plot_error_map(backend))
    assert "Error Map" not in words(plot_error_map(backend, show_title=False))


def test_without_calibration_or_couplings(provider, simulator):
    with pytest.raises(IBMQBackendValueError, match="no calibration"):
        plot_error_map(provider.get_backend("ibmqx5"))
    with pytest.raises(IBMQBackendValueError, match="is a simulator or"):
        plot_error_map(simulator)
