# 2019: jobs from Qobj documents, checked by their own classes.
import json
from qiskit import QuantumCircuit, IBMQ, BasicAer
from qiskit.compiler import transpile, assemble
from qiskit.qobj import Qobj, QobjHeader, QasmQobjConfig, QobjExperimentHeader
from qiskit.providers import BaseBackend, BaseJob
from qiskit.providers.basejob import BaseJob as SameBaseJob
from qiskit.validation.exceptions import ModelValidationError

IBMQ.load_account()
backend = IBMQ.get_provider().get_backend("ibmq_16_melbourne")
assert isinstance(backend, BaseBackend)
assert SameBaseJob is BaseJob
qc = QuantumCircuit(2, 2, name="from a document")
qc.x(0)
qc.measure([0, 1], [0, 1])
qobj = assemble(transpile(qc, backend), backend, shots=400, qobj_header={"lab": 3})
print(isinstance(qobj, Qobj), isinstance(qobj.config, QasmQobjConfig))
text = json.dumps(qobj.to_dict())
again = Qobj.from_dict(json.loads(text))
print(again == qobj, again.experiments[0].header.name, again.header.lab)
job = backend.run(again)
print(isinstance(job, BaseJob), job.result().header.to_dict())
print(job.result().get_counts("from a document"))
print(issubclass(ModelValidationError, Exception))
local = BasicAer.get_backend("qasm_simulator")
print(local.name(), local.run(assemble(qc, shots=100)).result().get_counts())
