"""``compile`` and ``transpile_dag`` return what backends run."""

from qiskit import BasicAer, QuantumCircuit
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.quantum_info import Operator

from ibmq_backend._compat.old_modules.transpiling import compile as compile_circuits
from ibmq_backend._compat.old_modules.transpiling import transpile_dag


def test_compiled_circuits_run():
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    backend = BasicAer.get_backend("qasm_simulator")
    qobj = compile_circuits(circuit, backend, shots=50, seed=3, max_credits=3, seed_mapper=1)
    assert qobj.config.seed_simulator == 3
    counts = backend.run(qobj).result().get_counts()
    assert sum(counts.values()) == 50
    assert set(counts) <= {"00", "11"}


def test_graphs_are_transpiled():
    circuit = QuantumCircuit(2)
    circuit.swap(0, 1)
    done = dag_to_circuit(transpile_dag(circuit_to_dag(circuit), basis_gates=["u3", "cx"]))
    assert dict(done.count_ops()) == {"cx": 3}
    assert Operator(done) == Operator(circuit)
