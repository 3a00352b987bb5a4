# 2022: arguments of the later provider.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.providers.ibmq import least_busy

if IBMQ.active_account() is None:
    provider = IBMQ.load_account()
small_devices = provider.backends(min_num_qubits=5, simulator=False, operational=True)
backend = least_busy(small_devices, reservation_lookahead=None)
print(len(small_devices) > 5, backend in small_devices)
print(provider.backends("ibmq_lima"), provider.backends(name="ibmq_lima", n_qubits=7))
print(len(provider.backends(input_allowed="job")) > 5)
print(
    provider.backends(filters=lambda b: b.configuration().quantum_volume == 32)[0]
    .configuration()
    .quantum_volume
)
print(provider.backends(open_pulse=True, simulator=False)[0].configuration().open_pulse)
print(
    all(len(b.reservations()) == 0 for b in small_devices[:2]), provider.backend.my_reservations()
)
print(sorted(provider.services()), provider.has_service("runtime"))
print([b.name() for b in provider.backends(backend_name="ibmq_lima")])
