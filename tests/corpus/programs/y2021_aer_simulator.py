# 2021: the device as a simulator.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.providers.aer import AerSimulator
from qiskit.providers.aer.noise import NoiseModel

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q", group="open", project="main")
for name in ("ibmq_jakarta", "ibmq_guadalupe"):
    backend = provider.get_backend(name)
    simulator = AerSimulator.from_backend(backend)
    qc = QuantumCircuit(3)
    qc.h(0)
    qc.cx(0, 1)
    qc.cx(1, 2)
    qc.measure_all()
    mapped = transpile(qc, simulator, seed_transpiler=2)
    counts = simulator.run(mapped, shots=1000, seed_simulator=9).result().get_counts()
    print(name, counts.get("000", 0) + counts.get("111", 0) > 650)
print(NoiseModel.from_backend(backend).noise_qubits[:2])
print(AerSimulator.from_backend(provider.get_backend("ibmq_vigo")).configuration().n_qubits)
