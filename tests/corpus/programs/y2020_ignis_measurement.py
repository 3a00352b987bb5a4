# 2020, textbook style: readout errors corrected with ignis, on a noise model and on a device.
from qiskit import QuantumCircuit, QuantumRegister, Aer, execute, IBMQ
from qiskit.ignis.mitigation.measurement import (
    complete_meas_cal,
    tensored_meas_cal,
    CompleteMeasFitter,
    TensoredMeasFitter,
)
from qiskit.providers.aer.noise import NoiseModel
from qiskit.providers.aer.noise.errors import pauli_error


def get_noise(p):
    error_meas = pauli_error([("X", p), ("I", 1 - p)])
    noise_model = NoiseModel()
    noise_model.add_all_qubit_quantum_error(error_meas, "measure")
    return noise_model


qr = QuantumRegister(2)
meas_calibs, state_labels = complete_meas_cal(qr=qr, circlabel="mcal")
print(state_labels)
ghz = QuantumCircuit(2, 2)
ghz.h(0)
ghz.cx(0, 1)
ghz.measure([0, 1], [0, 1])


def good(counts):
    return (counts.get("00", 0) + counts.get("11", 0)) / sum(counts.values())


backend = Aer.get_backend("qasm_simulator")
noise_model = get_noise(0.1)
cal_results = execute(meas_calibs, backend=backend, shots=8000, noise_model=noise_model).result()
meas_fitter = CompleteMeasFitter(cal_results, state_labels, circlabel="mcal")
results = execute(ghz, backend=backend, shots=8000, noise_model=noise_model).result()
mitigated_counts = meas_fitter.filter.apply(results).get_counts(0)
print("noise model", good(results.get_counts()) < 0.87, good(mitigated_counts) > 0.96)

provider = IBMQ.load_account()
device = provider.get_backend("ibmqx2")
job = execute(meas_calibs + [ghz], device, shots=8000, initial_layout=[0, 1])
fitter = CompleteMeasFitter(job.result(), state_labels, circlabel="mcal")
print("readout fidelity", 0.8 < fitter.readout_fidelity() < 1)
raw = job.result().get_counts(ghz)
better = fitter.filter.apply(raw, method="least_squares")
print("device", good(better) > good(raw))

calibrations, mit_pattern = tensored_meas_cal([[0], [1]], qr=qr, circlabel="mcal")
tensored_results = execute(calibrations, device, shots=8000, initial_layout=[0, 1]).result()
tensored = TensoredMeasFitter(tensored_results, mit_pattern=mit_pattern)
print("tensored", [m.shape for m in tensored.cal_matrices])
print("tensored", good(tensored.filter.apply(raw)) > good(raw))
