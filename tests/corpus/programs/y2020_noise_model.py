# 2020: the noise of a device on the local simulator.
from qiskit import QuantumCircuit, execute, IBMQ, Aer
from qiskit.providers.aer.noise import NoiseModel
from qiskit.providers.aer.noise.device import thermal_relaxation_values, gate_param_values
from qiskit.providers.aer import QasmSimulator

provider = IBMQ.load_account()
device = provider.get_backend("ibmq_vigo")
properties = device.properties()
coupling_map = device.configuration().coupling_map
noise_model = NoiseModel.from_backend(device)
print(noise_model.basis_gates == NoiseModel.from_backend(properties).basis_gates)
basis_gates = noise_model.basis_gates
print(sorted(basis_gates))
print([len(values) for values in thermal_relaxation_values(properties)])
print(len(gate_param_values(properties)) > 4)

qc = QuantumCircuit(3, 3)
qc.h(0)
qc.cx(0, 1)
qc.cx(1, 2)
qc.measure([0, 1, 2], [0, 1, 2])
backend = Aer.get_backend("qasm_simulator")
result = execute(
    qc,
    backend,
    noise_model=noise_model,
    coupling_map=coupling_map,
    basis_gates=basis_gates,
    shots=2000,
    seed_simulator=3,
).result()
print(result.get_counts(0))
simulator = QasmSimulator.from_backend(device)
print(execute(qc, simulator, shots=2000, seed_simulator=5).result().get_counts(qc))
cloud = provider.get_backend("ibmq_qasm_simulator")
noisy = execute(qc, cloud, noise_model=noise_model, basis_gates=basis_gates, shots=2000).result()
print(noisy.get_counts())
