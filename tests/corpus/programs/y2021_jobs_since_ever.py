# 2021: all jobs, whenever they were; dates from everywhere.
import datetime
from datetime import timedelta, timezone
from qiskit import IBMQ, QuantumCircuit, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_casablanca")
qc = QuantumCircuit(1, 1)
qc.x(0)
qc.measure(0, 0)
job = backend.run(transpile(qc, backend), shots=100, job_tags=["dated"])
print(job.result().get_counts())
east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
for start, end in (
    (datetime.datetime.min, datetime.datetime.max),
    (datetime.datetime.min.replace(tzinfo=timezone.utc), None),
    (datetime.datetime.min.replace(tzinfo=east), datetime.datetime.max.replace(tzinfo=west)),
    (datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)),
    (None, datetime.datetime.max),
    (datetime.datetime.now() - timedelta(days=1), None),
):
    jobs = backend.jobs(start_datetime=start, end_datetime=end, job_tags=["dated"])
    print([each.job_id() for each in jobs] == [job.job_id()])
print(
    backend.jobs(end_datetime=datetime.datetime.min),
    backend.jobs(start_datetime=datetime.datetime.max),
)
print(backend.properties(datetime=datetime.datetime.max) is not None)
print(
    backend.reservations(datetime.datetime.min, datetime.datetime.max),
    provider.backend.jobs(limit=1)[0].creation_date() <= datetime.datetime.now(timezone.utc),
)
