# 2022: numbers out of arrays and tables in every argument.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, transpile, execute
from qiskit.circuit import Parameter, QuantumRegister, Qubit
from qiskit.providers.ibmq import IBMQJobManager

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_lima")
config = np.array([200, 400])
phi = Parameter("phi")
qc = QuantumCircuit(
    1,
    1,
    name=str(np.int64(7)),
    metadata={Qubit(QuantumRegister(1, "q"), 0): "drive", (0, 1): np.float32(0.5)},
)
qc.rx(phi, 0)
qc.measure(0, 0)
mapped = transpile(qc, backend)
job = backend.run(
    mapped.bind_parameters({phi: np.float64(np.pi)}),
    shots=config[0],
    memory=np.bool_(True),
    header={"point": np.int32(3), "grid": np.linspace(0, 1, 3)},
)
print(job.result().get_counts(), len(job.result().get_memory()), job.header()["point"])
print(sorted(job.result().results[0].header.metadata.values(), key=str)[0])
job = backend.run(
    [mapped], parameter_binds=[{phi: np.float64(0)}, {phi: np.pi}], shots=np.int64(300)
)
print(job.result().get_counts(0), job.result().get_counts(1))
simulator = provider.get_backend("ibmq_qasm_simulator")
print(
    execute(
        qc,
        simulator,
        parameter_binds=[{phi: value} for value in np.array([np.pi])],
        shots=config[1],
        seed_simulator=np.int64(5),
    )
    .result()
    .get_counts()
)
circuits = [mapped.bind_parameters({phi: value}) for value in np.linspace(0, np.pi, 4)]
for circuit, value in zip(circuits, np.linspace(0, np.pi, 4)):
    circuit.name = "angle %.2f" % value
    circuit.metadata = {"angle": value, phi: np.complex128(1j), "mask": np.array([True, False])}
job_set = IBMQJobManager().run(
    circuits, backend=simulator, name="angles", max_experiments_per_job=np.int64(2), shots=config[0]
)
results = job_set.results()
print([results.get_counts(k).get("1", 0) for k in (0, 3)], len(job_set.jobs()))
print(len(provider.backends(min_num_qubits=np.int64(20))) > 0, len(backend.jobs(limit=np.int64(2))))
