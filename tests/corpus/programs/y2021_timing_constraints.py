# 2021: durations that the device accepts.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, pulse, transpile

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_manila")
config = backend.configuration()
constraints = config.timing_constraints
granularity = constraints["granularity"]
alignment = max(constraints["acquire_alignment"], constraints["pulse_alignment"])
print(sorted(constraints), granularity, alignment % granularity)


def usable(duration):
    step = int(np.lcm(granularity, constraints["acquire_alignment"]))
    return max(constraints["min_length"], int(np.round(duration / step)) * step)


dt = config.dt
print(usable(100e-9 / dt) % 16, backend.configuration().timing_constraints == constraints)
ramsey = []
for microseconds in (1, 2):
    qc = QuantumCircuit(1, 1, name="%d us" % microseconds)
    qc.h(0)
    qc.delay(usable(microseconds * 1e-6 / dt), 0, "dt")
    qc.h(0)
    qc.measure(0, 0)
    ramsey.append(qc)
result = backend.run(transpile(ramsey, backend), shots=1000).result()
print(result.get_counts("1 us"))
names = [b.name() for b in provider.backends(simulator=False, operational=True, n_qubits=7)]
print(
    all(hasattr(provider.get_backend(name).configuration(), "timing_constraints") for name in names)
)
with pulse.build(backend) as schedule:
    with pulse.align_sequential():
        pulse.play(pulse.Gaussian(usable(60e-9 / dt), 0.1, 16), pulse.drive_channel(0))
print(schedule.duration >= constraints["min_length"], schedule.duration % granularity)
