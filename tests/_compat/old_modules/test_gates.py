"""``qiskit.extensions.standard`` has gates, functions and modules of the same names."""

import importlib

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import CXGate, IGate, U3Gate
from qiskit.quantum_info import Operator

from ibmq_backend._compat.old_modules import gates
from ibmq_backend._compat.old_modules.gates import METHODS, OTHER_MODULES

PARAMETERS = {"crx": 1, "cry": 1, "crz": 1, "cu1": 1, "cu3": 3, "r": 2, "rx": 1, "rxx": 1, "ry": 1}
PARAMETERS |= {
    "ryy": 1,
    "rz": 1,
    "rzx": 1,
    "rzz": 1,
    "u0": 1,
    "u1": 1,
    "u2": 2,
    "u3": 3,
    "ubase": 3,
}
PARAMETERS |= {"ms": 1}


@pytest.mark.parametrize("name", METHODS)
def test_functions_append_the_gate(name):
    import qiskit.extensions.standard as standard

    angles = [0.1 * (i + 1) for i in range(PARAMETERS.get(name, 0))]
    done, expected = QuantumCircuit(3), QuantumCircuit(3)
    for qubits in ([0], [0, 1], [0, 1, 2]):
        args = [*angles, *([qubits] if name == "ms" else qubits)]
        try:
            getattr(expected, METHODS[name])(*args)
        except TypeError:
            continue
        getattr(standard, name)(done, *args)
    assert done.data
    assert done == expected


@pytest.mark.parametrize("name", [*METHODS, *OTHER_MODULES])
def test_modules_have_the_classes(name):
    module = importlib.import_module(f"qiskit.extensions.standard.{name}")
    assert module is getattr(gates, name)
    if name != "equivalence_library":
        assert module.CnotGate is CXGate


def test_star_import_and_old_classes():
    names: dict = {}
    exec("from qiskit.extensions.standard import *", names)
    assert names["CnotGate"] is CXGate
    assert names["U3Gate"] is U3Gate
    assert isinstance(names["U0Gate"](1), IGate)
    circuit = QuantumCircuit(2)
    circuit.append(names["CnotGate"](), [0, 1])
    assert Operator(circuit) == Operator(CXGate())


def test_gates_that_circuits_of_today_append_are_instances():
    from qiskit.extensions.standard.cx import CnotGate

    circuit = QuantumCircuit(2)
    circuit.cx(0, 1)
    assert isinstance(circuit.data[0][0], CnotGate)
