# 2019: preparation + evolution + measurement, before any account.
from qiskit import QuantumCircuit, QuantumRegister, ClassicalRegister, BasicAer, execute

qr, cr = QuantumRegister(3, "qr"), ClassicalRegister(3, "cr")
prep = QuantumCircuit(qr, cr, name="prep")
prep.h(qr[0])
entangle = QuantumCircuit(qr, cr)
entangle.cx(qr[0], qr[1])
entangle.cx(qr[1], qr[2])
meas = QuantumCircuit(qr, cr)
meas.barrier(qr)
meas.measure(qr, cr)

circ = prep + entangle + meas
print(circ.count_ops()["cx"], circ.n_qubits)
total = QuantumCircuit(qr, cr)
for part in (prep, entangle):
    total += part
total.extend(meas)
print(total.depth() == circ.depth(), prep.size())
mirrored = prep.combine(entangle)
mirrored += entangle.inverse()
mirrored += prep.mirror()
mirrored += meas
counts = execute(circ, BasicAer.get_backend("qasm_simulator"), shots=200).result().get_counts()
print(counts)

from qiskit import IBMQ
from qiskit.providers.ibmq import least_busy

provider = IBMQ.load_account()
backend = least_busy(provider.backends(n_qubits=5, simulator=False))
result = execute([circ, total, mirrored], backend, shots=1000).result()
print(result.get_counts(0))
print(result.get_counts(1))
print(result.get_counts(mirrored))
