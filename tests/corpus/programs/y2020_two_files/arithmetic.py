# Adding in Fourier space.
import numpy as np
from qiskit import QuantumCircuit


def qft(circ, qubits):
    for i in reversed(range(len(qubits))):
        circ.h(qubits[i])
        for j in reversed(range(i)):
            circ.cu1(np.pi / 2 ** (i - j), qubits[j], qubits[i])


def add_constant(circ, qubits, number):
    for i in range(len(qubits)):
        circ.u1(2 * np.pi * number / 2 ** (i + 1), qubits[i])


def iqft(circ, qubits):
    inverse = QuantumCircuit(*circ.qregs, *circ.cregs)
    qft(inverse, qubits)
    circ += inverse.inverse()
    return circ


READOUT = QuantumCircuit(3, 3)
READOUT.iden(0)
READOUT.measure(range(3), range(3))
