# 2020: unroll to u3 and cx before counting gates; a pass manager of one's own.
from qiskit import *
from qiskit.transpiler import PassManager, CouplingMap
from qiskit.transpiler.passes import (
    Unroller,
    Optimize1qGates,
    CXCancellation,
    BasicSwap,
    CXDirection,
)
from qiskit.transpiler.passes import (
    TrivialLayout,
    FullAncillaAllocation,
    EnlargeWithAncilla,
    ApplyLayout,
)

qc = QuantumCircuit(3, 3)
qc.h(0)
qc.ccx(0, 1, 2)
qc.swap(1, 2)
qc.cz(0, 2)
qc.x(1)
qc.measure(range(3), range(3))
unrolled = PassManager(Unroller(["u3", "cx"])).run(qc)
print({name: 0 for name in unrolled.count_ops() if name != "measure"})
print(unrolled.count_ops()["cx"])

provider = IBMQ.load_account()
backend = provider.get_backend("ibmqx2")
coupling = CouplingMap(backend.configuration().coupling_map)
pm = PassManager()
pm.append(Unroller(["u1", "u2", "u3", "cx", "id"]))
pm.append(
    [TrivialLayout(coupling), FullAncillaAllocation(coupling), EnlargeWithAncilla(), ApplyLayout()]
)
pm.append(BasicSwap(coupling))
pm.append(Unroller(["u1", "u2", "u3", "cx", "id"]))
pm.append([CXDirection(coupling), CXCancellation(), Optimize1qGates()])
mapped = pm.run(qc)
print(set(mapped.count_ops()) <= {"u1", "u2", "u3", "cx", "measure"})
print(
    execute(qc, provider.get_backend("ibmq_qasm_simulator"), pass_manager=pm, shots=400)
    .result()
    .get_counts()
)
result = execute(mapped, backend, shots=2000, optimization_level=0).result()
counts = result.get_counts()
print(
    counts.get("100", 0) + counts.get("010", 0) + counts.get("011", 0) + counts.get("110", 0) > 900,
    sum(counts.values()),
)
