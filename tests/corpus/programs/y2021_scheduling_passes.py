# 2021: delays and dynamical decoupling from the durations of the device.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.circuit.library import XGate
from qiskit.transpiler import InstructionDurations, PassManager
from qiskit.transpiler.passes import ALAPSchedule, DynamicalDecoupling

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_bogota")
durations = InstructionDurations.from_backend(backend)
print(durations.get("cx", [0, 1]) > durations.get("x", 0) > 0)
qc = QuantumCircuit(3)
qc.h(0)
qc.cx(0, 1)
qc.cx(1, 2)
qc.measure_all()
mapped = transpile(qc, backend, initial_layout=[0, 1, 2], seed_transpiler=3)
scheduled = transpile(qc, backend, scheduling_method="alap", initial_layout=[0, 1, 2])
print(scheduled.duration > 0, scheduled.unit)
pm = PassManager([ALAPSchedule(durations), DynamicalDecoupling(durations, [XGate(), XGate()])])
decoupled = pm.run(mapped)
print(decoupled.count_ops().get("delay", 0) > 0)
idle = QuantumCircuit(1, 1)
idle.x(0)
idle.delay(1, 0, unit="us")
idle.barrier()
idle.id(0)
idle.measure(0, 0)
counts = (
    backend.run(transpile(idle, backend, scheduling_method="asap"), shots=400).result().get_counts()
)
print(counts)
