# 2020: several secrets in one job on the oldest five-qubit device.
from qiskit import QuantumCircuit, IBMQ, transpile
from qiskit.tools.monitor import job_monitor

secrets = ["101", "110", "011"]


def bv(s):
    n = len(s)
    qc = QuantumCircuit(n + 1, n, name=s)
    qc.h(n)
    qc.z(n)
    qc.h(range(n))
    for q, bit in enumerate(reversed(s)):
        if bit == "0":
            qc.i(q)
        else:
            qc.cx(q, n)
    qc.h(range(n))
    qc.measure(range(n), range(n))
    return qc


provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_5_yorktown")
print(backend.name())
circuits = transpile([bv(s) for s in secrets], backend=backend, optimization_level=2)
job = backend.run(circuits, shots=2048)
job_monitor(job, interval=1, quiet=True)
result = job.result()
for s in secrets:
    counts = result.get_counts(s)
    print(s, max(counts, key=counts.get), sum(counts.values()))
