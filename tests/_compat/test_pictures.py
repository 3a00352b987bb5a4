"""Terra's maps of devices are those of this package, also under names imported before."""

import inspect

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from qiskit import QuantumCircuit, transpile
from qiskit.utils import optionals
from qiskit.visualization import plot_circuit_layout, plot_error_map, plot_gate_map
from qiskit.visualization.gate_map import plot_coupling_map

from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.visualization.gate_map import Figure

mpl.use("Agg")


@pytest.fixture(autouse=True)
def old_path_in_use():
    import qiskit.providers.ibmq  # noqa: F401  # adapts the functions imported above


@pytest.fixture(autouse=True)
def without_graphviz_and_seaborn():
    with optionals.HAS_GRAPHVIZ.disable_locally(), optionals.HAS_SEABORN.disable_locally():
        yield
    pyplot.close("all")


@pytest.mark.parametrize(
    "draw",
    [
        plot_gate_map,
        plot_error_map,
        lambda backend: plot_coupling_map(5, None, backend.configuration().coupling_map),
    ],
)
def test_figures_are_vectors(backend, draw):
    figure = draw(backend)
    assert isinstance(figure, Figure)
    assert not any(axes.images for axes in figure.axes)


def test_names_and_documentation_stay():
    assert plot_gate_map.__name__ == "plot_gate_map"
    assert "gate map of a device" in plot_gate_map.__doc__
    assert "font_color" in inspect.signature(plot_gate_map).parameters


@pytest.mark.parametrize(("view", "labels"), [("virtual", "012"), ("physical", "134")])
def test_layout_marks_the_qubits_and_couplings_in_use(backend, view, labels):
    circuit = QuantumCircuit(3)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    mapped = transpile(circuit, backend, initial_layout=[1, 3, 4], optimization_level=0)
    axes = plot_circuit_layout(mapped, backend, view=view).axes[0]
    _, lines, qubits, texts = axes.collections
    black = {
        qubit for qubit, each in enumerate(qubits.get_facecolors()) if to_hex(each) == "#000000"
    }
    assert black == {1, 3, 4}
    assert len(texts.get_paths()) == len(labels)
    inked = [
        tuple(map(tuple, segment))
        for segment, colour in zip(lines.get_segments(), lines.get_colors(), strict=True)
        if to_hex(colour) == "#000000"
    ]
    assert inked == [((1, 0), (1, -1)), ((1, -1), (1, -2))]


def test_layout_on_one_qubit(provider):
    armonk = provider.get_backend("ibmq_armonk")
    circuit = QuantumCircuit(1)
    circuit.x(0)
    assert plot_circuit_layout(transpile(circuit, armonk), armonk).axes


def test_layout_on_a_simulator(backend, simulator):
    mapped = transpile(QuantumCircuit(1), backend)
    with pytest.raises(IBMQBackendValueError, match="is a simulator or"):
        plot_circuit_layout(mapped, simulator)
