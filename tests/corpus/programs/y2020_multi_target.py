# 2020: one gate on many qubits.
from qiskit import *
from qiskit.circuit.library import MCMT, MCMTVChain
from qiskit.extensions.standard import ZGate

qc = QuantumCircuit(4, 4)
qc.x([0, 1])
qc.h(range(2, 4))
qc.mcmt(ZGate(), [0, 1], [2, 3])
qc.h(range(2, 4))
qc.measure(range(4), range(4))
also = QuantumCircuit(4, 4)
also.x([0, 1])
also.append(MCMT("x", 2, 2), range(4))
also.measure(range(4), range(4))
IBMQ.load_account()
provider = IBMQ.get_provider()
simulator = provider.get_backend("ibmq_qasm_simulator")
print(execute(qc, simulator, shots=200).result().get_counts())
print(execute(also, simulator, shots=200).result().get_counts())
