# 2021: an eigensolver with a quantum instance on a noisy device.
import numpy as np
from qiskit import IBMQ
from qiskit.algorithms import VQE
from qiskit.algorithms.optimizers import SPSA, COBYLA
from qiskit.circuit.library import TwoLocal
from qiskit.opflow import X, Z, I
from qiskit.utils import QuantumInstance, algorithm_globals
from qiskit.utils.mitigation import CompleteMeasFitter

algorithm_globals.random_seed = 50
provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_belem")
hamiltonian = (-1.0 * Z ^ Z) + 0.3 * (X ^ I) + 0.3 * (I ^ X)
instance = QuantumInstance(
    backend=backend,
    shots=1024,
    seed_transpiler=50,
    initial_layout=[0, 1],
    optimization_level=3,
    skip_qobj_validation=False,
    measurement_error_mitigation_cls=CompleteMeasFitter,
    cals_matrix_refresh_period=30,
)
print(instance.backend_name, instance.is_statevector)
ansatz = TwoLocal(2, rotation_blocks="ry", entanglement_blocks="cx", reps=1)
history = []
vqe = VQE(
    ansatz,
    optimizer=COBYLA(maxiter=3),
    quantum_instance=instance,
    callback=lambda n, params, mean, std: history.append(mean),
)
result = vqe.compute_minimum_eigenvalue(hamiltonian)
print(len(history) >= 3, -2 < np.real(result.eigenvalue) < 1.7)
