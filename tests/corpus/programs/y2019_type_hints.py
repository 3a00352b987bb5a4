# 2019: a small library that takes backends and jobs of any provider.
from typing import List
from qiskit import Aer, BasicAer, IBMQ, QuantumCircuit, execute
from qiskit.providers import BaseBackend, BaseJob, BaseProvider, JobStatus
from qiskit.providers.basebackend import BaseBackend as Backend
from qiskit.providers.baseprovider import BaseProvider as Provider
from qiskit.providers.ibmq import IBMQBackend
from qiskit.providers.ibmq.job import IBMQJob


class Experiment:
    def __init__(self, backend: BaseBackend, shots: int = 256):
        if not isinstance(backend, (BaseBackend, Backend)):
            raise TypeError("not a backend: %r" % backend)
        self.backend = backend
        self.shots = shots
        self.jobs: List[BaseJob] = []

    def run(self, circuit: QuantumCircuit) -> dict:
        job = execute(circuit, self.backend, shots=self.shots)
        assert isinstance(job, BaseJob), type(job)
        self.jobs.append(job)
        assert job.status() in JobStatus
        return job.result().get_counts()


circuit = QuantumCircuit(1, 1)
circuit.iden(0)
circuit.x(0)
circuit.measure(0, 0)
provider = IBMQ.load_account()
print(
    isinstance(provider, BaseProvider), isinstance(Aer.get_backend("qasm_simulator"), BaseBackend)
)
for backend in (
    BasicAer.get_backend("qasm_simulator"),
    Aer.get_backend("qasm_simulator"),
    provider.get_backend("ibmq_ourense"),
):
    experiment = Experiment(backend)
    print(backend.name(), experiment.run(circuit))
    print(issubclass(IBMQBackend, BaseBackend), isinstance(experiment.jobs[0], IBMQJob))
try:
    Experiment("ibmq_ourense")
except TypeError as error:
    print(error)
