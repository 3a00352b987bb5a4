# 2021: circuits straight to run(), results by index, name and object.
from qiskit import QuantumCircuit, IBMQ, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_quito")
zero = QuantumCircuit(1, name="zero")
zero.measure_all()
one = QuantumCircuit(1, name="one", metadata={"prepared": 1})
one.x(0)
one.measure_all()
job = backend.run(
    transpile([zero, one], backend), shots=1000, job_name="list", header={"series": 7}
)
result = job.result()
print(result.get_counts(0), result.get_counts("one"))
print(result.get_counts(one) == result.get_counts(1))
print(result.results[1].header.metadata, result.results[1].shots, job.header().get("series"))
print([circuit.name for circuit in job.circuits()], job.backend_options()["shots"])
print(result.results[0].data.counts.keys() <= {"0x0", "0x1"}, result.get_counts(0).int_outcomes())
single = backend.run(transpile(one, backend))
print(sum(single.result().get_counts().values()))
print(job.client_version.keys() >= {"ibmq-backend"} or job.client_version)
