# 2020: a Rabi experiment with the pulse names of that year.
import numpy as np
from qiskit import IBMQ, assemble, pulse
from qiskit.pulse import pulse_lib, SamplePulse, Schedule, DriveChannel, Play, Acquire
from qiskit.pulse.commands import FrameChange, PersistentValue
from qiskit.scheduler import measure
from qiskit.scheduler.utils import measure as same_measure
from qiskit.tools.monitor import job_monitor
from qiskit.pulse.channels import PulseChannel

IBMQ.load_account()
backend = IBMQ.get_provider(hub="ibm-q", group="open", project="main").get_backend("ibmq_armonk")
config, defaults = backend.configuration(), backend.defaults()
assert measure([0], backend) == same_measure(
    [0], inst_map=defaults.circuit_instruction_map, meas_map=config.meas_map
)
drive = pulse.DriveChannel(0)
sigma, duration = 160, 640
own = SamplePulse(0.1 * np.exp(-(np.linspace(-4, 4, duration) ** 2) / 2), name="own")
print(own.duration, own.name, abs(own.samples[0]) < 0.001)
amplitudes = np.linspace(0, 0.9, 16)
schedules = []
for amp in amplitudes:
    rabi_pulse = pulse_lib.gaussian(duration=duration, amp=amp, sigma=sigma, name="rabi_%.2f" % amp)
    schedule = Schedule(name="Rabi %.2f" % amp)
    schedule |= Play(rabi_pulse, drive)
    schedule |= measure([0], backend) << schedule.duration
    schedules.append(schedule)
figure = schedules[-1].draw(label=True)
print(type(figure).__name__)
program = assemble(schedules, backend=backend, meas_level=1, meas_return="avg", shots=512)
job = backend.run(program)
job_monitor(job)
values = np.array([job.result().get_memory(k)[0] for k in range(len(amplitudes))])
print(values.shape, np.iscomplexobj(values))
signal = np.abs(values - values[0])
swing = signal.max()
ups = sum(1 for a, b in zip(signal[:-1] > swing / 2, signal[1:] > swing / 2) if a != b)
print("oscillates", ups >= 2)
