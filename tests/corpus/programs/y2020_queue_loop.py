# 2020: a script that waits by itself.
import sys
import time
from datetime import datetime, timedelta
from qiskit import QuantumCircuit, IBMQ, execute
from qiskit.providers import JobStatus
from qiskit.providers.ibmq import least_busy


def get_backend(provider, nqubits):
    devices = provider.backends(n_qubits=nqubits, simulator=False, operational=True)
    for device in sorted(devices, key=lambda d: d.name()):
        status = device.status()
        print(device, status.pending_jobs, status.status_msg)
    return least_busy(devices)


def main():
    if not IBMQ.active_account():
        IBMQ.load_account()
    provider = IBMQ.get_provider(hub="ibm-q")
    backend = get_backend(provider, 7)
    qc = QuantumCircuit(2)
    qc.h(0)
    qc.cx(0, 1)
    qc.measure_all()
    job = execute(qc, backend, shots=256)
    start = time.time()
    while job.status() not in (JobStatus.DONE, JobStatus.CANCELLED, JobStatus.ERROR):
        if time.time() - start > 300:
            job.cancel()
        time.sleep(0.2)
    if job.status() is not JobStatus.DONE:
        print(job.error_message())
        return 1
    while not job.done():
        pass
    recent = backend.jobs(start_datetime=datetime.now() - timedelta(hours=1), limit=None)
    print(job.job_id() in [each.job_id() for each in recent])
    print(job.result().get_counts())
    return 0


if __name__ == "__main__":
    sys.exit(main())
