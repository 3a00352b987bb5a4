# Early 2019: accounts in the plural, backends straight from IBMQ.
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit import IBMQ, execute
from qiskit.tools.monitor import job_monitor

IBMQ.save_account("MY_API_TOKEN", overwrite=True)
IBMQ.load_accounts()
print("Available backends:")
for b in IBMQ.backends():
    print("  ", b)

q = QuantumRegister(2)
c = ClassicalRegister(2)
qc = QuantumCircuit(q, c)
qc.h(q[0])
qc.cx(q[0], q[1])
qc.measure(q, c)

backend = IBMQ.get_backend("ibmqx4")
print("Qubits:", backend.configuration().n_qubits)
job = execute(qc, backend=backend, shots=1024, max_credits=3)
job_monitor(job)
print(job.result().get_counts(qc))
print(
    [
        name
        for name in ("ibmqx4", "ibmq_16_melbourne")
        if name in [b.name() for b in IBMQ.backends(simulator=False, operational=True)]
    ]
)
