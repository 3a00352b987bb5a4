# 2022: the newer interface of Terra around an old backend.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.providers import BackendV2Converter, convert_to_target
from qiskit.transpiler.preset_passmanagers import generate_preset_pass_manager

provider = IBMQ.load_account()
backend = provider.get_backend("ibm_lagos")
v2 = BackendV2Converter(backend)
print(v2.name, v2.num_qubits, sorted(v2.operation_names)[:3], v2.version)
target = v2.target
print(0 < target["cx"][(0, 1)].error < 0.2, v2.dt, v2.coupling_map.size())
print(v2.qubit_properties(0).t1 > 0)
qc = QuantumCircuit(2)
qc.h(0)
qc.cx(0, 1)
qc.measure_all()
mapped = transpile(qc, v2, seed_transpiler=1)
counts = v2.run(mapped, shots=1024).result().get_counts()
print(counts)
pm = generate_preset_pass_manager(2, backend=backend, seed_transpiler=1)
print(pm.run(qc).num_qubits)
