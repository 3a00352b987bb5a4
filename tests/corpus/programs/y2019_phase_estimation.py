# 2019, textbook style: three counting qubits for the phase of a T gate.
import matplotlib.pyplot as plt
import numpy as np
from math import pi
from qiskit import QuantumCircuit, execute, Aer, IBMQ
from qiskit.tools.visualization import plot_histogram


def qft_dagger(circ, n):
    """n-qubit QFTdagger on the first n qubits in circ"""
    for qubit in range(n // 2):
        circ.swap(qubit, n - qubit - 1)
    for j in range(n):
        for m in range(j):
            circ.cu1(-pi / float(2 ** (j - m)), m, j)
        circ.h(j)


qpe = QuantumCircuit(4, 3)
qpe.x(3)
for qubit in range(3):
    qpe.h(qubit)
repetitions = 1
for counting_qubit in range(3):
    for i in range(repetitions):
        qpe.cu1(pi / 4, counting_qubit, 3)
    repetitions *= 2
qft_dagger(qpe, 3)
for i in range(3):
    qpe.measure(i, i)

results = execute(qpe, backend=Aer.get_backend("qasm_simulator"), shots=2048).result()
answer = results.get_counts()
print(answer)
plot_histogram(answer)
provider = IBMQ.load_account()
device = provider.get_backend("ibmq_athens")
counts = execute(qpe, device, shots=2048, optimization_level=3).result().get_counts()
print("theta =", int(max(counts, key=counts.get), 2) / 2**3)
