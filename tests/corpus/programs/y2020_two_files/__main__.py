# 2020: the circuits are in a module of their own, which is imported before qiskit.IBMQ.
from arithmetic import READOUT, add_constant, iqft, qft
from qiskit import IBMQ, QuantumCircuit, execute

a, b = 2, 3
circuit = QuantumCircuit(3, 3)
for bit in range(3):
    if a >> bit & 1:
        circuit.x(bit)
qft(circuit, circuit.qubits)
add_constant(circuit, circuit.qubits, b)
circuit = iqft(circuit, circuit.qubits)
circuit += READOUT
IBMQ.load_account()
simulator = IBMQ.get_provider().get_backend("ibmq_qasm_simulator")
print(a, "+", b, "=", execute(circuit, simulator, shots=256).result().get_counts())
device = IBMQ.get_provider().get_backend("ibmq_bogota")
counts = execute(circuit, device, shots=4000, optimization_level=3).result().get_counts()
print("on the device", max(counts, key=counts.get))
