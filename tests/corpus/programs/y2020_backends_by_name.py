# 2020: one function for local simulators, cloud simulators and devices, chosen by name().
from qiskit import Aer, BasicAer, IBMQ, QuantumCircuit, execute
from qiskit.providers.aer import AerProvider, QasmSimulator, StatevectorSimulator, UnitarySimulator

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")


def probability_of_one(backend, shots=1000):
    qc = QuantumCircuit(1, 1)
    qc.u3(2 * 3.14159265 / 3, 0, 0, 0)
    if backend.name() == "statevector_simulator":
        return abs(execute(qc, backend).result().get_statevector()[1]) ** 2
    if backend.name() == "unitary_simulator":
        return abs(execute(qc, backend).result().get_unitary()[1, 0]) ** 2
    qc.measure(0, 0)
    counts = execute(qc, backend, shots=shots).result().get_counts()
    return counts.get("1", 0) / shots


print("qasm_simulator" in [backend.name() for backend in Aer.backends()])
print(AerProvider().get_backend("qasm_simulator").name(), UnitarySimulator().name())
print(sorted(b.name() for b in BasicAer.backends()))
for backend in (
    Aer.get_backend("qasm_simulator"),
    QasmSimulator(),
    StatevectorSimulator(),
    Aer.get_backend("unitary_simulator"),
    BasicAer.get_backend("statevector_simulator"),
    provider.get_backend("ibmq_qasm_simulator"),
    provider.get_backend("ibmq_armonk"),
):
    print(backend.name(), abs(probability_of_one(backend) - 0.75) < 0.1)
    print(backend.configuration().simulator, backend.status().operational)
