# 2023: a noise model put together from the numbers of a device.
from qiskit import IBMQ, QuantumCircuit, execute, Aer
from qiskit.providers.aer.noise import NoiseModel, ReadoutError, thermal_relaxation_error

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_quito")
props = backend.properties()
model = NoiseModel(basis_gates=backend.configuration().basis_gates)
for q in range(backend.configuration().num_qubits):
    t1, t2 = props.t1(q), min(props.t2(q), 2 * props.t1(q))
    model.add_quantum_error(
        thermal_relaxation_error(t1, t2, props.gate_length("sx", q)), ["sx", "x"], [q]
    )
    p10 = props.qubit_property(q, "prob_meas1_prep0")[0]
    p01 = props.qubit_property(q, "prob_meas0_prep1")[0]
    model.add_readout_error(ReadoutError([[1 - p10, p10], [p01, 1 - p01]]), [q])
qc = QuantumCircuit(5, 5)
qc.x(range(5))
qc.measure(range(5), range(5))
counts = (
    execute(qc, Aer.get_backend("qasm_simulator"), noise_model=model, shots=500)
    .result()
    .get_counts()
)
real = execute(qc, backend, shots=500).result().get_counts()
print(max(counts, key=counts.get), max(real, key=real.get), sum(real.values()))
