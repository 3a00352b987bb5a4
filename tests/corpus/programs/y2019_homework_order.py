# 2019, homework: the circuits first, the account at the end.
import numpy as np
from qiskit import QuantumRegister, ClassicalRegister, QuantumCircuit, execute, Aer, IBMQ

q = QuantumRegister(2, "q")
c = ClassicalRegister(2, "c")

# a) prepare |01> with u gates only
flip = QuantumCircuit(q, c)
flip.u3(np.pi, 0, np.pi, q[0])
flip.iden(q[1])
flip.u2(0, np.pi, q[1])
flip.u1(2 * np.pi, q[1])
flip.u2(0, np.pi, q[1])
flip.measure(q, c)

# b) Bell state without a cx: h, then a controlled phase between two h
bell = QuantumCircuit(q, c)
bell.h(q[0])
bell.h(q[1])
bell.cu1(np.pi, q[0], q[1])
bell.h(q[1])
bell.barrier()
bell.measure(q, c)

# c) controlled rotation by pi, prepared with cu3
rotated = QuantumCircuit(q, c)
rotated.x(q[0])
rotated.cu3(np.pi, 0, np.pi, q[0], q[1])
rotated.measure(q, c)

simulator = Aer.get_backend("qasm_simulator")
for circuit in (flip, bell, rotated):
    print("simulator", execute(circuit, simulator, shots=500).result().get_counts())

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
device = provider.get_backend("ibmq_vigo")
job = execute([flip, bell, rotated], device, shots=1024)
for circuit in (flip, bell, rotated):
    print("device", job.result().get_counts(circuit))
