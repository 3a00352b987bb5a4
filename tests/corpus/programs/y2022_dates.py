# 2022: everything with a date.
from datetime import datetime, timedelta, timezone
from qiskit import IBMQ, QuantumCircuit, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_nairobi" if provider.backends("ibmq_nairobi") else "ibmq_lima")
qc = QuantumCircuit(1)
qc.h(0)
qc.measure_all()
before = datetime.now() - timedelta(minutes=5)
job = backend.run(transpile(qc, backend))
result = job.result()
print(abs((result.date - datetime.now(timezone.utc)).total_seconds()) < 600)
created = job.creation_date()
print(created.utcoffset() is not None, created > before.astimezone())
found = backend.jobs(start_datetime=before, end_datetime=datetime.now() + timedelta(minutes=5))
print(job.job_id() in [each.job_id() for each in found])
print(backend.jobs(end_datetime=datetime(2019, 1, 1)))
print(backend.properties(datetime=datetime.now()).last_update_date < datetime.now(timezone.utc))
steps = job.time_per_step()
print(all(value.tzinfo for value in steps.values()), steps["COMPLETED"] >= steps["CREATING"])
print(result.time_taken >= 0)
