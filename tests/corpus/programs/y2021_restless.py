# 2021: no reset between the shots.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibm_lagos")
qc = QuantumCircuit(1, 1)
qc.x(0)
qc.measure(0, 0)
circuit = transpile(qc, backend)
usual = backend.run(circuit, shots=400, memory=True).result()
restless = backend.run(circuit, shots=400, memory=True, init_qubits=False, rep_delay=5e-6).result()
print(usual.get_counts())
memory = [int(bit) for bit in restless.get_memory()]
changes = np.mean([a != b for a, b in zip(memory, memory[1:])])
print("every shot flips the qubit:", changes > 0.85, len(memory))
print(abs(np.mean(memory) - 0.5) < 0.15)
