"""``Unroller`` unrolls to the bases of old devices."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import Unroller


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        (["u3", "cx"], {"u3", "cx"}),
        (["u1", "u2", "u3", "cx", "id"], {"u1", "u2", "u3", "cx"}),
        (["u1", "u3", "cx"], {"u1", "u3", "cx"}),
    ],
)
def test_gates_are_unrolled(basis, expected):
    circuit = QuantumCircuit(3)
    for append in (circuit.h, circuit.x, circuit.t, circuit.sx, circuit.y):
        append(0)
    circuit.u(1, 2, 3, 1)
    circuit.rx(0.4, 2)
    circuit.rz(0.3, 1)
    circuit.ccx(0, 1, 2)
    circuit.cu1(0.3, 0, 1)
    circuit.cry(0.3, 0, 1)
    circuit.swap(1, 2)
    done = PassManager([Unroller(basis)]).run(circuit)
    assert set(done.count_ops()) == expected
    assert Operator(done) == Operator(circuit)


def test_parameters_and_conditions_stay():
    circuit = QuantumCircuit(1, 1)
    angle = Parameter("angle")
    circuit.rx(angle, 0)
    circuit.h(0).c_if(0, 1)
    done = PassManager(Unroller(["u2", "u3"])).run(circuit)
    assert done.data[0].operation.params[0] == angle
    assert done.data[1].operation.name == "u2"
    assert done.data[1].operation.condition == (circuit.clbits[0], 1)
