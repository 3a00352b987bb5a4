"""The estimated device time of a job."""

import pytest
from qiskit import QuantumCircuit, assemble

from ibmq_backend.api.sampler.estimate import (
    CONDITION_SECONDS,
    GATE_SECONDS,
    JOB_SECONDS,
    LONG_GATE_SECONDS,
    READOUT_SECONDS,
    REP_DELAY_MICROSECONDS,
    estimated_seconds,
)

DEVICE = {"default_rep_delay": 1000.0, "dt": 1.0}  # µs, ns


def seconds(*circuits, device=DEVICE, **options):
    """The estimate without that of any job."""
    return estimated_seconds(assemble(list(circuits), **options).to_dict(), device) - JOB_SECONDS


def measured(*, width=2):
    circuit = QuantumCircuit(width, width)
    circuit.measure(range(width), range(width))
    return circuit


def test_each_shot_takes_its_pause_and_its_circuit():
    once = 1e-3 + READOUT_SECONDS
    assert seconds(measured(), shots=1000) == pytest.approx(1000 * once)
    assert seconds(measured(), measured(), shots=1000) == pytest.approx(2000 * once)


def test_the_pause_is_that_of_the_job_or_the_device():
    readout = READOUT_SECONDS
    qobj = assemble(measured(), shots=100).to_dict()
    qobj["config"]["rep_delay"] = 500.0  # µs
    given = estimated_seconds(qobj, DEVICE) - JOB_SECONDS
    assert given == pytest.approx(100 * (500e-6 + readout))
    unknown = seconds(measured(), shots=100, device={})
    assert unknown == pytest.approx(100 * (REP_DELAY_MICROSECONDS * 1e-6 + readout))


def test_a_circuit_lasts_as_long_as_its_longest_chain():
    circuit = QuantumCircuit(3, 3)
    circuit.x([0, 1, 2])  # at the same time
    circuit.cx(0, 1)
    circuit.cx(1, 2)  # waits for the other
    circuit.barrier()
    circuit.delay(1000, 0)
    circuit.measure([0, 1, 2], [0, 1, 2])
    chain = GATE_SECONDS + 2 * LONG_GATE_SECONDS + 1000e-9 + READOUT_SECONDS
    assert seconds(circuit, shots=1) == pytest.approx(1e-3 + chain)


def test_conditions_wait_for_the_measurements_before_them():
    circuit = QuantumCircuit(3, 3)
    for qubit in (0, 1):
        circuit.measure(qubit, qubit)
        circuit.x(qubit + 1).c_if(circuit.clbits[qubit], 1)
    circuit.measure(2, 2)
    chain = 2 * (READOUT_SECONDS + CONDITION_SECONDS + GATE_SECONDS) + READOUT_SECONDS
    assert seconds(circuit, shots=1) == pytest.approx(1e-3 + chain)


@pytest.mark.parametrize(
    "wrong", [{"params": []}, {"params": ["a"]}, {"params": [1e999]}, {"qubits": 3}]
)
def test_a_qobj_that_is_not_valid_is_left_to_the_service(wrong):
    delay = {"name": "delay", "qubits": [0], "params": [1], **wrong}
    assert estimated_seconds({"experiments": [{"instructions": [delay]}]}, DEVICE) == JOB_SECONDS
