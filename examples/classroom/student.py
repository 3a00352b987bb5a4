"""What a student runs. The teacher hands out the token and the URL:

export QE_TOKEN=... QE_URL=http://127.0.0.1:8000/api
"""

from qiskit import IBMQ, QuantumCircuit, execute
from qiskit.tools.monitor import job_monitor

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_quito")

ghz = QuantumCircuit(3)
ghz.h(0)
ghz.cx(0, 1)
ghz.cx(1, 2)
ghz.measure_all()

job = execute(ghz, backend, shots=1024, job_name="exercise-1")
job_monitor(job)
print("Job", job.job_id(), "of", job.name())
print(job.result().get_counts())
print("My jobs:", [old.name() for old in backend.jobs()])
