# 2019: choosing physical qubits, shots one by one.
from qiskit import QuantumCircuit, IBMQ, execute
from qiskit.compiler import transpile, assemble
from qiskit.transpiler import CouplingMap

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_ourense")
qc = QuantumCircuit(2, 2)
qc.x(0)
qc.measure([0, 1], [0, 1])
job = execute(
    qc,
    backend,
    shots=100,
    initial_layout=[3, 4],
    optimization_level=3,
    memory=True,
    seed_transpiler=7,
)
result = job.result()
memory = result.get_memory(qc)
print(len(memory), memory[0])
print(result.get_counts(qc))
print(CouplingMap(backend.configuration().coupling_map).distance(0, 4))
mapped = transpile(qc, backend=backend, initial_layout={qc.qubits[0]: 4, qc.qubits[1]: 3})
qobj = assemble(mapped, backend=backend, shots=200, memory=True)
job = backend.run(qobj)
print(len(job.result().get_memory()), job.result().get_counts())
print(job.qobj().config.shots, job.result().backend_name, job.result().success)
