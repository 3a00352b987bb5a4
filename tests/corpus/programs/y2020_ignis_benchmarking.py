# 2020: randomized benchmarking of one qubit, with a known error.
import numpy as np
import qiskit
import qiskit.ignis.verification.randomized_benchmarking as rb
from qiskit import IBMQ
from qiskit.providers.aer.noise import NoiseModel
from qiskit.providers.aer.noise.errors.standard_errors import depolarizing_error

nCliffs = [1, 20, 60, 120]
nseeds = 2
rb_circs, xdata = rb.randomized_benchmarking_seq(
    nseeds=nseeds, length_vector=nCliffs, rb_pattern=[[0]], rand_seed=5
)
print(len(rb_circs), len(rb_circs[0]), rb_circs[0][0].name)
noise_model = NoiseModel()
p1Q = 0.004
noise_model.add_all_qubit_quantum_error(depolarizing_error(p1Q, 1), "u2")
noise_model.add_all_qubit_quantum_error(depolarizing_error(2 * p1Q, 1), "u3")

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_qasm_simulator")
result_list = []
for rb_seed in rb_circs:
    job = qiskit.execute(
        rb_seed,
        backend=backend,
        shots=1000,
        basis_gates=["u1", "u2", "u3", "cx"],
        noise_model=noise_model,
        optimization_level=0,
    )
    result_list.append(job.result())
rbfit = rb.fitters.RBFitter(result_list, xdata, [[0]])
alpha = rbfit.fit[0]["params"][1]
epc = rbfit.fit[0]["epc"]
print("decays", 0.98 < alpha < 1, "EPC", 0.0005 < epc < 0.01)
gates_per_clifford = rb.rb_utils.gates_per_clifford(
    [
        [qiskit.transpile(c, basis_gates=["u1", "u2", "u3", "cx"]) for c in seed]
        for seed in rb_circs
    ],
    xdata[0],
    ["u1", "u2", "u3", "cx"],
    [0],
)
print("gates per Clifford", {name: 0 for name, number in gates_per_clifford[0].items() if number})
device = provider.get_backend("ibmq_ourense")
survival = qiskit.execute(rb_circs[0], device, shots=1000, optimization_level=0).result()
print([survival.get_counts(c).get("0", 0) > 600 for c in rb_circs[0][:2]])
