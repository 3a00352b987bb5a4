# 2020: correcting the readout with calibration circuits.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, QuantumRegister, execute
from qiskit.result import marginal_counts
from qiskit.utils.mitigation import complete_meas_cal, CompleteMeasFitter

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_lima")
qr = QuantumRegister(2)
meas_calibs, state_labels = complete_meas_cal(qr=qr, circlabel="mcal")
cal_results = execute(meas_calibs, backend=backend, shots=4000, optimization_level=0).result()
meas_fitter = CompleteMeasFitter(cal_results, state_labels, circlabel="mcal")
matrix = meas_fitter.cal_matrix
print(matrix.shape, np.allclose(matrix.sum(axis=0), 1))
print("fidelity plausible:", 0.8 < meas_fitter.readout_fidelity() < 1)
ghz = QuantumCircuit(2, 2)
ghz.h(0)
ghz.cx(0, 1)
ghz.measure([0, 1], [0, 1])
results = execute(ghz, backend=backend, shots=4000).result()
noisy = results.get_counts()
mitigated = meas_fitter.filter.apply(results).get_counts(0)
good = lambda counts: (counts.get("00", 0) + counts.get("11", 0)) / sum(counts.values())
print(noisy)
print("better:", good(mitigated) > good(noisy))
print(sum(marginal_counts(noisy, indices=[0]).values()))
