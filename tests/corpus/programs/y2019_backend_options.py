# 2019: options of the simulator in a dictionary of their own.
from qiskit import Aer, IBMQ, QuantumCircuit, execute
from qiskit.providers.aer import QasmSimulator, noise
from qiskit.compiler import assemble, transpile

n = 30
ghz = QuantumCircuit(n, n)
ghz.h(0)
for k in range(n - 1):
    ghz.cx(k, k + 1)
ghz.measure(range(n), range(n))
simulator = Aer.get_backend("qasm_simulator")
result = execute(ghz, simulator, shots=200, backend_options={"method": "stabilizer"}).result()
print(sorted(set(result.get_counts())) == ["0" * n, "1" * n], result.results[0].metadata["method"])
result = (
    QasmSimulator()
    .run(
        assemble(transpile(ghz, simulator), simulator, shots=100),
        backend_options={"method": "matrix_product_state"},
    )
    .result()
)
print(sum(result.get_counts().values()), result.results[0].metadata["method"])

provider = IBMQ.load_account()
device = provider.get_backend("ibmq_ourense")
properties = device.properties()
coupling_map = device.configuration().coupling_map
noise_model = (
    noise.device.basic_device_noise_model(properties)
    if hasattr(noise, "device") and hasattr(noise.device, "basic_device_noise_model")
    else noise.NoiseModel.from_backend(properties)
)
bell = QuantumCircuit(2, 2)
bell.h(0)
bell.cx(0, 1)
bell.measure([0, 1], [0, 1])
job = execute(
    bell,
    simulator,
    noise_model=noise_model,
    coupling_map=coupling_map,
    basis_gates=noise_model.basis_gates,
    backend_options={"max_parallel_threads": 1, "method": "density_matrix"},
    shots=1000,
)
print(job.result().get_counts())
print(execute(bell, device, shots=1000).result().get_counts())
