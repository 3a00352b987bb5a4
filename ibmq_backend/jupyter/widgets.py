"""What ``ibm_quantum_widgets`` and ``iqx`` of IBM Quantum Lab had: a static drawing of a circuit.

Both packages existed in the Lab only, whose notebooks begin with ``from ibm_quantum_widgets import
*``. The module is found under their names unless a package of that name is installed.
"""

from __future__ import annotations

import importlib.util
from html import escape
from io import StringIO

from qiskit import QuantumCircuit
from qiskit.qasm2 import QASM2Error
from qiskit.qasm2 import dumps as dump_qasm2
from qiskit.qasm3 import QASM3Error
from qiskit.qasm3 import dumps as dump_qasm3

__all__ = ["CircuitComposer", "draw_circuit", "edit_circuit"]

_FRAME = "style='max-width:100%;overflow-x:auto'"


class CircuitComposer:
    """A circuit that a notebook displays as a drawing, with its OpenQASM below.

    The widget of the Lab was an editor; here a circuit is changed by code.

    Args:
        circuit: the circuit to show; three empty qubits if it is not given.
        options: appearance of the widget of the Lab, without effect.

    Example:
        >>> from ibm_quantum_widgets import CircuitComposer
        >>> from qiskit import QuantumCircuit
        >>> editor = CircuitComposer(circuit=QuantumCircuit(2))
        >>> editor.circuit.num_qubits
        2
    """

    def __init__(self, circuit: QuantumCircuit | None = None, **options: object) -> None:
        del options
        self.circuit = QuantumCircuit(3, 3) if circuit is None else circuit

    def _repr_html_(self) -> str:
        code = _code_of(self.circuit)
        below = f"<details><summary>OpenQASM</summary><pre>{escape(code)}</pre></details>"
        return f"<div {_FRAME}>{_drawing_of(self.circuit)}</div>{below if code else ''}"


def draw_circuit(circuit: QuantumCircuit, **options: object) -> CircuitComposer:
    """Return an object that a notebook displays as the drawing of a circuit."""
    return CircuitComposer(circuit, **options)


def edit_circuit(circuit: QuantumCircuit | None = None, **options: object) -> CircuitComposer:
    """Return the same as ``draw_circuit``: circuits are changed by code."""
    return CircuitComposer(circuit, **options)


def _drawing_of(circuit: QuantumCircuit) -> str:
    """Return a drawing by Matplotlib as SVG, or Terra's drawing in characters without it."""
    if not all(map(importlib.util.find_spec, ("matplotlib", "pylatexenc"))):
        drawing = circuit.draw("text", fold=-1).single_string()
        return f"<pre style='line-height:1.1'>{escape(drawing)}</pre>"
    import matplotlib as mpl

    written = StringIO()
    # Text as text: the drawing has a tenth of the size, and can be searched.
    with mpl.rc_context({"svg.fonttype": "none"}):
        circuit.draw("mpl").savefig(written, format="svg", bbox_inches="tight")
    svg = written.getvalue()
    return svg[svg.index("<svg") :]


def _code_of(circuit: QuantumCircuit) -> str:
    for dump in (dump_qasm2, dump_qasm3):
        try:
            return str(dump(circuit))
        except (QASM2Error, QASM3Error):
            continue
    return ""
