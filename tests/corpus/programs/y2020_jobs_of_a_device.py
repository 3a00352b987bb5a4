# 2020: looking after jobs.
from qiskit import IBMQ, QuantumCircuit, execute
from qiskit.providers.jobstatus import JobStatus, JOB_FINAL_STATES
from qiskit.providers.ibmq.job import job_monitor

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_athens")
qc = QuantumCircuit(1, 1)
qc.x(0)
qc.measure(0, 0)
for number in range(3):
    job = execute(
        qc, backend, shots=100, job_name="nightly_%d" % number, job_tags=["nightly", "n%d" % number]
    )
    print(job.job_id() is not None, job.name(), job.tags())
job_monitor(job)
print(job.status() == JobStatus.DONE, job.status().name, job.status().value)
print(job.queue_position(), job.queue_info(), job.error_message())
for old in backend.jobs(limit=5):
    print(old.name(), old.status() in JOB_FINAL_STATES, old.creation_date().tzinfo is not None)
print(len(backend.jobs(limit=2, status=JobStatus.DONE)) <= 2)
print([j.name() for j in backend.jobs(job_name="nightly_1")])
print([j.name() for j in provider.backends.jobs(job_tags=["n2", "n0"], descending=False)])
again = backend.retrieve_job(job.job_id())
print(again.result().get_counts())
print(again.backend() == backend, str(again.backend()), again.cancel())
print(job.update_name("last one"), sorted(job.update_tags(additional_tags=["kept"])))
limit = backend.job_limit()
print(limit.maximum_jobs > 0, limit.active_jobs >= 0, backend.remaining_jobs_count() > 0)
print(sorted(job.time_per_step()))
print(job.properties().backend_name, backend.active_jobs())
