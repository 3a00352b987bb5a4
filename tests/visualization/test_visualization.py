"""The original functions: sizes in pixels, backgrounds, and what is missing."""

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex
from qiskit.exceptions import MissingOptionalLibraryError
from qiskit.utils import optionals

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.visualization import iplot_error_map, iplot_gate_map

mpl.use("Agg")


@pytest.mark.parametrize("draw", [iplot_gate_map, iplot_error_map])
def test_size_in_pixels_and_background(backend, draw):
    figure = draw(backend, figsize=(400, 300), background_color="black")
    assert tuple(figure.get_size_inches()) == (4, 3)
    assert to_hex(figure.get_facecolor()) == "#000000"


def test_default_sizes(backend):
    assert tuple(iplot_error_map(backend).get_size_inches()) == (8, 5)
    assert tuple(iplot_gate_map(backend).get_size_inches()) == pytest.approx((2.48, 2.48))


def test_title(backend):
    assert [text.get_text() for text in iplot_error_map(backend).texts] == ["ibmq_vigo Error Map"]
    assert iplot_error_map(backend, show_title=False).texts == []


def test_one_colour_for_all_qubits(backend):
    figure = iplot_gate_map(backend, qubit_color="yellow", line_color="red")
    assert {to_hex(each) for each in figure.axes[0].collections[2].get_facecolors()} == {"#ffff00"}


def test_simulators_and_uncalibrated_devices_have_no_map(provider, simulator):
    for draw in (iplot_gate_map, iplot_error_map):
        with pytest.raises(IBMQBackendValueError, match="is a simulator"):
            draw(simulator)
    with pytest.raises(IBMQBackendValueError, match="no calibration"):
        iplot_error_map(provider.get_backend("ibmqx5"))


@pytest.mark.parametrize("draw", [iplot_gate_map, iplot_error_map])
def test_missing_library_is_named(backend, draw):
    with (
        optionals.HAS_MATPLOTLIB.disable_locally(),
        pytest.raises(MissingOptionalLibraryError, match=r"matplotlib.*visualization"),
    ):
        draw(backend)


def test_neither_graphviz_nor_seaborn_is_needed(backend):
    with optionals.HAS_GRAPHVIZ.disable_locally(), optionals.HAS_SEABORN.disable_locally():
        assert iplot_gate_map(backend).axes
        assert iplot_error_map(backend).axes
