# 2021: watching one job and one job set of plain jobs.
from qiskit import IBMQ, QuantumCircuit, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_5_yorktown")
qc = QuantumCircuit(1)
qc.h(0)
qc.measure_all()
seen = []


def report(job_id, job_status, job, **kwargs):
    queue_info = kwargs.get("queue_info", None)
    seen.append((job_id, job_status.name, queue_info is None))


jobs = [backend.run(transpile(qc, backend), shots=300) for _ in range(4)]
for job in jobs:
    job.wait_for_final_state(timeout=300, wait=1, callback=report)
    print(job.in_final_state(), job.done(), job.running(), job.cancelled())
print(all(entry[0] in [job.job_id() for job in jobs] for entry in seen))
total = {}
for job in jobs:
    for key, value in job.result().get_counts().items():
        total[key] = total.get(key, 0) + value
print(total)
job = backend.run(transpile(qc, backend), shots=300)
if not job.cancel():
    print("too late to cancel" if job.in_final_state() else "refused")
else:
    print("cancelled")
