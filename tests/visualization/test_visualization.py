"""Pictures of devices: the old names, and Terra's own functions without Graphviz."""

import matplotlib
import pytest
from qiskit.exceptions import MissingOptionalLibraryError
from qiskit.utils import optionals

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.visualization import iplot_error_map, iplot_gate_map
from ibmq_backend.visualization.graph_drawing import draw_graph

matplotlib.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


@pytest.fixture(autouse=True)
def old_path_in_use():
    import qiskit.providers.ibmq  # noqa: F401


@pytest.fixture
def no_graphviz(monkeypatch):
    monkeypatch.setattr(optionals.HAS_GRAPHVIZ, "_bool", False)


def coloured_share(figure):
    """Share of the pixels of a figure that are not white."""
    figure.canvas.draw()
    pixels = figure.canvas.buffer_rgba()
    import numpy

    return float((numpy.asarray(pixels)[..., :3] < 250).any(axis=2).mean())


@pytest.mark.parametrize("name", ["ibmqx2", "ibmqx4", "ibmq_armonk", "ibmq_16_melbourne"])
def test_gate_map_without_graphviz(provider, no_graphviz, name):
    figure = iplot_gate_map(provider.get_backend(name), figsize=(400, 300))
    assert tuple(figure.get_size_inches()) == (4, 3)
    assert coloured_share(figure) > 0.01


def test_error_map(provider, no_graphviz):
    figure = iplot_error_map(provider.get_backend("ibmq_vigo"), background_color="ivory")
    assert any("Error Map" in text.get_text() for text in figure.texts)
    assert matplotlib.colors.to_hex(figure.get_facecolor()) == "#fffff0"
    assert coloured_share(figure) > 0.01


def test_simulators_and_uncalibrated_devices_have_no_map(provider):
    simulator = provider.get_backend("ibmq_qasm_simulator")
    for draw in (iplot_gate_map, iplot_error_map):
        with pytest.raises(IBMQBackendValueError, match="is a simulator"):
            draw(simulator)
    with pytest.raises(IBMQBackendValueError, match="no calibration"):
        iplot_error_map(provider.get_backend("ibmqx5"))


def test_missing_library_is_named(backend):
    with (
        optionals.HAS_SEABORN.disable_locally(),
        pytest.raises(MissingOptionalLibraryError, match=r"seaborn.*\[visualization\]"),
    ):
        iplot_error_map(backend)
    with (
        optionals.HAS_MATPLOTLIB.disable_locally(),
        pytest.raises(MissingOptionalLibraryError, match="matplotlib"),
    ):
        iplot_gate_map(backend)


@pytest.mark.integration
def test_graph_is_drawn_where_it_says(tmp_path):
    import rustworkx

    graph = rustworkx.PyDiGraph()
    graph.extend_from_edge_list([(0, 1)])
    for node in graph.node_indices():
        graph[node] = node

    def node_attributes(node):
        return {"label": str(node), "fillcolor": '"red"', "height": "0.5", "pos": f'"{3 * node},0"'}

    picture = draw_graph(graph, node_attributes, lambda edge: {"color": '"blue"'})
    assert picture.size == (round(3.7 * 96), round(0.7 * 96))
    red = (255, 0, 0)
    left, right = (picture.convert("RGB").getpixel((x, 15)) for x in (33, picture.size[0] - 33))
    assert left == right == red
    path = tmp_path / "graph.png"
    assert draw_graph(graph, node_attributes, lambda edge: {}, filename=str(path)) is None
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_graphviz_is_used_where_it_is(provider, monkeypatch):
    from PIL import Image
    from qiskit.visualization import gate_map, plot_gate_map

    called = []
    monkeypatch.setattr(optionals.HAS_GRAPHVIZ, "_bool", True)
    monkeypatch.setattr(
        gate_map,
        "graphviz_draw",
        lambda graph, **given: called.append(given["method"]) or Image.new("RGB", (10, 10)),
    )
    plot_gate_map(provider.get_backend("ibmq_vigo"))
    assert called == ["neato"]
