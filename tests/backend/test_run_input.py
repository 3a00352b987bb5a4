"""Input that cannot run: refused before it is sent, or a failed job with a precise reason."""

import traceback

import pytest
from qiskit import QuantumCircuit, assemble, transpile
from qiskit.circuit import Parameter
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobFailureError


def measured(qubits, name="circuit of mine"):
    circuit = QuantumCircuit(qubits, qubits, name=name)
    circuit.measure(range(qubits), range(qubits))
    return circuit


def reason(job):
    assert job.error_message() is not None
    assert job.status() is JobStatus.ERROR
    with pytest.raises(IBMQJobFailureError) as caught:
        job.result()
    assert job.error_message() in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["ibmq_vigoo", "vigo", "ibmq_nowhere"])
def test_unknown_device(provider, name):
    for ask in (lambda: provider.get_backend(name), lambda: getattr(provider.backends, name)):
        with pytest.raises((QiskitBackendNotFoundError, AttributeError)) as caught:
            ask()
        assert repr(name) in str(caught.value)
    assert not hasattr(provider.backends, name)


def test_nearest_device_is_named(provider):
    with pytest.raises(AttributeError, match="Nearest: ibmq_vigo") as caught:
        provider.backends.ibmq_vigoo
    printed = traceback.format_exception_only(caught.value)[-1]
    assert printed.endswith("Nearest: ibmq_vigo.\n")


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ([], "list of circuits is empty"),
        (None, "No circuits are given"),
        (5, "'int' cannot be run"),
        ("OPENQASM 2.0;", "'str' cannot be run"),
        ([QuantumCircuit(1, 1), 7], "Item 1 is an object of type 'int'"),
        (measured(6), "Circuit 0 \\('circuit of mine'\\) has 6 qubits; ibmq_vigo has 5"),
        ([measured(1)] * 76, "76 circuits are too many.*at most 75"),
    ],
)
def test_invalid_arguments_raise_before_any_request(backend, what, text):
    with pytest.raises(IBMQBackendValueError, match=text):
        backend.run(what)


def test_unbound_parameter_is_refused(backend):
    circuit = measured(1)
    circuit.rz(Parameter("theta"), 0)
    with pytest.raises(IBMQBackendValueError, match="cannot be assembled.*theta"):
        backend.run(circuit)


def test_control_flow_is_refused(backend):
    circuit = QuantumCircuit(1, 1, name="flow")
    with circuit.while_loop((0, 1)):
        circuit.measure(0, 0)
    with pytest.raises(
        IBMQBackendValueError, match="'flow'.*control flow instruction 'while_loop'"
    ):
        backend.run(circuit)


def test_qobj_of_a_larger_device_is_refused(backend, provider):
    melbourne = provider.get_backend("ibmq_16_melbourne")
    circuit = transpile(measured(15), melbourne)
    with pytest.raises(IBMQBackendValueError, match="ibmq_vigo has 5"):
        backend.run(assemble(circuit, backend=melbourne))


def test_qobj_with_too_many_shots_is_refused(backend):
    with pytest.raises(IBMQBackendValueError, match="9000 shots"):
        backend.run(assemble(measured(1), shots=9000))


def test_instruction_the_device_does_not_have(backend):
    circuit = QuantumCircuit(1, 1, name="untranspiled")
    circuit.h(0)
    circuit.measure(0, 0)
    text = reason(backend.run(circuit))
    assert "untranspiled" in text
    assert "h" in text.split()
    assert "Error code: 7001." in text
    assert "Run transpile(circuit, backend) first and run the circuit that it returns." in text


def test_uncoupled_pair(backend):
    circuit = QuantumCircuit(5, 1, name="far apart")
    circuit.cx(0, 4)
    circuit.measure(4, 0)
    text = reason(backend.run(circuit))
    assert "far apart" in text
    assert "cx" in text
    assert "0, 4" in text


def test_circuit_without_measurement(backend):
    circuit = QuantumCircuit(1, name="unmeasured")
    circuit.x(0)
    text = reason(backend.run(circuit))
    assert "unmeasured" in text
    assert "measure_all()" in text


def test_broken_gate(provider):
    manhattan = provider.get_backend("ibmq_manhattan")
    properties = manhattan.properties()
    broken = next(
        gate.qubits
        for gate in properties.gates
        if gate.gate == "cx" and properties.gate_error("cx", gate.qubits) >= 1
    )
    circuit = QuantumCircuit(65, 1, name="over a broken gate")
    circuit.cx(*broken)
    circuit.measure(broken[1], 0)
    text = reason(manhattan.run(circuit, shots=10))
    assert "over a broken gate" in text
    assert "cx" in text
    assert str(broken[0]) in text


def test_barriers_that_transpile_splits_are_whole_again(provider):
    """On a device whose working couplings are not connected, and without optimization."""
    backend = provider.get_backend("ibm_washington")
    circuit = QuantumCircuit(3, metadata={"kept": 1})
    circuit.x(range(3))
    circuit.measure_all()
    split = transpile(circuit, backend, optimization_level=0)
    assert len(split.get_instructions("barrier")) == 3
    job = backend.run(split, shots=10)
    (barrier,) = job.circuits()[0].get_instructions("barrier")
    assert len(barrier.qubits) == 3
    assert job.result().results[0].header.metadata == {"kept": 1}
    assert len(split.get_instructions("barrier")) == 3
