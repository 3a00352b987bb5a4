# 2019: gates and circuit arithmetic of that year, and a Fourier transform by hand.
from math import pi
from qiskit import QuantumCircuit, QuantumRegister, ClassicalRegister, IBMQ, execute

provider = IBMQ.load_account()


def qft(circ, q, n):
    for j in range(n):
        for k in range(j):
            circ.cu1(pi / float(2 ** (j - k)), q[j], q[k])
        circ.h(q[j])


def input_state(circ, q, n):
    for j in range(n):
        circ.h(q[j])
        circ.u1(pi / float(2**j), q[j]).inverse()


q = QuantumRegister(3, "q")
c = ClassicalRegister(3, "c")
qft3 = QuantumCircuit(q, c)
for j in range(3):
    qft3.h(q[j])
    qft3.u1(-pi / float(2**j), q[j])
qft(qft3, q, 3)
for i in range(3):
    qft3.measure(q[i], c[i])
simulator = provider.get_backend("ibmq_qasm_simulator")
print(execute(qft3, simulator, shots=1024).result().get_counts())

flip = QuantumCircuit(q, c)
flip.u3(pi, 0, pi, q[0])
flip.u2(0, pi, q[1])
flip.u2(0, pi, q[1])
flip.iden(q[2])
flip.u0(1, q[2])
readout = QuantumCircuit(q, c)
readout.measure(q, c)
flip += readout
print(flip.n_qubits, flip.width())
device = provider.get_backend("ibmq_16_melbourne")
print(execute(flip, device, shots=2048).result().get_counts(flip))
both = QuantumCircuit(q, c)
both.cu3(pi, 0, pi, q[0], q[1])
both.extend(readout)
print(execute(both.combine(readout), simulator, shots=100).result().get_counts())
