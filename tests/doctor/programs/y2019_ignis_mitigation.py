# 2019: measurement error mitigation with Ignis.
import matplotlib.pyplot as plt
from qiskit import IBMQ, Aer, QuantumCircuit, QuantumRegister, execute
from qiskit.ignis.mitigation.measurement import (complete_meas_cal, CompleteMeasFitter)
from qiskit.ignis.verification.tomography import state_tomography_circuits, StateTomographyFitter
from qiskit.providers.aer import noise
from qiskit.providers.aer.noise.errors import depolarizing_error
from qiskit.tools.monitor import job_monitor

IBMQ.load_account()
provider = IBMQ.get_provider(hub='ibm-q')
device = provider.get_backend('ibmqx2')
properties = device.properties()
noise_model = noise.device.basic_device_noise_model(properties)
qr = QuantumRegister(3)
cal, labels = complete_meas_cal(qubit_list=[0, 1, 2], qr=qr, circlabel='mcal')
job = execute(cal, device, shots=1000, max_credits=10)
job_monitor(job)
fitter = CompleteMeasFitter(job.result(), labels, circlabel='mcal')
fitter.plot_calibration()
plt.show()
