"""Figures of qubits: vectors without overlaps on every device, with Terra's parameters."""

import inspect
import math
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch
from qiskit.providers.fake_provider import FakeVigoV2
from qiskit.visualization import gate_map as of_terra

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.visualization.colours import QUBIT_COLOUR, contrast
from ibmq_backend.visualization.gate_map import plot_coupling_map, plot_gate_map

mpl.use("Agg")
LINE = [[0, 1], [1, 2]]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    pyplot.close("all")


def collection(axes, gid):
    return next(each for each in axes.collections if each.get_gid() == gid)


def lines(axes):
    """Return the segments and colours of couplings, without their outlines."""
    drawn = [each for each in axes.collections if isinstance(each, LineCollection)][-1]
    segments = [tuple(map(tuple, segment)) for segment in drawn.get_segments()]
    return dict(zip(segments, map(to_hex, drawn.get_colors()), strict=True))


def circles(axes):
    """Return the centres and the diameter of the qubits."""
    boxes = [path.get_extents() for path in collection(axes, "qubits").get_paths()]
    return [((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in boxes], boxes[0].width


def assert_readable(axes):
    """Check that circles are apart and within the axes, and that labels are inside them."""
    centres, diameter = circles(axes)
    assert all(math.dist(*each) > 1.2 * diameter for each in combinations(centres, 2))
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    radius = diameter / 2
    assert all(left <= x - radius and x + radius <= right for x, _ in centres)
    assert all(low <= y - radius and y + radius <= high for _, y in centres)
    labels = collection(axes, "labels")
    for centre, path in zip(centres, labels.get_paths(), strict=True):
        assert np.hypot(*(path.vertices - centre).T).max() < radius
    colours = collection(axes, "qubits").get_facecolors()
    for colour, ink in zip(colours, labels.get_facecolors(), strict=True):
        assert contrast(to_hex(colour), to_hex(ink)) > 4.5


def one_backend_of_each_map(provider):
    found = {}
    for backend in provider.backends(simulator=False):
        configuration = backend.configuration()
        found.setdefault((configuration.n_qubits, str(configuration.coupling_map)), backend)
    return found.values()


def test_every_device_is_readable(provider):
    for backend in one_backend_of_each_map(provider):
        figure = plot_gate_map(backend)
        assert_readable(figure.axes[0])
        assert len(circles(figure.axes[0])[0]) == backend.configuration().n_qubits
        pyplot.close(figure)


@pytest.mark.parametrize("name", ["ibmq_vigo", "ibm_washington"])
@pytest.mark.parametrize("figsize", [(1.5, 1.5), (15, 12)])
def test_any_size_is_readable(provider, name, figsize):
    figure = plot_gate_map(provider.get_backend(name), figsize=figsize)
    assert tuple(figure.get_size_inches()) == figsize
    assert_readable(figure.axes[0])


@pytest.mark.parametrize("image_type", ["svg", "pdf"])
def test_saved_maps_have_no_bitmap(backend, tmp_path, image_type):
    path = tmp_path / f"map.{image_type}"
    assert plot_gate_map(backend, filename=str(path)) is None
    assert pyplot.get_fignums() == []
    content = path.read_bytes()
    assert content.startswith({"svg": b"<?xml", "pdf": b"%PDF"}[image_type])
    assert not any(mark in content for mark in (b"<image", b"/Subtype /Image", b"data:image"))


def test_notebooks_show_svg(backend):
    assert "<svg" in plot_gate_map(backend)._repr_svg_()


@pytest.mark.parametrize("name", ["inline", "module://matplotlib_inline.backend_inline", "nbAgg"])
def test_notebooks_do_not_show_figures_twice(backend, monkeypatch, name):
    monkeypatch.setattr(pyplot, "get_backend", lambda: name)
    assert plot_gate_map(backend).axes
    assert pyplot.get_fignums() == []


def test_parameters_are_those_of_terra():
    for drawn, name in ((plot_gate_map, "plot_gate_map"), (plot_coupling_map, "plot_coupling_map")):
        known = list(inspect.signature(getattr(of_terra, name)).parameters)
        assert list(inspect.signature(drawn).parameters)[: len(known)] == known


def test_backend_of_version_2():
    assert_readable(plot_gate_map(FakeVigoV2()).axes[0])


def test_directed_couplings_are_arrows_from_rim_to_rim():
    figure = plot_coupling_map(
        3, [[0, 0], [0, 1], [0, 2]], [[1, 0], [1, 2], [2, 1]], plot_directed=True
    )
    arrows = [each for each in figure.axes[0].patches if isinstance(each, FancyArrowPatch)]
    styles = [type(arrow.get_arrowstyle()).__name__ for arrow in arrows]
    assert styles == ["CurveFilledB", "CurveFilledAB"]
    _, diameter = circles(figure.axes[0])
    assert np.ravel(arrows[0]._posA_posB) == pytest.approx([1 - diameter / 2, 0, diameter / 2, 0])


def test_each_coupling_has_its_colour():
    figure = plot_coupling_map(3, None, LINE, line_color=["red", "#00ff00"])
    assert lines(figure.axes[0]) == {((0, 0), (1, 0)): "#ff0000", ((1, 0), (2, 0)): "#00ff00"}


def test_directions_with_different_colours_share_the_coupling():
    pairs = [[0, 1], [1, 0], [1, 2], [2, 1]]
    figure = plot_coupling_map(3, None, pairs, line_color=["red", "blue", "red", "red"])
    assert lines(figure.axes[0]) == {
        ((0, 0), (0.5, 0)): "#ff0000",
        ((1, 0), (0.5, 0)): "#0000ff",
        ((1, 0), (2, 0)): "#ff0000",
    }


def test_colours_and_labels_of_qubits():
    figure = plot_coupling_map(
        3, None, LINE, qubit_color=["black", "yellow", "#ff0000"], qubit_labels=["a", "", "Q17"]
    )
    qubits, labels = (collection(figure.axes[0], gid) for gid in ("qubits", "labels"))
    assert [*map(to_hex, qubits.get_facecolors())] == ["#000000", "#ffff00", "#ff0000"]
    assert [*map(to_hex, labels.get_facecolors())] == ["#ffffff", "#000000"]
    figure = plot_coupling_map(3, None, LINE, qubit_color="yellow", font_color="navy")
    labels = collection(figure.axes[0], "labels")
    assert {*map(to_hex, labels.get_facecolors())} == {"#000080"}
    figure = plot_coupling_map(3, None, LINE, label_qubits=False)
    assert [each.get_gid() for each in figure.axes[0].collections] == [None, None, "qubits"]


def test_sizes_that_are_given():
    figure = plot_coupling_map(
        3, None, LINE, figsize=(5, 2), qubit_size=40, font_size=9, line_width=1
    )
    axes = figure.axes[0]
    inch = axes.get_window_extent().width / figure.dpi / (axes.get_xlim()[1] - axes.get_xlim()[0])
    assert circles(axes)[1] * inch == pytest.approx(40 * 1.15 / 100)
    height = collection(axes, "labels").get_paths()[1].get_extents().height
    assert height * inch * 72 == pytest.approx(0.73 * 9, rel=0.05)  # the digit 1 of DejaVu Sans
    assert [each.get_linewidth()[0] for each in axes.collections[:2]] == [3, 1]


def test_coordinates_that_are_given():
    figure = plot_coupling_map(3, [[0, 0], [50, 0], [50, 50]], LINE)
    centres, _ = circles(figure.axes[0])
    assert np.ravel(centres) == pytest.approx([0, 0, 0, -1, 1, -1])
    assert_readable(figure.axes[0])


def test_axes_that_are_given(backend):
    figure, axes = pyplot.subplots(1, 2)
    assert plot_gate_map(backend, ax=axes[1]) is None
    assert_readable(axes[1])
    assert not axes[0].collections
    assert pyplot.get_fignums() == [figure.number]


def test_dark_qubits_have_an_outline_on_a_dark_background():
    outlined = {}
    for style in ("default", "dark_background"):
        with pyplot.style.context(style):
            axes = plot_coupling_map(2, None, [[0, 1]], qubit_color=["black", QUBIT_COLOUR]).axes[0]
        outlined[style] = collection(axes, "qubits").get_edgecolors()
    assert outlined["default"].size == 0 or not outlined["default"][:, 3].any()
    assert to_hex(outlined["dark_background"][0]) == "#ffffff"


def test_saved_background_is_the_one_shown(tmp_path):
    with pyplot.style.context("dark_background"):
        figure = plot_coupling_map(2, None, [[0, 1]])
        figure.set_facecolor("ivory")
        figure.savefig(tmp_path / "map.png")
        figure.savefig(tmp_path / "clear.png", transparent=True)
    assert to_hex(pyplot.imread(tmp_path / "map.png")[0, 0]) == "#fffff0"
    assert pyplot.imread(tmp_path / "clear.png")[0, 0, 3] == 0


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("qubit_coordinates", [[0, 0]], 5),
        ("qubit_labels", list("abc"), 5),
        ("qubit_color", ["red"], 5),
        ("line_color", ["red"], 8),
    ],
)
def test_lists_of_another_length(backend, name, value, count):
    with pytest.raises(IBMQBackendValueError, match=f"{name} has {len(value)} .* {count}"):
        plot_gate_map(backend, **{name: value})


def test_simulators_have_no_map(simulator):
    with pytest.raises(IBMQBackendValueError, match="ibmq_qasm_simulator is a simulator or"):
        plot_gate_map(simulator)
