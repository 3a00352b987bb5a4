# 2022: devices and simulators by what they take.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.providers.ibmq import least_busy

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q", group="open", project="main")
both = provider.backends(input_allowed=["job", "runtime"])
job_only = provider.backends(input_allowed="job")
runtime = provider.backends(filters=lambda b: "runtime" in b.configuration().input_allowed)
print(len(both) > 0, set(both) <= set(job_only), set(both) <= set(runtime))
backend = least_busy(
    provider.backends(
        input_allowed="job",
        min_num_qubits=5,
        filters=lambda b: not b.configuration().simulator and b.configuration().n_qubits == 7,
        operational=True,
    )
)
print(backend.configuration().n_qubits, "job" in backend.configuration().input_allowed)
qc = QuantumCircuit(2)
qc.h(0)
qc.cx(0, 1)
qc.measure_all()
print(backend.run(transpile(qc, backend, optimization_level=3), shots=1000).result().get_counts())
