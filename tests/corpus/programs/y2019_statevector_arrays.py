# 2019: state vectors and unitaries of the simulator are arrays.
import numpy as np
from qiskit import Aer, IBMQ, QuantumCircuit, QuantumRegister, execute

q = QuantumRegister(2)
qc = QuantumCircuit(q)
qc.u2(0, np.pi, q[0])
qc.cx(q[0], q[1])
backend = Aer.get_backend("statevector_simulator")
print(backend.name())
state = execute(qc, backend).result().get_statevector(qc, decimals=5)
print(state[0], state[-1].real, len(state), state.size, state.shape)
print(np.vdot(state, state).real.round(3), (state.conj() * state).real.round(2).tolist())
print(np.abs(state) ** 2, sum(abs(a) ** 2 for a in state).round(3))
print(state.dtype, np.round(np.angle(state[3]), 3), state[1:3].tolist())
rho = np.outer(state, np.conj(state))
print(np.trace(rho).real.round(3), state.reshape(2, 2).shape, state.max().round(4))
print((state + state)[0].round(4))

job = execute(qc, Aer.get_backend("unitary_simulator"))
unitary = job.result().get_unitary(qc, decimals=3)
print(unitary.shape, unitary[0, 0], unitary[0][1], len(unitary))
print(np.allclose(unitary @ unitary.conj().T, np.eye(4), atol=1e-2))
print(np.allclose(unitary.dot(np.array([1, 0, 0, 0])), state, atol=1e-2), unitary.T.shape)
print(np.linalg.det(unitary).round(2).real, unitary.size, np.real(unitary).max())

provider = IBMQ.load_account()
qc.measure_all()
counts = execute(qc, provider.get_backend("ibmq_santiago"), shots=4096).result().get_counts()
device = np.array([counts.get(format(k, "02b"), 0) for k in range(4)]) / 4096
print(np.abs(device - np.abs(state) ** 2).max() < 0.15)
