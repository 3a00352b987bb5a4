# 2019: a random number generator.
from qiskit import QuantumRegister, ClassicalRegister, QuantumCircuit, execute, IBMQ

IBMQ.enable_account("0123456789abcdef0123456789abcdef")
provider = IBMQ.get_provider(hub="ibm-q", group="open", project="main")
backend = provider.get_backend("ibmq_qasm_simulator")


def random_int(backend, qubits, shots=8):
    q = QuantumRegister(qubits)
    c = ClassicalRegister(qubits)
    circ = QuantumCircuit(q, c)
    circ.h(q)
    circ.barrier()
    circ.measure(q, c)
    result = execute(circ, backend, shots=shots, memory=True).result()
    return [int(bits, 2) for bits in result.get_memory()]


values = random_int(backend, 16)
print(values)
print(len(set(values)) > 4, max(values) < 65536)
