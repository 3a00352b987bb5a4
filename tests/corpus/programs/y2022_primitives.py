# 2022: primitives on a backend.
import numpy as np
from qiskit import IBMQ, QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import BackendEstimator, BackendSampler
from qiskit.quantum_info import SparsePauliOp

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_manila")
theta = Parameter("t")
qc = QuantumCircuit(2)
qc.ry(theta, 0)
qc.cx(0, 1)
measured = qc.measure_all(inplace=False)
sampler = BackendSampler(backend, options={"shots": 2000})
job = sampler.run([measured, measured], [[0.0], [np.pi]])
quasi = job.result().quasi_dists
print(max(quasi[0], key=quasi[0].get), max(quasi[1], key=quasi[1].get))
estimator = BackendEstimator(backend)
value = estimator.run(qc, SparsePauliOp("ZZ"), [np.pi / 2], shots=2000).result().values[0]
print(0.6 < value <= 1.0)
