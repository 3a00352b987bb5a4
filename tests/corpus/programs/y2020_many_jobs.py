# 2020: the job manager.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.providers.ibmq.managed import IBMQJobManager

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_manila")
circs = []
for k in range(7):
    qc = QuantumCircuit(1, 1, name="c%d" % k)
    if k % 2:
        qc.x(0)
    qc.measure(0, 0)
    circs.append(qc)
circs = transpile(circs, backend=backend)
job_manager = IBMQJobManager()
job_set = job_manager.run(circs, backend=backend, name="foo", max_experiments_per_job=3, shots=200)
print(len(job_set.jobs()), job_set.name())
results = job_set.results()
print(results.success)
for k in range(7):
    counts = results.get_counts(k)
    print(max(counts, key=counts.get), end=" ")
print()
print(results.get_counts("c5") == results.get_counts(circs[5]))
print(all(status.name == "DONE" for status in job_set.statuses()))
print("foo" in job_manager.report())
again = job_manager.retrieve_job_set(job_set.job_set_id(), provider)
print(len(again.results().combine_results().results))
