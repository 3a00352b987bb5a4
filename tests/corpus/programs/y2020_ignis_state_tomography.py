# 2020: state tomography of a Bell state.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, QuantumRegister, execute
from qiskit.ignis.verification.tomography import state_tomography_circuits, StateTomographyFitter
from qiskit.quantum_info import Statevector, partial_trace, state_fidelity

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
q2 = QuantumRegister(2)
bell = QuantumCircuit(q2)
bell.h(q2[0])
bell.cx(q2[0], q2[1])
psi_bell = Statevector.from_instruction(bell)

qst_bell = state_tomography_circuits(bell, q2)
print(len(qst_bell), qst_bell[0].name)
for name in ("ibmq_qasm_simulator", "ibmq_rome"):
    job = execute(qst_bell, provider.get_backend(name), shots=2000, optimization_level=1)
    fitter = StateTomographyFitter(job.result(), qst_bell)
    rho_bell = fitter.fit(method="lstsq")
    print(name, "trace", round(np.trace(rho_bell).real, 6))
    print(name, "fidelity", state_fidelity(psi_bell, rho_bell, validate=False) > 0.85)
    print(name, "mixed", np.allclose(partial_trace(rho_bell, [0]).data, np.eye(2) / 2, atol=0.1))
