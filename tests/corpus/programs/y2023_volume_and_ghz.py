# 2023: bigger devices by name.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.circuit.library import QuantumVolume

provider = IBMQ.load_account()
for name in ("ibmq_montreal", "ibm_cairo", "ibmq_toronto", "ibmq_mumbai", "ibm_hanoi"):
    backend = provider.get_backend(name)
    print(backend.name(), backend.configuration().n_qubits, len(backend.properties().qubits))
qv = QuantumVolume(3, seed=4).decompose()
qv.measure_all()
backend = provider.get_backend("ibmq_montreal")
job = backend.run(transpile(qv, backend, optimization_level=3, seed_transpiler=2), shots=512)
print(sum(job.result().get_counts().values()))
