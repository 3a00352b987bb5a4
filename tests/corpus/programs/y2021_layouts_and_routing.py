# 2021: comparing layouts for a GHZ state on a large device.
from qiskit import IBMQ, QuantumCircuit, transpile
from qiskit.converters import circuit_to_dag
from qiskit.transpiler import CouplingMap, PassManager
from qiskit.transpiler.passes import BasisTranslator, NoiseAdaptiveLayout, Unroller
from qiskit.transpiler.preset_passmanagers import generate_preset_pass_manager, level_1_pass_manager
from qiskit.transpiler.passmanager_config import PassManagerConfig

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_johannesburg")
ghz = QuantumCircuit(4, 4)
ghz.h(0)
for k in range(3):
    ghz.cx(0, k + 1)
ghz.measure(range(4), range(4))
for layout in ("trivial", "dense", "noise_adaptive", "sabre"):
    mapped = transpile(
        ghz,
        backend,
        layout_method=layout,
        routing_method="sabre",
        optimization_level=1,
        seed_transpiler=11,
    )
    print(layout, mapped.count_ops()["cx"] >= 3, mapped.num_qubits)
config = PassManagerConfig.from_backend(backend)
print(level_1_pass_manager(config).run(ghz).num_qubits)
print(CouplingMap(backend.configuration().coupling_map).size())
counts = backend.run(mapped, shots=1000).result().get_counts()
print(sum(counts.values()), counts.get("0000", 0) + counts.get("1111", 0) > 400)
