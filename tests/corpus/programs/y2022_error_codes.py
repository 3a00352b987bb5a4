# 2022: a script that looks up what went wrong by its code.
import re
from qiskit import IBMQ, QuantumCircuit

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_lima")


def code(circuit, **options):
    job = backend.run(circuit, **options)
    job.wait_for_final_state()
    found = re.search(r"code: (\d+)", job.error_message() or "")
    return job.status().name, found.group(1) if found else None


conditional = QuantumCircuit(1, 1)
conditional.measure(0, 0)
conditional.x(0).c_if(0, 1)
conditional.measure(0, 0)
print("conditional", code(conditional))
silent = QuantumCircuit(1, 1)
silent.x(0)
print("nothing measured", code(silent)[0], code(silent)[1] not in ("7006", None))
foreign = QuantumCircuit(1, 1)
foreign.h(0)
foreign.measure(0, 0)
print("not a gate of the device", code(foreign)[0], code(foreign)[1] is not None)
good = QuantumCircuit(1, 1)
good.x(0)
good.measure(0, 0)
print("good", code(good))
