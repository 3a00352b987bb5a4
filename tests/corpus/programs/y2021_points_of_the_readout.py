# 2021: where zero and one lie in the IQ plane, and a line between them.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, assemble, schedule, transpile

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
backend = provider.get_backend("ibmq_armonk")
zero = QuantumCircuit(1, 1, name="zero")
zero.measure(0, 0)
one = QuantumCircuit(1, 1, name="one")
one.x(0)
one.measure(0, 0)
schedules = [schedule(transpile(c, backend), backend) for c in (zero, one)]
program = assemble(schedules, backend, meas_level=1, meas_return="single", shots=500)
result = backend.run(program).result()
points = [result.get_memory(k)[:, 0] for k in range(2)]
print([p.shape for p in points])
means = [p.mean() for p in points]
direction = (means[1] - means[0]) / abs(means[1] - means[0])
middle = (means[0] + means[1]) / 2
above = [((p - middle) * np.conj(direction)).real > 0 for p in points]
print("separated", np.mean(above[0]) < 0.2, np.mean(above[1]) > 0.8)
