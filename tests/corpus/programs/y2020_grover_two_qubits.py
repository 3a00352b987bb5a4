# 2020: the one-line imports of a course.
from qiskit import *
from qiskit.visualization import *
from qiskit.tools.monitor import *
import numpy as np

IBMQ.save_account("a1b2" * 32, overwrite=True)
provider = IBMQ.load_account()
device = provider.backends.ibmqx2
qc = QuantumCircuit(2)
for q in [0, 1]:
    qc.h(q)
qc.cz(0, 1)
for q in [0, 1]:
    qc.h(q)
    qc.z(q)
qc.cz(0, 1)
for q in [0, 1]:
    qc.h(q)
qc.measure_all()
job = execute(qc, backend=device, shots=1024, optimization_level=3)
job_monitor(job, interval=2)
answer = job.result().get_counts(qc)
print(answer)
array_to_latex(np.eye(2))
