"""``if_test`` converted to conditions gives the same results in a simulator of both."""

from __future__ import annotations

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit.classical import expr
from qiskit_aer import AerSimulator

from ibmq_backend.backend.lower_if_test import with_conditions


def base():
    circuit = QuantumCircuit(
        QuantumRegister(3, "q"), ClassicalRegister(2, "a"), ClassicalRegister(2, "b")
    )
    circuit.ry(1.1, 0)
    circuit.h(1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def on_a_bit(circuit):
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(2)


def on_a_register(circuit):
    with circuit.if_test((circuit.cregs[0], 2)):
        circuit.x(2)
        circuit.barrier(1, 2)
        circuit.sx(1)


def with_an_else(circuit):
    with circuit.if_test((circuit.clbits[1], 0)) as otherwise:
        circuit.x(2)
    with otherwise:
        circuit.h(2)
        circuit.reset(1)


def with_nothing_in_it(circuit):
    circuit.if_test((circuit.clbits[0], 1), QuantumCircuit(), [], [])
    circuit.x(2)


@pytest.mark.parametrize("add", [on_a_bit, on_a_register, with_an_else, with_nothing_in_it])
def test_conditions_give_the_same_results(add):
    circuit = base()
    add(circuit)
    circuit.measure(2, circuit.cregs[1][0])
    before = circuit.copy()
    plain = with_conditions(circuit)
    assert circuit == before
    assert "if_else" not in plain.count_ops()
    assert (plain.name, plain.cregs) == (circuit.name, circuit.cregs)
    wanted, found = (
        AerSimulator(seed_simulator=1).run(each, shots=4000).result().get_counts()
        for each in (circuit, plain)
    )
    assert wanted.keys() == found.keys()
    assert all(abs(wanted[key] - found[key]) < 250 for key in wanted)


def else_of_a_register(circuit):
    with circuit.if_test((circuit.cregs[0], 2)) as otherwise:
        circuit.x(2)
    with otherwise:
        circuit.h(2)


def with_a_measurement(circuit):
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.measure(2, 3)


def with_a_delay(circuit):
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.delay(160, 2)


def one_within_another(circuit):
    with circuit.if_test((circuit.clbits[0], 1)), circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(2)


def on_an_expression(circuit):
    with circuit.if_test(expr.less(circuit.cregs[0], 2)):
        circuit.x(2)


@pytest.mark.parametrize(
    "add",
    [
        else_of_a_register,
        with_a_measurement,
        with_a_delay,
        one_within_another,
        on_an_expression,
    ],
)
def test_other_control_flow_is_unchanged(add):
    circuit = base()
    add(circuit)
    assert with_conditions(circuit) == circuit


def test_a_circuit_without_if_test_is_returned_unchanged():
    circuit = base()
    assert with_conditions(circuit) is circuit
