# 2022: more shots than before.
from qiskit import IBMQ, QuantumCircuit, execute, transpile

provider = IBMQ.load_account()
qc = QuantumCircuit(2, 2)
qc.h(0)
qc.cx(0, 1)
qc.measure([0, 1], [0, 1])
for name, shots in (("ibmq_belem", 20000), ("ibmq_qasm_simulator", 100000), ("ibm_nairobi", 20000)):
    backend = provider.get_backend(name)
    print(
        backend.configuration().max_shots >= shots,
        execute(qc, backend, shots=shots).result().get_counts(),
    )
job = provider.get_backend("ibm_oslo").run(
    transpile(qc, provider.get_backend("ibm_oslo")),
    shots=provider.get_backend("ibm_oslo").configuration().max_shots,
)
print(job.result().get_counts())
