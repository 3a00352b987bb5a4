# 2021: "the" device of the open group that takes pulses; spectroscopy by hand.
import numpy as np
from qiskit import IBMQ, pulse
from qiskit.pulse import Gaussian
from qiskit.tools.monitor import job_monitor
from scipy.optimize import curve_fit

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q", group="open", project="main")
backend = provider.get_backend(open_pulse=True, simulator=False)
print(backend.name(), backend.configuration().n_qubits)
dt = backend.configuration().dt
center = backend.defaults().qubit_freq_est[0]
schedules = []
frequencies = center + np.linspace(-12e6, 12e6, 13)
for frequency in frequencies:
    with pulse.build(backend=backend, default_alignment="sequential", name="sweep") as schedule:
        pulse.set_frequency(frequency, pulse.drive_channel(0))
        pulse.play(Gaussian(duration=2000 - 2000 % 16, amp=0.05, sigma=496), pulse.drive_channel(0))
        pulse.measure(qubits=[0], registers=[pulse.MemorySlot(0)])
    schedules.append(schedule)
job = backend.run(schedules, meas_level=1, meas_return="avg", shots=1024)
job_monitor(job)
values = np.array([job.result(timeout=120).get_memory(k)[0] for k in range(len(frequencies))])
response = np.abs(values - values[0])
print("peak within 3 MHz:", abs(frequencies[np.argmax(response)] - center) < 3e6)
