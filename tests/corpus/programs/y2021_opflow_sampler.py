# 2021: expectation values with opflow.
from qiskit import IBMQ
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.opflow import CircuitSampler, CircuitStateFn, PauliExpectation, StateFn, Z
from qiskit.utils import QuantumInstance

provider = IBMQ.load_account()
backend = provider.get_backend("simulator_statevector")
theta = Parameter("θ")
circuit = QuantumCircuit(1)
circuit.rx(theta, 0)
measurable = StateFn(Z, is_measurement=True) @ CircuitStateFn(circuit)
expectation = PauliExpectation().convert(measurable)
sampler = CircuitSampler(QuantumInstance(backend, shots=2000)).convert(
    expectation, params={theta: [0.0, 3.14159]}
)
up, down = sampler.eval()
print(up.real > 0.99, down.real < -0.99)
