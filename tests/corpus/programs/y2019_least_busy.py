# 2019, tutorial style: the least busy device that is large enough.
import numpy as np
from qiskit import *
from qiskit.providers.ibmq import least_busy
from qiskit.tools.monitor import job_monitor

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
large_enough = provider.backends(
    filters=lambda x: (
        x.configuration().n_qubits >= 5
        and x.configuration().n_qubits < 10
        and not x.configuration().simulator
        and x.status().operational == True
    )
)
backend = least_busy(large_enough)
print("The best backend is " + backend.name())

circ = QuantumCircuit(3)
circ.h(0)
circ.cx(0, 1)
circ.cx(0, 2)
meas = QuantumCircuit(3, 3)
meas.barrier(range(3))
meas.measure(range(3), range(3))
qc = circ + meas
job_exp = execute(qc, backend, shots=1024, max_credits=3)
job_monitor(job_exp, interval=1)
counts = job_exp.result().get_counts(qc)
print(counts)
print("GHZ fraction ok:", (counts["000"] + counts["111"]) / np.sum(list(counts.values())) > 0.6)
