# 2019: Qobj in hand, results as dictionaries.
import json
import pprint
from qiskit import QuantumCircuit, IBMQ
from qiskit.compiler import transpile, assemble
from qiskit.qobj import QasmQobj
from qiskit.result import Result

provider = IBMQ.load_account()
backend = provider.backends.ibmq_burlington
circuits = []
for k in range(3):
    circuit = QuantumCircuit(2, 2, name="circuit_%d" % k)
    for _ in range(k):
        circuit.x(0)
    circuit.measure([0, 1], [0, 1])
    circuits.append(circuit)
qobj = assemble(transpile(circuits, backend), backend, shots=512, qobj_id="my-own-id")
print(qobj.qobj_id, len(qobj.experiments), qobj.experiments[1].header.name)
job = backend.run(qobj)
result = job.result()
document = result.to_dict()
print(document["success"], document["status"], document["backend_name"])
print(document["results"][0]["header"]["name"], result.results[0].data.counts)
json.dumps(document, default=str)
again = Result.from_dict(document)
for circuit in circuits:
    print(circuit.name, again.get_counts(circuit.name) == result.get_counts(circuit))
print(result.get_counts("circuit_1"))
print([sum(counts.values()) for counts in result.get_counts()])
print(isinstance(job.qobj(), QasmQobj), job.qobj().qobj_id)
