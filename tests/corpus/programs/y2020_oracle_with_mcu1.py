# 2020: Grover for three qubits; the oracle is a multi-controlled u1.
import math
from qiskit import *

marked = "101"
n = len(marked)


def phase_flip(qc, qubits):
    qc.mcu1(math.pi, qubits[:-1], qubits[-1])


def oracle(qc, qubits):
    for q, bit in zip(qubits, reversed(marked)):
        if bit == "0":
            qc.x(q)
    phase_flip(qc, qubits)
    for q, bit in zip(qubits, reversed(marked)):
        if bit == "0":
            qc.x(q)


def diffusion(qc, qubits):
    qc.h(qubits)
    qc.x(qubits)
    phase_flip(qc, qubits)
    qc.x(qubits)
    qc.h(qubits)


qr = QuantumRegister(n)
cr = ClassicalRegister(n)
grover = QuantumCircuit(qr, cr)
grover.h(qr)
for _ in range(math.floor(math.pi / 4 * math.sqrt(2**n))):
    oracle(grover, list(qr))
    diffusion(grover, list(qr))
grover.measure(qr, cr)

print(execute(grover, Aer.get_backend("qasm_simulator"), shots=1000).result().get_counts())
provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_santiago")
device_counts = execute(grover, backend, shots=4096, optimization_level=3).result().get_counts()
print(max(device_counts, key=device_counts.get))
print(provider.backends.ibmq_qasm_simulator.run(transpile(grover, backend)).result().get_counts())
