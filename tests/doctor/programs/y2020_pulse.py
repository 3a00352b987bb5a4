# 2020: the pulse chapter of the textbook, before and after SamplePulse.
import numpy as np
from scipy.optimize import curve_fit
from qiskit import IBMQ, pulse, schedule
from qiskit.pulse import Play, SamplePulse, DriveChannel, pulse_lib
from qiskit.pulse.commands import FrameChange
from qiskit.providers.aer import PulseSimulator
from qiskit.providers.aer.pulse import PulseSystemModel
from qiskit.tools.jupyter import *
from qiskit.providers.ibmq.managed import IBMQJobManager

provider = IBMQ.load_account()
backend = provider.get_backend('ibmq_armonk')
defaults = backend.defaults()
inst_sched_map = defaults.instruction_schedule_map
measure = inst_sched_map.get('measure', qubits=[0])
drive = pulse.Gaussian(duration=160, amp=0.1, sigma=40)
sched = pulse.Schedule(name='x')
sched += Play(drive, DriveChannel(0))
sched |= measure << sched.duration
job = backend.run(sched, meas_level=1, shots=100)
spectrum = np.asscalar(np.array([1.0]))
other = provider.get_backend('ibmq_almaden')
