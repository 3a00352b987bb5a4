# 2019: snapshots between the gates, read from the data of the result.
import numpy as np
from qiskit import Aer, IBMQ, QuantumCircuit, execute
from qiskit.providers.aer.extensions.snapshot_statevector import *
from qiskit.providers.aer.extensions.snapshot_probabilities import *
from qiskit.providers.aer.extensions.snapshot_expectation_value import *
from qiskit.quantum_info.operators import Pauli

qc = QuantumCircuit(2, 2)
qc.snapshot_statevector("start")
qc.h(0)
qc.snapshot_statevector("superposition")
qc.cx(0, 1)
qc.snapshot_probabilities("bell", [0, 1])
qc.snapshot_expectation_value("zz", [[1.0, Pauli("ZZ")]], [0, 1])
qc.measure([0, 1], [0, 1])
result = execute(qc, Aer.get_backend("qasm_simulator"), shots=100).result()
snapshots = result.data(0)["snapshots"]
print(sorted(snapshots))
print(sorted(snapshots["statevector"]))
print(np.round(snapshots["statevector"]["start"][0], 3))
print(np.round(snapshots["statevector"]["superposition"][0], 3))
probabilities = snapshots["probabilities"]["bell"][0]["value"]
print(sorted(probabilities), round(sum(probabilities.values()), 3))
print("ZZ", np.real(snapshots["expectation_value"]["zz"][0]["value"]))
IBMQ.load_account()
plain = QuantumCircuit(2, 2)
plain.h(0)
plain.cx(0, 1)
plain.measure([0, 1], [0, 1])
print(execute(plain, IBMQ.get_provider().backends.ibmq_vigo, shots=500).result().get_counts())
