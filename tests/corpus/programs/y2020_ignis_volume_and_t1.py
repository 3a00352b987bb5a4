# 2020: quantum volume of a noise model and the relaxation of a qubit, with ignis.
import numpy as np
import qiskit
from qiskit import Aer, IBMQ
from qiskit.ignis.characterization.coherence import T1Fitter, t1_circuits
import qiskit.ignis.verification.quantum_volume as qv
from qiskit.providers.aer.noise import NoiseModel
from qiskit.providers.aer.noise.errors.standard_errors import thermal_relaxation_error

ntrials = 3
qv_circs, qv_circs_nomeas = qv.qv_circuits([[0, 1, 2]], ntrials, seed=3)
qv_fitter = qv.QVFitter(qubit_lists=[[0, 1, 2]])
provider = IBMQ.load_account()
for trial in range(ntrials):
    statevector = qiskit.execute(
        qv_circs_nomeas[trial], backend=Aer.get_backend("statevector_simulator")
    )
    qv_fitter.add_statevectors(statevector.result())
    job = qiskit.execute(qv_circs[trial], provider.get_backend("ibmq_qasm_simulator"), shots=500)
    qv_fitter.add_data(job.result())
print(
    "heavy outputs",
    0.7
    < np.mean(
        [qv_fitter.heavy_output_prob_ideal["qv_depth_3_trial_%d" % t] for t in range(ntrials)]
    )
    < 0.95,
)
print("trials", qv_fitter.qv_success()[0][0] in (True, False))

num_of_gates = np.array([1, 100, 300, 600])
gate_time = 0.1
circs, xdata = t1_circuits(num_of_gates, gate_time, [0])
noise_model = NoiseModel()
noise_model.add_quantum_error(thermal_relaxation_error(25.0, 40.0, gate_time), "id", [0])
result = qiskit.execute(
    circs,
    Aer.get_backend("qasm_simulator"),
    shots=500,
    noise_model=noise_model,
    optimization_level=0,
    seed_simulator=7,
).result()
fit = T1Fitter(
    result,
    xdata,
    [0],
    fit_p0=[1, 30, 0],
    fit_bounds=([0, 0, -1], [2, 80, 1]),
    time_unit="micro-seconds",
)
print("T1 of 25:", 20 < fit.time()[0] < 31)
