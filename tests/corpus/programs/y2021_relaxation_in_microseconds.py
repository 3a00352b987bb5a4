# 2021: T1 with delays in microseconds, straight through execute().
import numpy as np
from qiskit import IBMQ, QuantumCircuit, execute, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_lima")
t1 = backend.properties().t1(0) * 1e6
circuits = []
for delay in (0, 0.5 * t1, t1):
    qc = QuantumCircuit(1, 1)
    qc.x(0)
    qc.delay(delay, 0, unit="us")
    qc.measure(0, 0)
    circuits.append(qc)
result = execute(circuits, backend, shots=4000, initial_layout=[0]).result()
ones = [result.get_counts(k).get("1", 0) / 4000 for k in range(3)]
print("decays", ones[0] > ones[1] > ones[2], "1/e", abs(ones[2] / ones[0] - np.exp(-1)) < 0.08)
scheduled = transpile(circuits[1], backend, initial_layout=[0], scheduling_method="alap")
print(abs(backend.run(scheduled, shots=4000).result().get_counts().get("1", 0) / 4000 - ones[1]) < 0.06)
