# 2022: the five simulators of the cloud.
from qiskit import IBMQ, QuantumCircuit, transpile

provider = IBMQ.load_account()
ghz = QuantumCircuit(6)
ghz.h(0)
for k in range(5):
    ghz.cx(k, k + 1)
ghz.measure_all()
for name in (
    "ibmq_qasm_simulator",
    "simulator_statevector",
    "simulator_mps",
    "simulator_stabilizer",
    "simulator_extended_stabilizer",
):
    backend = provider.get_backend(name)
    counts = backend.run(transpile(ghz, backend), shots=500).result().get_counts()
    print(name, sorted(counts), sum(counts.values()), backend.configuration().simulator)
