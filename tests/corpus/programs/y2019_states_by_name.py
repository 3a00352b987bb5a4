# 2019: expected states by name, compared with the simulator and with a device.
import numpy as np
from qiskit import IBMQ, Aer, QuantumCircuit, QuantumRegister, execute
from qiskit.quantum_info import basis_state, projector, random_state, state_fidelity
from qiskit.quantum_info.states import basis_state as same_basis_state
from qiskit.quantum_info.random import random_unitary
from qiskit.tools.qi.qi import outer, partial_trace, state_fidelity as old_fidelity

print(same_basis_state("10", 2), basis_state("0" * 3, 3).shape)
plus = (basis_state("0", 1) + basis_state("1", 1)) / np.sqrt(2)
print(np.round(projector(plus), 3).tolist())
print(np.allclose(outer(plus), np.outer(plus, plus.conj())))

psi = random_state(4, seed=11)
print(len(psi), round(np.linalg.norm(psi), 6))
qr = QuantumRegister(2)
prepare = QuantumCircuit(qr)
prepare.initialize(psi, [qr[0], qr[1]])
state = execute(prepare, Aer.get_backend("statevector_simulator")).result().get_statevector(prepare)
print("fidelity %.3f" % state_fidelity(psi, state), "%.3f" % old_fidelity(psi, state))
bell = (basis_state("00", 2) + basis_state("11", 2)) / np.sqrt(2)
print(np.round(partial_trace(outer(bell), [1]), 3).real.tolist())
print(random_unitary(4).is_unitary())

IBMQ.load_account()
backend = IBMQ.get_provider().get_backend("ibmq_essex")
prepare.measure_all()
counts = execute(prepare, backend, shots=8192).result().get_counts()
expected = {format(k, "02b"): abs(psi[k]) ** 2 for k in range(4)}
measured = [counts.get(key, 0) / 8192 for key in sorted(expected)]
overlap = sum(np.sqrt(m * expected[key]) for m, key in zip(measured, sorted(expected)))
print("overlap", overlap**2 > 0.9)
