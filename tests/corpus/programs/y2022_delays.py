# 2022: relaxation with delays; a delay that the device refuses.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibm_oslo")
t1 = backend.properties().t1(0)
dt = backend.configuration().dt


def relaxation(duration):
    qc = QuantumCircuit(1, 1, name="t1")
    qc.x(0)
    qc.barrier(0)
    qc.delay(duration, 0, unit="dt")
    qc.barrier(0)
    qc.measure(0, 0)
    return qc


steps = [int(np.round(fraction * t1 / dt / 16)) * 16 for fraction in (0, 0.5, 1)]
circuits = [relaxation(duration) for duration in steps]
result = backend.run(transpile(circuits, backend, initial_layout=[0]), shots=4000).result()
ones = [result.get_counts(k).get("1", 0) / 4000 for k in range(3)]
print("decays", ones[0] > ones[1] > ones[2], "1/e", abs(ones[2] / ones[0] - np.exp(-1)) < 0.08)
job = backend.run(relaxation(8), shots=100)
job.wait_for_final_state()
print(job.status().name, "8043" in job.error_message())
