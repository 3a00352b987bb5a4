# 2021: default options of a backend.
from qiskit import IBMQ, QuantumCircuit, transpile, execute

provider = IBMQ.load_account()
backend = provider.backend.ibmq_ourense
print(backend.options.shots, backend.options.memory)
backend.set_options(shots=321, memory=True)
qc = QuantumCircuit(1)
qc.x(0)
qc.measure_all()
result = backend.run(transpile(qc, backend)).result()
print(result.results[0].shots, len(result.get_memory()))
try:
    backend.set_options(no_such_option=1)
except AttributeError:
    print("no such option")
print(execute(qc, backend, shots=50).result().results[0].shots)
simulator = provider.backend.ibmq_qasm_simulator
simulator.set_options(seed_simulator=11)
counts = [simulator.run(qc, shots=64, seed_simulator=5).result().get_counts() for _ in range(2)]
print(counts[0] == counts[1], backend.version, simulator.configuration().max_shots)
