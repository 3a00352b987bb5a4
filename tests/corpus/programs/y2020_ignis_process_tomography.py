# 2020: is the gate of the device a Hadamard gate?
import numpy as np
import qiskit
from qiskit import IBMQ, QuantumCircuit, QuantumRegister
from qiskit.quantum_info import Choi, Operator, average_gate_fidelity, process_fidelity
import qiskit.ignis.verification.tomography as tomo

qr = QuantumRegister(1)
circ = QuantumCircuit(qr)
circ.h(qr[0])
ideal = Operator(circ)
qpt_circs = tomo.process_tomography_circuits(circ, qr)
print(len(qpt_circs), qpt_circs[0].name)
provider = IBMQ.load_account()
job = qiskit.execute(qpt_circs, provider.get_backend("ibmq_armonk"), shots=4000)
choi = tomo.ProcessTomographyFitter(job.result(), qpt_circs).fit(method="lstsq")
print(type(choi).__name__, choi.dim)
fidelity = average_gate_fidelity(choi, target=ideal, require_cp=False, require_tp=False)
print("H", 0.85 < fidelity < 1.03)
identity = Operator(np.eye(2))
print("not I", process_fidelity(choi, identity, require_cp=False, require_tp=False) < 0.2)
