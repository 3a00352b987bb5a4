# 2020: load_account() was in another cell.
from qiskit import IBMQ, QuantumCircuit, transpile, assemble
from qiskit.providers.ibmq import least_busy

provider = IBMQ.get_provider(hub="ibm-q", group="open", project="main")
print(provider)
backend = least_busy(
    provider.backends(
        filters=lambda b: b.configuration().n_qubits == 5 and not b.configuration().simulator
    )
)
qc = QuantumCircuit(1, 1)
qc.x(0)
qc.measure(0, 0)
job = backend.run(assemble(transpile(qc, backend), backend, shots=300))
print(job.result().get_counts())
print(provider in IBMQ.providers(), IBMQ.active_account() is not None)
