# 2019: teleportation with classical control on the cloud simulator.
from math import pi
from qiskit import QuantumCircuit, QuantumRegister, ClassicalRegister, execute, IBMQ
from qiskit.result import marginal_counts

provider = IBMQ.load_account()
q = QuantumRegister(3, "q")
c0 = ClassicalRegister(1, "c0")
c1 = ClassicalRegister(1, "c1")
c2 = ClassicalRegister(1, "c2")
qc = QuantumCircuit(q, c0, c1, c2)
qc.u3(0.3, 0.2, 0.1, q[0])
qc.h(q[1])
qc.cx(q[1], q[2])
qc.barrier(q)
qc.cx(q[0], q[1])
qc.h(q[0])
qc.measure(q[0], c0[0])
qc.measure(q[1], c1[0])
qc.z(q[2]).c_if(c0, 1)
qc.x(q[2]).c_if(c1, 1)
qc.measure(q[2], c2[0])
job = execute(qc, backend=provider.get_backend("ibmq_qasm_simulator"), shots=1000)
counts = job.result().get_counts(qc)
print({key[0]: 0 for key in counts})
print(marginal_counts(counts, indices=[2]))
