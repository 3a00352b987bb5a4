# 2019: a noise model built from Kraus operators and standard errors.
import numpy as np
from qiskit import Aer, IBMQ, QuantumCircuit, execute
from qiskit.providers.aer import noise
from qiskit.providers.aer.noise import NoiseModel
from qiskit.providers.aer.noise.errors import QuantumError, ReadoutError, pauli_error
from qiskit.providers.aer.noise.errors.errorutils import standard_gate_unitary
from qiskit.providers.aer.noise.errors.standard_errors import (
    amplitude_damping_error,
    depolarizing_error,
    kraus_error,
)

print(np.allclose(standard_gate_unitary("x"), [[0, 1], [1, 0]]))
gamma = 0.3
damping = kraus_error([np.diag([1, np.sqrt(1 - gamma)]), [[0, np.sqrt(gamma)], [0, 0]]])
same = amplitude_damping_error(gamma)
print(isinstance(damping, QuantumError), damping.number_of_qubits, same.number_of_qubits)
flips = pauli_error([("X", 0.1), ("I", 0.9)])
both = flips.compose(depolarizing_error(0.02, 1))
model = noise.NoiseModel()
model.add_all_qubit_quantum_error(damping, ["x", "u3"])
model.add_all_qubit_quantum_error(flips.tensor(flips), ["cx"])
model.add_all_qubit_readout_error(ReadoutError([[0.95, 0.05], [0.1, 0.9]]))
print(model.noise_instructions == sorted(model.noise_instructions), "cx" in model.basis_gates)

one = QuantumCircuit(1, 1)
one.x(0)
one.measure(0, 0)
simulator = Aer.get_backend("qasm_simulator")
counts = (
    execute(one, simulator, noise_model=model, basis_gates=model.basis_gates, shots=8000)
    .result()
    .get_counts()
)
# damped with 0.3, then read wrong: 0.7 * 0.9 + 0.3 * 0.05
print("local", abs(counts["1"] / 8000 - 0.645) < 0.03)
IBMQ.load_account()
cloud = IBMQ.get_provider().get_backend("ibmq_qasm_simulator")
counts = (
    execute(one, cloud, noise_model=model, basis_gates=model.basis_gates, shots=8000)
    .result()
    .get_counts()
)
print("cloud", abs(counts["1"] / 8000 - 0.645) < 0.03)
