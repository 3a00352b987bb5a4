# 2021: runtime programs, and an account service that may not be there.
from qiskit import IBMQ, QuantumCircuit
from qiskit.providers.ibmq.runtime import UserMessenger, ResultDecoder
from qiskit.circuit.library import QFT
try:
    from qiskit_ibm_runtime import QiskitRuntimeService
except ImportError:
    QiskitRuntimeService = None

IBMQ.enable_account('MY_API_TOKEN')
provider = IBMQ.get_provider(hub='ibm-q-education', group='a', project='b')
print(provider.runtime.programs())
if provider.has_service('experiment'):
    provider.experiment.backends()
backend = provider.backends.ibmq_lima
simulator = provider.backend.ibmq_qasm_simulator
hexagon = provider.backends.ibm_ithaca
qc = QFT(3)
qc.measure_all()
job = backend.run(qc.decompose())
job.wait_for_final_state()
job.error_mesage()
