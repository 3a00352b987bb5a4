"""The widgets of IBM Quantum Lab are drawings of circuits."""

import importlib.util
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter

from ibmq_backend.jupyter.widgets import CircuitComposer, draw_circuit, edit_circuit


def composed():
    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(2, "c"))
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


@pytest.fixture
def without_matplotlib(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "matplotlib" else found(name)
    )


@pytest.mark.parametrize("show", [CircuitComposer, draw_circuit, edit_circuit])
def test_a_circuit_is_a_static_drawing_with_its_code(show):
    circuit = composed()
    shown = show(circuit=circuit, layout={"width": "10em"})
    assert shown.circuit is circuit
    html = shown._repr_html_()
    drawing = html[html.index("<svg") : html.index("</svg>") + 6]
    texts = "".join(ElementTree.fromstring(drawing).itertext())
    assert "H" in texts
    assert "measure q[0] -&gt; c[0];" in html
    assert "<script" not in html
    assert len(html) < 40_000


def test_without_matplotlib_it_is_drawn_in_characters(without_matplotlib):
    html = CircuitComposer(composed())._repr_html_()
    assert "<svg" not in html
    assert "┤ H ├" in html


@pytest.mark.parametrize("drawer", ["mpl", "text"])
def test_names_are_escaped(drawer, request):
    if drawer == "text":
        request.getfixturevalue("without_matplotlib")
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("<img>"), 0)
    html = CircuitComposer(circuit)._repr_html_()
    assert "<img>" not in html
    assert "&lt;img&gt;" in html


def test_a_circuit_without_openqasm_2_shows_openqasm_3():
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("theta"), 0)
    assert "OPENQASM 3" in CircuitComposer(circuit)._repr_html_()


def test_a_notebook_of_the_lab_imports_the_widgets_first():
    program = """
from ibm_quantum_widgets import *
from iqx import *
editor = CircuitComposer()
circuit = editor.circuit
circuit.u1(0.5, 0)
print(circuit.num_qubits, draw_circuit(circuit).circuit is circuit)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("3 True\n", "")
