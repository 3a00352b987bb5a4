# early 2020: pulses called with a channel, samples instead of shapes.
import numpy as np
from qiskit import IBMQ, pulse, assemble
from qiskit.pulse.commands import Gaussian, Drag, GaussianSquare, ConstantPulse
from qiskit.pulse.commands import SamplePulse, Snapshot, Delay, AcquireInstruction
from qiskit.pulse import pulse_lib
import qiskit.pulse.pulse_lib as plib
from qiskit.scheduler import measure_all

provider = IBMQ.load_account()
backend = provider.get_backend(open_pulse=True, simulator=False)
print(backend.name())
inst_map = backend.defaults().circuit_instruction_map
x_gate = inst_map.get("u3", [0], P0=np.pi, P1=0, P2=np.pi)
print(x_gate.duration > 0, inst_map.has("measure", [0]))
drive = pulse.DriveChannel(0)
for shape in (
    pulse_lib.drag(duration=128, amp=0.2, sigma=32, beta=0.5),
    plib.gaussian_square(256, 0.1, 20, 40),
    pulse_lib.constant(64, 0.3),
    SamplePulse(np.full(32, 0.1)),
):
    print(shape.duration, round(float(np.max(np.abs(shape.samples))), 2))
program = pulse.Schedule(name="pi")
program += x_gate
program += measure_all(backend) << program.duration
job = backend.run(assemble(program, backend, meas_level=2, meas_return="single", shots=500))
print(job.result().get_counts())
