# 2020: state tomography in three bases.
import numpy as np
from qiskit import QuantumCircuit, IBMQ, execute
from qiskit.quantum_info import DensityMatrix, Statevector, state_fidelity, Pauli

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_santiago")
prepare = QuantumCircuit(1)
prepare.ry(np.pi / 3, 0)
circuits = []
for basis in "XYZ":
    qc = QuantumCircuit(1, 1, name=basis)
    qc.compose(prepare, inplace=True)
    if basis == "X":
        qc.h(0)
    elif basis == "Y":
        qc.sdg(0)
        qc.h(0)
    qc.measure(0, 0)
    circuits.append(qc)
result = execute(circuits, backend, shots=8192).result()
rho = np.eye(2, dtype=complex) / 2
for basis in "XYZ":
    counts = result.get_counts(basis)
    expectation = (counts.get("0", 0) - counts.get("1", 0)) / 8192
    rho += expectation / 2 * Pauli(basis).to_matrix()
fidelity = state_fidelity(DensityMatrix(rho), Statevector.from_instruction(prepare), validate=False)
print("fidelity plausible:", 0.9 < fidelity < 1.02)
